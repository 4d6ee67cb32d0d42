#!/bin/bash
# soak.sh BIN [SECONDS]: the proxy's tests, round after round in random order for SECONDS (60). Of a
# build with sanitizers: what leaks, races for an object's life or runs out shows in some round.
set -euo pipefail
bin=$(realpath "$1")
end=$((SECONDS + ${2:-60}))
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for ((round = 1; ; round++)); do
  seed=$RANDOM
  for test in proxy_test resolver_test; do
    # Without descriptors UBSan cannot look at objects: it does so through a pipe.
    if ! "$bin/$test" --order-by=rand --rand-seed="$seed" \
      -tce='*descriptors are out*,*whose sending has not begun' >"$log" 2>&1; then
      cat "$log"
      echo "soak: round $round of $test failed; its order was of --order-by=rand --rand-seed=$seed"
      exit 1
    fi
  done
  [ "$SECONDS" -lt "$end" ] || break
done
echo "soak: $round rounds in $SECONDS s, nothing found"
