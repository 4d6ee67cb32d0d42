#!/bin/bash
# What nobody has seen on a Mac yet, as a list of checks for whoever has one. Nothing here has ever
# run on macOS: a check that fails may be wrong itself.
#
# srtc is built on Linux only, so there are two steps:
#
#   on Linux:   docs/check-on-mac.sh pack DIR [SRTC]      compiles the policies of the checks into DIR
#   on the Mac: docs/check-on-mac.sh run DIR SRT-RUN      runs the checks with them
#
# SRT-RUN is made on the Mac by
#
#   brew install cmake ninja flatbuffers fmt asio c-ares doctest
#   cmake -G Ninja -B build/mac && ninja -C build/mac srt-run     # build/mac/bin/srt-run
#
# The checks work in a directory of their own, with it as HOME, and send nothing to the network.
# They print `ok` or `FAIL` and a line each; the status is 1 where one failed. Bash 3.2 is enough.
set -u

usage() {
  sed -n '2,17p' "$0" | sed 's/^# \{0,1\}//' >&2
  exit 2
}

# --- on Linux ---------------------------------------------------------------------------------------

write_policies() {
  cat >"$1/files.srt" <<'POLICY'
policy "files"
allow write ., ~/shared
deny  read  ~/.ssh, ./**/.env
deny  write ./locked, ./.git/hooks
POLICY
  cat >"$1/network.srt" <<'POLICY'
policy "network"
param port: port
allow write .
allow connect localhost:${port}
POLICY
  cat >"$1/closed.srt" <<'POLICY'
policy "closed"
default read deny
use std.base
allow write .
POLICY
  cat >"$1/protect.srt" <<'POLICY'
policy "protect"
allow write .
use std.protect
use std.secrets
POLICY
}

