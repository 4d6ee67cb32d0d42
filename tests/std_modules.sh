#!/bin/bash
# std_modules.sh BIN: each built-in module does what it is for, on both targets: the policies of
# tests/std/ use them, and what they and the modules expect holds.
set -euo pipefail
srtc=$(realpath "$1")/srtc
policies=$(realpath "$(dirname "$0")")/std
export HOME=/home/user
values=(--param cwd=/home/user/work/project)
failed=0
fail() {
  echo "std_modules: $*"
  failed=1
}

for name in $("$srtc" std | cut -d' ' -f1); do
  policy=$policies/${name#std.}.srt
  if [ ! -e "$policy" ]; then
    fail "no policy in tests/std/ is for $name"
    continue
  fi
  extra=()
  [ "$name" != std.ssh-agent ] || extra=(--param env.SSH_AUTH_SOCK=/run/user/1000/agent.sock)
  "$srtc" test "$policy" "${values[@]}" "${extra[@]}" || fail "$name does not do what is expected"
  case $name in
    # Part of every policy: a policy may take any of it back, and is not to be told of it.
    std.world | std.self) continue ;;
    # Limited to what exists, by which no `expect deny` is met.
    std.protect)
      for path in ~/.bashrc ~/.zshrc ~/.gitconfig .git/hooks/pre-commit .git/config .mcp.json \
        .vscode/tasks.json sub/.git/hooks/x .claude/commands/x; do
        said=$("$srtc" explain "$policy" write "$path" "${values[@]}" || true)
        [ "${said%%$'\n'*}" = "deny (existing)" ] || fail "$name: write $path: $said"
      done
      continue
      ;;
  esac
  grep -q "^use $name\$" "$policy" || fail "tests/std/ has no use of $name"
  "$srtc" std "$name" | grep -q 'expect ' || fail "$name expects nothing"
done
exit "$failed"
