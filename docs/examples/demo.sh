#!/bin/bash
# demo.sh BIN: compiles agent.srt, the policy beside this script, with the programs in BIN and shows
# what a program under it can and cannot do. Needs nothing outside this machine: the servers that it
# talks to are started here, on loopback. Fails when anything comes out otherwise than shown.
set -euo pipefail
bin=$(realpath "$1")
policy=$(realpath "$(dirname "$0")")/agent.srt

work=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
export HOME=$work/home
mkdir -p "$HOME/.ssh" "$work/project/.git/hooks" "$work/site"
echo 'not a real key' >"$HOME/.ssh/id_ed25519"
echo 'TOKEN=not-a-real-token' >"$work/project/.env"
echo 'hello from the development server' >"$work/site/index.html"

for port in 8080 8081; do # the ports that agent.srt names
  python3 -m http.server --bind 127.0.0.1 --directory "$work/site" "$port" >/dev/null 2>"$work/$port" &
  servers+=($!)
  for ((i = 0; i < 100; i++)); do
    if curl -s --noproxy '*' -o /dev/null "http://127.0.0.1:$port/"; then break; fi
    sleep 0.05
  done
  if ! kill -0 "${servers[-1]}" 2>/dev/null; then
    echo "demo: port $port is in use; stop what listens there and try again" >&2
    exit 1
  fi
done

cd "$work/project"
"$bin/srtc" "$policy" -o "$work/agent.srtb" -o "$work/agent.sb"
echo "compiled agent.srt into $(stat -c %s "$work/agent.srtb") bytes of bundle" \
  "and $(stat -c %s "$work/agent.sb") bytes of Seatbelt profile"

wrong=0
try() { # allowed|refused WHAT COMMAND
  local expected=$1 what=$2 outcome=allowed
  "$bin/srt-run" "$work/agent.srtb" sh -c "$3" >"$work/output" 2>&1 || outcome=refused
  printf '\n%-8s %s\n  $ %s\n' "$outcome" "$what" "$3"
  sed -n '1,3s/^/  | /p' "$work/output"
  if [ "$outcome" != "$expected" ]; then
    echo "demo: this should have been $expected" >&2
    wrong=1
  fi
}

try allowed 'read a file of the system' 'head -n 1 /etc/os-release'
try refused 'read a private key' 'cat ~/.ssh/id_ed25519'
try refused 'read secrets of the project' 'cat .env'
try allowed 'write in the project' 'echo "int main() {}" >main.c && ls main.c'
try refused 'write beside the project' 'echo x >../elsewhere'
try refused 'plant a hook that would run outside later' 'echo x >.git/hooks/pre-commit'
try allowed 'use a temporary file' 'f=$(mktemp) && echo x >"$f" && rm "$f" && echo done'
try allowed 'reach the development server' 'curl -sS http://localhost:8080/'
try refused 'reach another port of this machine' 'curl -sS http://localhost:8081/'
try refused 'reach any other host' 'curl -sS --fail-with-body http://example.com/'
try refused 'go around the proxy' "curl -sS --noproxy '*' --max-time 5 http://192.0.2.1/"
exit $wrong
