#!/bin/bash
# run.sh FUZZERS BIN [SECONDS]: runs each fuzzer in FUZZERS for SECONDS (12), as many at a time as
# there are processors. What they begin with are tests/fuzz/corpus, the inputs of golden/ and
# docs/examples, and bundles that srtc in BIN makes of those; what they find new is kept below
# FUZZERS/../corpus, and an input that ends one below FUZZERS/../findings, named in the last lines.
set -euo pipefail
fuzzers=$(realpath "$1")
bin=$(realpath "$2")
seconds=${3:-12}
top=$(realpath "$(dirname "$0")/../..")
work=$(dirname "$fuzzers")
cd "$top"

# The runs, with the fuzzer of each: a run has a corpus of its own.
runs=(policy:policy npm-settings:settings rust-settings:settings bundle:bundle host:host
  client-hello:client_hello dns:dns http:http socks:socks)

# seed RUN FILE: a copy of the file under a name that is nobody else's.
seed() { cp "$2" "$work/seeds/$1/$(sha256sum "$2" | cut -c1-16)"; }
rm -rf "$work/seeds" "$work/findings"
for run in "${runs[@]}"; do mkdir -p "$work"/{seeds,corpus,findings}/"${run%:*}"; done
while read -r file; do
  seed policy "$file"
  # Those that are no policies make no bundles.
  "$bin/srtc" "$file" -o "$work/seed.srtb" >"$work/seed.log" 2>&1 && seed bundle "$work/seed.srtb"
done < <(find golden docs/examples -name '*.srt')
for format in npm rust; do
  while read -r file; do seed "$format-settings" "$file"; done \
    < <(find "golden/$format-settings" -name '*.json')
done

# An input takes a millisecond; of one that takes seconds, it is known where they go.
fuzz() { # RUN FUZZER
  local run=$1 dictionary=tests/fuzz/$2.dict log=$work/$1.log status=0
  "$fuzzers/$2_fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
    ${dictionary:+-dict="$dictionary"} -artifact_prefix="$work/findings/$run/" -print_final_stats=1 \
    "$work/corpus/$run" "tests/fuzz/corpus/$run" "$work/seeds/$run" >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    tail -n 60 "$log"
    echo "fuzz $run: FAILED; again with $fuzzers/$2_fuzzer $(ls "$work/findings/$run"/* 2>/dev/null)"
    return 1
  fi
  echo "fuzz $run: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, nothing found"
}
export -f fuzz
export fuzzers seconds work
printf '%s\n' "${runs[@]}" | tr : ' ' | xargs -P "$(nproc)" -L 1 bash -c 'fuzz "$@"' _
