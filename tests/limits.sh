#!/bin/bash
# limits.sh SRTC: what is no policy and only large is refused with one clear error, within a second.
set -euo pipefail
srtc=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Of processor time, which other programs on this machine do not lengthen.
seconds=1
failed=0

# refused NAME INPUT: by an error that is not longer than a screen.
refused() {
  local name=$1 status=0 errors
  (ulimit -t "$seconds" && exec "$srtc" "$2" -o out.srtb) >stdout 2>stderr || status=$?
  errors=$(grep -c ': error: ' stderr || true)
  if [ "$status" -eq 1 ] && [ "$errors" -eq 1 ] && [ "$(wc -c <stderr)" -le 2000 ] &&
    [ ! -s stdout ] && [ ! -e out.srtb ]; then
    return
  fi
  failed=1
  echo "FAILED $name: status $status, $errors errors, $(wc -c <stderr) bytes of messages"
  head -c 400 stderr
}

repeat() { # TEXT COUNT
  python3 -c 'import sys; sys.stdout.write(sys.argv[1] * int(sys.argv[2]))' "$1" "$2"
}

# Ten megabytes that a generator of random numbers with a fixed seed made.
garbage() { # BEGIN
  printf '%s' "$1"
  python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(1).randbytes(10_000_000))'
}

garbage '' >garbage.srt
garbage '{' >garbage.json
repeat 'x' 10000000 >words.srt
repeat '[' 10000000 >lists.json
for file in garbage.srt garbage.json words.srt lists.json; do refused "10 MB: $file" "$file"; done

for bracket in '{' '[' '(' '{ ' '{"a":'; do
  repeat "$bracket" 200000 >alone
  refused "200,000 \`$bracket\`" alone
  { printf 'deny read /' && repeat "$bracket" 200000; } >brackets.srt
  refused "200,000 \`$bracket\` in a pattern" brackets.srt
  { printf '{"filesystem": ' && repeat "$bracket" 200000; } >brackets.json
  refused "200,000 \`$bracket\` in settings" brackets.json
done

line() { repeat "$1" $((1000000 / ${#1})); }
line 'x' >line.srt
refused "1 MB in a line: a word" line.srt
{ printf 'deny read /' && line 'a'; } >line.srt
refused "1 MB in a line: a pattern" line.srt
{ printf 'deny read "' && line 'a'; } >line.srt
refused "1 MB in a line: a quote" line.srt
{ printf 'deny read /a because ' && line '\"'; } >line.srt
refused "1 MB in a line: escapes" line.srt
{ printf 'deny read /' && line '{a,b}'; } >line.srt
refused "1 MB in a line: braces" line.srt
{ printf 'deny read /' && line '*'; } >line.srt
refused "1 MB in a line: stars" line.srt
{ printf 'allow connect ' && line 'a.'; } >line.srt
refused "1 MB in a line: a host" line.srt
{ printf '{"filesystem": {"denyRead": ["/' && line 'a' && printf '"]}}'; } >line.json
refused "1 MB in a line: a path of settings" line.json
{ printf '{"' && line 'a' && printf '": 1}'; } >line.json
refused "1 MB in a line: a key" line.json
{ printf '{"filesystem": {"denyRead": ' && line '1' && printf '}}'; } >line.json
refused "1 MB in a line: a number" line.json
{ printf '{"network": {"allowedDomains": ["' && line 'a.' && printf '"]}}'; } >line.json
refused "1 MB in a line: a domain" line.json
{ printf '{"filesystem": "' && line '\u00e9'; } >line.json
refused "1 MB in a line: escapes of a text" line.json

[ "$failed" -eq 0 ] && echo "limits: all refused with one error within ${seconds} s"
