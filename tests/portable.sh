#!/bin/bash
# The files that srt-run is made of on macOS use nothing that only Linux has.
# usage: portable.sh SOURCE...
set -euo pipefail

words='linux/|sys/(epoll|signalfd|prctl|syscall|eventfd|inotify|sendfile|sysmacros|statfs|mount)\.h'
words+='|SOCK_(CLOEXEC|NONBLOCK)|accept4|pipe2|dup3|close_range|MSG_(NOSIGNAL|MORE|CMSG_CLOEXEC)|/proc/'
words+='|memfd_create|O_PATH|O_TMPFILE|IP_PKTINFO|TCP_CORK|SO_DOMAIN|SO_PEERCRED|getdents|statx|st_[acm]tim\b'
words+='|seccomp\.h|execvpe|secure_getenv|strchrnul|get_current_dir_name|program_invocation|renameat2|[^.]splice\('

files=()
for source in "$@"; do
  files+=("$source")
  if [[ -e ${source%.cc}.h ]]; then files+=("${source%.cc}.h"); fi
done
if ((${#files[@]} < 50)); then
  echo "only ${#files[@]} files are named" >&2
  exit 1
fi
if grep -nE "$words" "${files[@]}"; then
  echo "macOS has none of these: they belong in a file named *_linux.cc" >&2
  exit 1
fi
echo "${#files[@]} files use nothing that only Linux has"
