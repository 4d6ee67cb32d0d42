#!/bin/bash
# modules_page.sh [--update] BIN: holds docs/modules.md against what `srtc std` says of the modules.
# With --update the page is written instead.
set -euo pipefail
update=
if [ "${1:-}" = --update ]; then
  update=1
  shift
fi
srtc=$(realpath "$1")/srtc
page=$(realpath "$(dirname "$0")/..")/docs/modules.md

page_text() {
  cat <<'EOF'
# The built-in modules

Rules for what many policies have in common, inserted by `use`. `srtc std NAME` prints a module. Except for
`std.base`, which is for `default read deny`, they do no harm where they are not needed. No module opens
a host, and none opens a credential: that is for the policy to say. Each module's `expect` statements are
checked by `srtc test` in every policy that uses it, so that a rule which undoes the module is found; only
`std.protect` has none, since a deny of what exists answers no question about names that may not. A module
that later rules take back as a whole is an error (`overridden-module`).

This page is made from the modules themselves: `tests/modules_page.sh --update build/release/bin`.
EOF
  local name
  for name in $("$srtc" std | cut -d' ' -f1); do
    printf '\n## %s\n\n' "$name"
    # The comment that the module begins with; its first line has the name.
    "$srtc" std "$name" | sed -n '/^#/!q; s/^# \{0,1\}//p' | sed "1s/^$name: \(.\)/\u\1/"
  done
}

if [ -n "$update" ]; then
  page_text >"$page"
else
  diff -u "$page" <(page_text)
fi
