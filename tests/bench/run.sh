#!/bin/bash
# run.sh BIN: what a run costs, beside bubblewrap by hand with the same mounts, in one session.
set -euo pipefail
bin=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo "machine: $(nproc) cores, kernel $(uname -r), $(bwrap --version)"
policy=$(realpath "$bin/../../..")/docs/examples/agent.srt
"$bin/srtc" "$policy" -o agent.srtb 2>/dev/null
# The stand-ins take descriptors that only srt-run opens.
mapfile -t mounts < <("$bin/srtc" "$policy" --emit bwrap 2>/dev/null | grep -vx -e '--disable-userns')
plain=()
for ((i = 0; i < ${#mounts[@]}; i++)); do
  case ${mounts[i]} in
    --perms) i=$((i + 1)) ;;
    --ro-bind-data)
      plain+=(--ro-bind /dev/null "${mounts[i + 2]}")
      i=$((i + 2))
      ;;
    *) plain+=("${mounts[i]}") ;;
  esac
done
printf '%s\0' "${plain[@]}" >args
hyperfine -N --warmup 5 --runs 100 --export-json times.json \
  -n srt-run "$bin/srt-run agent.srtb true" \
  -n bwrap "bash -c 'exec 9<args; exec bwrap --unshare-net --args 9 true'" >/dev/null 2>&1
hyperfine -N --warmup 5 --runs 50 --export-json compile.json \
  -n srtc "$bin/srtc $policy -o out.srtb" >/dev/null 2>&1
python3 - <<'PY'
import json
times = {r["command"]: r["median"] * 1000 for r in json.load(open("times.json"))["results"]}
compile_time = json.load(open("compile.json"))["results"][0]["median"] * 1000
run, bwrap = times["srt-run"], times["bwrap"]
print(f"start to exit of true: srt-run {run:.1f} ms, bwrap by hand {bwrap:.1f} ms, ratio {run / bwrap:.2f}")
print(f"compile agent.srt: {compile_time:.1f} ms")
PY
echo "size of srt-run: $(stat -c %s "$bin/srt-run") bytes"
