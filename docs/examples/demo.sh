#!/bin/bash
# demo.sh BIN: compiles agent.srt, the policy beside this script, with the programs in BIN and shows
# what a program under it can and cannot do. Needs nothing outside this machine: the servers that it
# talks to are started here, on loopback. Fails when anything comes out otherwise than shown.
set -euo pipefail
if [ $# -ne 1 ] || [ ! -x "$1/srt-run" ]; then
  echo "usage: demo.sh BIN, where BIN is the folder with srtc and srt-run" >&2
  exit 2
fi
bin=$(realpath "$1")
examples=$(realpath "$(dirname "$0")")

work=$(mktemp -d)
servers=()
# shellcheck disable=SC2317 # the trap calls it
cleanup() {
  if [ ${#servers[@]} -gt 0 ]; then kill "${servers[@]}" 2>/dev/null || true; fi
  wait
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

serve() { # PORT: serves $work/site there; returns when it does
  python3 -u -m http.server --bind 127.0.0.1 --directory "$work/site" "$1" >"$work/server-$1" 2>&1 &
  servers+=($!)
  local waited
  for ((waited = 0; waited < 200; waited++)); do
    if grep -q '^Serving HTTP' "$work/server-$1"; then return; fi
    if ! kill -0 "${servers[-1]}" 2>/dev/null; then break; fi
    sleep 0.05
  done
  if grep -q 'Address already in use' "$work/server-$1"; then
    echo "demo: port $1 is in use; stop what listens there and try again" >&2
  else
    echo "demo: no server on port $1: $(tail -n 1 "$work/server-$1")" >&2
  fi
  exit 1
}

# A person with secrets, and a project with some of its own.
export HOME=$work/home
mkdir -p "$HOME/.ssh" "$work/project/.git/hooks" "$work/site"
echo 'not a real key' >"$HOME/.ssh/id_ed25519"
echo 'TOKEN=not-a-real-token' >"$work/project/.env"
echo 'hello from the development server' >"$work/site/index.html"
for port in 8080 8081; do serve "$port"; done # the ports that agent.srt names
unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY

echo 'The policy of a coding agent, for Linux and macOS:'
echo "  \$ srtc agent.srt -o agent.srtb -o agent.sb"
cp "$examples/agent.srt" "$work"
if ! (cd "$work" && "$bin/srtc" agent.srt -o agent.srtb -o agent.sb 2>messages); then
  cat "$work/messages" >&2
  exit 1
fi
grep -E '^[^ ]+: (note|warning): ' "$work/messages" | sed 's/^/  | /' || true
printf '  %s bytes of bundle, %s bytes of Seatbelt profile\n' \
  "$(stat -c %s "$work/agent.srtb")" "$(stat -c %s "$work/agent.sb")"

cd "$work/project"
wrong=0
try() { # allowed|refused WHAT COMMAND
  local expected=$1 what=$2 outcome=allowed
  "$bin/srt-run" --report "$work/report" "$work/agent.srtb" sh -c "$3" >"$work/output" 2>&1 ||
    outcome=refused
  printf '\n%-8s %s\n  $ %s\n' "$outcome" "$what" "$3"
  sed -n "1,3{s#$work#…#g;s/^/  | /p}" "$work/output"
  if [ "$outcome" != "$expected" ]; then
    echo "demo: this should have been $expected" >&2
    wrong=1
  fi
}

printf '\nEach of these runs under it, in a project (srt-run agent.srtb sh -c ...):\n'
try allowed 'read a file of the system' 'head -n 1 /etc/os-release'
try refused 'read a private key' 'cat ~/.ssh/id_ed25519'
try refused 'read secrets of the project' 'cat .env'
try allowed 'write in the project' 'echo "int main() {}" >main.c && ls main.c'
try refused 'write beside the project' 'echo x >../elsewhere'
try refused 'plant a hook that would run outside later' 'echo x >.git/hooks/pre-commit'
try refused 'move the hooks aside to plant one' 'mv .git moved'
try allowed 'use a temporary file' "f=\$(mktemp) && echo x >\"\$f\" && rm \"\$f\" && echo done"
try allowed 'reach the development server' 'curl -sS http://localhost:8080/'
try refused 'reach another port of this machine' 'curl -sS http://localhost:8081/'
try refused 'ask the proxy for it' \
  "curl -sS --fail-with-body --noproxy '' http://localhost:8081/"
try refused 'reach any other host' 'curl -sS --fail-with-body http://example.com/'
try refused 'go around the proxy' "curl -sS --noproxy '*' --max-time 5 http://192.0.2.1/"

printf '\nThe report (srt-run --report FILE) names what was refused, and the line of the policy:\n'
sed 's/"time":"[^"]*",//; s/^/  | /' "$work/report"

if [ "$wrong" -eq 0 ]; then printf '\nAll of it came out as the policy says.\n'; fi
exit "$wrong"