pack() {
  local directory=$1 srtc=${2:-srtc} policy
  mkdir -p "$directory" || exit 1
  write_policies "$directory"
  for policy in "$directory"/*.srt; do
    "$srtc" "$policy" --target macos -o "${policy%.srt}.srtb" -o "${policy%.srt}.sb" || exit 1
  done
  echo "copy $directory to the Mac, and run there: docs/check-on-mac.sh run $directory SRT-RUN"
}

# --- on the Mac -------------------------------------------------------------------------------------

failed=0
passed=0

ok() {
  passed=$((passed + 1))
  printf 'ok    %s\n' "$1"
}

fail() {
  failed=$((failed + 1))
  printf 'FAIL  %s\n' "$1"
  if [ -n "${2:-}" ]; then printf '%s\n' "$2" | sed 's/^/      /'; fi
}

# status WHAT WANTED COMMAND…: the command's exit status is that.
status() {
  local what=$1 wanted=$2 got said
  shift 2
  said=$("$@" 2>&1)
  got=$?
  if [ "$got" = "$wanted" ]; then ok "$what"; else fail "$what" "status $got, not $wanted: $said"; fi
}

# under BUNDLE SCRIPT [OPTION…]: runs a shell script under a bundle.
under() {
  local bundle=$1 script=$2
  shift 2
  "$srt_run" "$@" "$bundles/$bundle.srtb" /bin/bash -c "$script"
}

# can WHAT BUNDLE SCRIPT, cannot WHAT BUNDLE SCRIPT: the script is done, or fails without srt-run or
# sandbox-exec having failed.
can() { status "$1" 0 under "$2" "$3"; }
cannot() {
  local what=$1 got said
  said=$(under "$2" "echo started; $3" 2>&1)
  got=$?
  case $said in
    started*) if [ "$got" != 0 ]; then ok "$what"; else fail "$what" "it was done: $said"; fi ;;
    *) fail "$what" "the command did not start: $said" ;;
  esac
}

check_launch() {
  echo "-- the launch"
  status "the doctor finds all that a launch needs" 0 "$srt_run" --doctor
  local bundle
  for bundle in files network closed protect; do
    local options=()
    if [ "$bundle" = network ]; then options=(--param port=9); fi
    status "the kernel loads the profile of $bundle.srt" 0 \
      under "$bundle" : ${options[@]+"${options[@]}"}
  done
  status "status 0 is passed on" 0 under files 'exit 0'
  status "status 7 is passed on" 7 under files 'exit 7'
  status "status 255 is passed on" 255 under files 'exit 255'
  status "a command that SIGTERM ends gives 143" 143 under files "kill -TERM \$\$"
  status "a command that is not there gives 127" 127 "$srt_run" "$bundles/files.srtb" no-such-command
  status "a directory gives 126" 126 "$srt_run" "$bundles/files.srtb" /usr
  status "the command's TMPDIR can be written" 0 under files "echo x >\"\$TMPDIR/x\""
  # shellcheck disable=SC2016 # for the shell inside
  local inside='[ "$(ls /dev/fd | wc -l)" -le 5 ]'
  status "no other descriptors than the first three are inherited" 0 under files "$inside"
  # What sandbox-exec says when it fails itself passes through: this is to learn the statuses.
  printf '(version 1)\n(nonsense)\n' >bad.sb
  /usr/bin/sandbox-exec -f bad.sb /usr/bin/true >/dev/null 2>&1
  echo "      sandbox-exec ends with $? where it refuses a profile"
  /usr/bin/sandbox-exec -p '(version 1)(allow default)' -- /nowhere >/dev/null 2>&1
  echo "      sandbox-exec ends with $? where it cannot execute the command"
}

check_files() {
  echo "-- files"
  can "what is allowed can be read and written" files 'echo x >made && cat made && rm made'
  can "a second writable place can be written" files 'echo x >~/shared/made && rm ~/shared/made'
  cannot "a place that no rule opens cannot be written" files 'echo x >~/made'
  cannot "a denied file cannot be read" files 'cat ~/.ssh/id'
  cannot "nor listed" files 'ls ~/.ssh'
  cannot "nor in another case (14)" files 'cat ~/.SSH/ID'
  cannot "nor through a link" files 'ln -s ~/.ssh/id link; cat link'
  cannot "nor through a hard link" files 'ln ~/.ssh/id hard && cat hard'
  cannot "a glob's match cannot be read" files 'cat sub/.env'
  cannot "nor made" files 'echo x >sub/new/.env'
  cannot "nor moved to (3)" files 'echo x >plain; mv plain sub/.env2 && mv sub/.env2 sub/.env'
  cannot "a protected file cannot be written" files 'echo x >locked/file'
  cannot "nor removed" files 'rm locked/file'
  cannot "nor moved away (1)" files 'mv locked elsewhere'
  cannot "nor with the directory above it (1)" files 'mv .git elsewhere'
  cannot "nor into another writable place (1)" files 'mv .git ~/shared/git'
  cannot "nothing is made in a protected directory (11)" files 'echo x >.git/hooks/pre-commit'
  cannot "the profiles of runs cannot be written" files 'echo x >~/.cache/srt/runs/x'
  cannot "under a closed default nothing else is read" closed 'cat ~/.ssh/id'
  cannot "the protected names hold" protect 'echo x >.git/hooks/pre-commit'
  (cd /tmp && mkdir -p "srt-check-$$" && cd "srt-check-$$" &&
    can "the working directory in /tmp is written by both spellings" files \
      "echo x >\"/tmp/srt-check-$$/a\" && echo x >\"/private/tmp/srt-check-$$/b\"") || true
  rm -rf "/tmp/srt-check-$$"
  local other_case
  other_case=$(dirname "$PWD")/$(basename "$PWD" | tr '[:lower:]' '[:upper:]')
  if cd "$other_case" 2>/dev/null; then
    can "a working directory spelled in another case is the one on disk (14)" files 'echo x >case'
    cd "$project" || exit 1
  fi
}

check_network() {
  echo "-- network"
  printf 'hello\n' >page
  python3 -m http.server --bind 127.0.0.1 0 >server.log 2>&1 &
  local server=$! port='' tries=0
  while [ -z "$port" ] && [ $tries -lt 50 ]; do
    sleep 0.1
    tries=$((tries + 1))
    port=$(lsof -a -p "$server" -iTCP -sTCP:LISTEN -Fn 2>/dev/null | sed -n 's/^n.*://p' | head -n 1)
  done
  if [ -z "$port" ]; then
    fail "a web server on loopback (python3, lsof)" "$(cat server.log)"
    kill "$server" 2>/dev/null
    return
  fi
  local page=http://localhost:$port/page
  status "an allowed port is reached through the proxy" 0 \
    under network "curl -sSf --noproxy '' $page" --param "port=$port"
  status "and not directly" 7 under network "curl -s --noproxy '*' $page" --param "port=$port"
  status "nor without the token" 22 \
    under network "curl -sf -x \"http://127.0.0.1:\${HTTPS_PROXY##*:}\" --noproxy '' $page" \
    --param "port=$port"
  status "another port is refused by the proxy" 22 \
    under network "curl -sf --noproxy '' http://localhost:1/" --param "port=$port"
  cannot "without a rule there is no network" files "curl -s --noproxy '*' $page"
  cannot "nor are names looked up" files 'dscacheutil -q host -a name example.com | grep -q ip_'
  cannot "no port of loopback is bound" files \
    "python3 -c 'import socket; socket.socket().bind((\"127.0.0.1\", 0))'"
  kill "$server" 2>/dev/null
}

check_escapes() {
  echo "-- ways around"
  cannot "no application is opened (40)" files 'open -g -a TextEdit'
  cannot "no Apple event is sent (40)" files "osascript -e 'tell application \"Finder\" to get name'"
  cannot "unix sockets are not connected to (39)" files \
    'nc -U /var/run/mDNSResponder </dev/null || nc -U /private/var/run/mDNSResponder </dev/null'
  cannot "other processes are not signalled" files "kill -0 $$"
  cannot "the clipboard is not read" files 'pbpaste'
  cannot "the keychain is not listed" files 'security list-keychains'
  cannot "no job is loaded" files 'launchctl list'
  cannot "a profile cannot be left" files "/usr/bin/sandbox-exec -p '(version 1)(allow default)' true"
}

check_life() {
  echo "-- the life of a run"
  local pid runs=$HOME/.cache/srt/runs
  under files "trap 'exit 9' TERM; echo >up; while :; do sleep 0.1; done" &
  pid=$!
  while [ ! -e up ]; do sleep 0.1; done
  kill -TERM "$pid"
  wait "$pid"
  local got=$?
  if [ $got = 9 ]; then ok "SIGTERM is passed on"; else fail "SIGTERM is passed on" "status $got"; fi
  if [ -z "$(find "$runs" -mindepth 1 -type d)" ]; then
    ok "nothing is left of a run"
  else
    fail "nothing is left of a run" "$(find "$runs")"
  fi
  rm -f up
  under files 'echo >up; sleep 3' &
  pid=$!
  while [ ! -e up ]; do sleep 0.1; done
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null
  under files ':'
  if [ -z "$(find "$runs" -mindepth 1 -type d)" ]; then
    ok "the next run removes what one left that was killed"
  else
    fail "the next run removes what one left that was killed" "$(find "$runs")"
  fi
  cat <<'BY_HAND'
      by hand, in a terminal, under `SRT-RUN DIR/files.srtb bash`: Ctrl-C at `cat` ends it and not
      the shell; Ctrl-Z at `less` stops it and `fg` goes on; the window's size arrives in `vi`;
      `SRT-RUN DIR/files.srtb sleep 100`, Ctrl-Z, `fg`, Ctrl-C end with status 130; and whether
        perl -e 'require "sys/ioctl.ph"; ioctl(STDIN, 0x80017472, $_) for split //, "echo typed\n"'
      types into the terminal (TIOCSTI), which docs/security-model.md takes for possible
BY_HAND
}

run() {
  bundles=$(cd "$1" && pwd) || exit 1
  srt_run=$(cd "$(dirname "$2")" && pwd)/$(basename "$2") || exit 1
  [ "$(uname)" = Darwin ] || {
    echo "this is no Mac" >&2
    exit 2
  }
  HOME=$(mktemp -d "${TMPDIR:-/tmp}/srt-check-XXXXXX") || exit 1
  HOME=$(cd "$HOME" && pwd -P)
  export HOME
  unset XDG_CACHE_HOME HTTPS_PROXY https_proxy HTTP_PROXY http_proxy
  project=$HOME/project
  mkdir -p "$HOME/.ssh" "$HOME/shared" "$project/sub/new" "$project/locked" "$project/.git/hooks"
  echo secret >"$HOME/.ssh/id"
  echo secret >"$project/sub/.env"
  echo kept >"$project/locked/file"
  cd "$project" || exit 1
  sw_vers
  check_launch
  check_files
  check_network
  check_escapes
  check_life
  cd / && rm -rf "$HOME"
  echo "$passed checks passed, $failed failed"
  [ "$failed" = 0 ]
}

case ${1:-} in
  pack) if [ $# -ge 2 ]; then pack "$2" "${3:-srtc}"; else usage; fi ;;
  run) if [ $# = 3 ]; then run "$2" "$3"; else usage; fi ;;
  *) usage ;;
esac
