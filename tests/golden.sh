#!/bin/bash
# golden.sh [--update] BIN [CASE…]: runs the cases of golden/ with the programs in BIN.
#
# A case is a folder with a `cmd` file, one command line for sh, run in a copy of the folder. Its
# standard output, standard error and exit status are held against the files `stdout`, `stderr` and
# `status` (a missing one means empty, or 0), and each file that it makes against the one of that
# name. With --update these files are written instead. Without a CASE all are run, and every
# diagnostic that the compiler has must occur in some case.
set -euo pipefail
update=
if [ "${1:-}" = --update ]; then
  update=1
  shift
fi
bin=$(realpath "$1")
shift
top=$(realpath "$(dirname "$0")/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

results=(stdout stderr status)
passed=0 failed=0
check() { # CASE
  local case=$1 run=$work/run file
  rm -rf "$run"
  cp -r "$case" "$run"
  (cd "$run" && rm -f "${results[@]}")
  local status=0
  # Parameters have the same values on every machine.
  (cd "$run" && env -i PATH="$bin:/usr/bin:/bin" HOME=/home/user LC_ALL=C NO_COLOR=1 \
    sh -e ./cmd </dev/null >"$work/stdout" 2>"$work/stderr") || status=$?
  cp "$work/stdout" "$work/stderr" "$run"
  echo "$status" >"$run/status"
  [ -s "$run/stdout" ] || rm "$run/stdout"
  [ -s "$run/stderr" ] || rm "$run/stderr"
  [ "$status" -ne 0 ] || rm "$run/status"
  if [ -n "$update" ]; then
    for file in "${results[@]}"; do rm -f "$case/$file"; done
    cp -r "$run/." "$case"
    passed=$((passed + 1))
  elif diff -ru "$case" "$run" >"$work/diff"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED ${case#"$top"/}"
    sed "s#$run#actual#; s#$top/##" "$work/diff"
  fi
}

missing_diagnostics() {
  local id
  for id in $(sed -n 's/^SRT_DIAGNOSTIC(\([a-z0-9_]*\),.*/\1/p' "$top"/compiler/diag/*.def | tr _ -); do
    grep -qrF --include=stderr "[$id]" "$top/golden" && continue
    printf ' %s' "$id"
  done
}

if [ $# -gt 0 ]; then
  for case in "$@"; do check "$(realpath "$case")"; done
  missing=
else
  while read -r case; do check "$case"; done < <(find "$top/golden" -name cmd -printf '%h\n' | sort)
  missing=$(missing_diagnostics)
fi
echo "golden: $passed passed, $failed failed"
[ -z "$missing" ] || echo "golden: no case shows:$missing"
[ "$failed" -eq 0 ] && [ -z "$missing" ]
