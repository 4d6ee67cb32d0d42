#!/bin/bash
# run.sh BIN: what srt costs, each figure beside its peer in the same session. With PEER=DIR also
# beside the npm package: `npm install --prefix DIR @anthropic-ai/sandbox-runtime`.
set -euo pipefail
bin=$(realpath "$1")
root=$(realpath "$(dirname "$0")/../..")
peer=${PEER:+$(realpath "$PEER")/node_modules/.bin/srt}
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
# The same on every machine, and nobody's cache is touched.
export HOME=$work/home XDG_CACHE_HOME=$work/cache
mkdir -p "$HOME" "$work/project"
cd "$work/project"

# Figures -------------------------------------------------------------------------------------

# row WHAT OURS PEER RATIO AIM: one line of the table.
row() { printf '%-46s %12s  %-30s %7s  %s\n' "$@"; }
ratio() { python3 -c 'import sys; print(f"{float(sys.argv[1]) / float(sys.argv[2]):.2f}")' "$1" "$2"; }
# against WHAT OURS UNIT PEER-NAME PEER AIM: a line with a ratio, ours to the peer's; the peer is `-`
# with the reason as its name where there is none.
against() {
  if [ "$5" = - ]; then
    row "$1" "$2 $3" "$4" - "$6"
  else
    row "$1" "$2 $3" "$4: $5 $3" "$(ratio "$2" "$5")" "$6"
  fi
}
# median FILE: of numbers, one a line.
median() { sort -g "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"; }
# measure NAME RUNS COMMAND…: the median wall time of each command in milliseconds into NAME.1,
# NAME.2 and so on. In turns, so that what else the machine does meets all of them.
measure() {
  local name=$work/$1 runs=$2 i
  shift 2
  for _ in 1 2 3; do
    # What takes seconds needs no warming up.
    hyperfine -N --warmup "$((runs > 3))" --runs "$(((runs + 2) / 3))" --export-json "$name.json" "$@" \
      >"$name.log" 2>&1 || { cat "$name.log" >&2; return 1; }
    python3 -c 'import json, sys
for i, result in enumerate(json.load(open(sys.argv[1] + ".json"))["results"], 1):
    with open(f"{sys.argv[1]}.{i}.times", "a") as out:
        for time in result["times"]: print(f"{time * 1000:.2f}", file=out)' "$name"
  done
  for ((i = 1; i <= $#; i++)); do median "$name.$i.times" >"$name.$i"; done
}
# by_hand POLICY: the words of bubblewrap by hand, with the mounts that srt-run makes here, quoted.
# The stand-ins of hidden files take descriptors that only srt-run opens: /dev/null is bound.
by_hand() {
  local words plain=() i
  mapfile -t words < <("$bin/srtc" "$1" --emit bwrap 2>/dev/null | grep -vx -e --disable-userns)
  for ((i = 0; i < ${#words[@]}; i++)); do
    case ${words[i]} in
      --ro-bind-data)
        plain+=(--ro-bind /dev/null "${words[i + 2]}")
        i=$((i + 2))
        ;;
      # Of a file that is bound there is no mode to give.
      --perms)
        [ "${words[i + 2]}" = --ro-bind-data ] || plain+=(--perms "${words[i + 1]}")
        i=$((i + 1))
        ;;
      *) plain+=("${words[i]}") ;;
    esac
  done
  echo "${plain[*]@Q}"
}
compile() { "$bin/srtc" "$1" -o "$2" 2>/dev/null; }

# Names ---------------------------------------------------------------------------------------

# Calls that make names with a guard and without one, in the sandbox's own /dev/shm: a disk would
# hide what they cost.
names() {
  local bare what
  echo "allow write ." >plain.srt
  { cat plain.srt; echo "deny write /**/.env, /**/*.pem, ./.mcp.json"; } >guarded.srt
  for what in plain guarded; do
    compile "$what.srt" "$what.srtb"
    # shellcheck disable=SC2016 # the shell inside expands it
    "$bin/srt-run" "$what.srtb" sh -c 'cd /dev/shm && exec "$0" names' "$bin/srt-bench" >"names.$what"
  done
  bare=$("$bin/srt-bench" round-trip)
  of() { awk -v "name=$1" '$1 == name { print $2 }' "names.$2"; }
  for what in create mkdir rename; do
    against "$what, guarded" "$(of "$what" guarded)" µs "user notification" "$bare" "<= 2.5"
    against "  beside one without a guard" "$(of "$what" guarded)" µs "unguarded" "$(of "$what" plain)" ""
  done
  against "open under a guard" "$(of open guarded)" µs unguarded "$(of open plain)" "<= 1.1"
  against "stat under a guard" "$(of stat guarded)" µs unguarded "$(of stat plain)" "<= 1.02"
  many_names
}

# Programs that do little else than make files, 20,000 of them, with a guard and without.
many_names() {
  local file name script aim
  python3 - "$work/many" <<'END'
import os, sys
for package in range(200):
    directory = f"{sys.argv[1]}/p{package}"
    os.makedirs(directory)
    for module in range(100):
        with open(f"{directory}/m{module}.py", "w") as out:
            for line in range(5):
                out.write(f"def f{line}(a, b):\n    return [x * a + {module} for x in b if x != {line}]\n\n")
END
  tar -C "$work" -cf "$work/many.tar" many
  git -C "$work/many" init -q
  git -C "$work/many" add .
  git -C "$work/many" -c user.name=- -c user.email=- commit -qm -
  while IFS=: read -r file name script aim; do
    script=${script//WORK/$work}
    measure "$file" 3 "$bin/srt-run plain.srtb sh -c '$script'" "$bin/srt-run guarded.srtb sh -c '$script'"
    against "$name, guarded" "$(cat "$work/$file.2")" ms unguarded "$(cat "$work/$file.1")" "$aim"
  done <<'END'
compileall:20,000 modules compiled:PYTHONPYCACHEPREFIX=/dev/shm/out python3 -m compileall -q WORK/many:<= 1.15
tar:tar x of 20,000 files:tar -C /dev/shm -xf WORK/many.tar:<= 2.5
clone:git clone of 20,000 files:git clone -q WORK/many /dev/shm/clone:<= 2.5
END
  rm -rf "$work/many" "$work/many.tar"
}

# Launch --------------------------------------------------------------------------------------

launch() {
  local policy=$root/docs/examples/agent.srt
  compile "$policy" agent.srtb
  measure launch 90 "$bin/srt-run agent.srtb true" "bwrap --unshare-net $(by_hand "$policy") true"
  against "start to exit of true" "$(cat "$work/launch.1")" ms "bwrap, same mounts" \
    "$(cat "$work/launch.2")" "<= 1.5"
  if [ -n "$peer" ]; then
    cat >settings.json <<'END'
{"network": {"allowedDomains": ["api.anthropic.com", "github.com"], "deniedDomains": []},
 "filesystem": {"denyRead": ["~/.ssh"], "allowWrite": ["."], "denyWrite": []}}
END
    measure npm 6 "$bin/srt --settings settings.json true" "$peer --settings settings.json true"
    against "  with settings, as srt" "$(cat "$work/npm.1")" ms "npm package" "$(cat "$work/npm.2")" ""
  else
    against "  with settings, as srt" - "" "npm package: PEER is not set" - ""
  fi

  local i
  { echo 'allow write .'; for ((i = 0; i < 300; i++)); do echo "deny write ./kept/$i"; done; } >many.srt
  mkdir -p kept
  for ((i = 0; i < 300; i++)); do : >"kept/$i"; done
  compile many.srt many.srtb
  measure many 30 "$bin/srt-run many.srtb true" "bwrap --unshare-net $(by_hand many.srt) true"
  against "  with 300 protected paths" "$(cat "$work/many.1")" ms "bwrap, same mounts" \
    "$(cat "$work/many.2")" "<= 0.2 (own engine)"
  rm -r kept
}

# The most that each process but the command had in memory, in MB, and how many they are.
peak_memory() { # COMMAND…
  "$@" sleep 3 >/dev/null 2>&1 &
  local first=$! all
  servers+=("$first")
  sleep 1.5
  all=$(python3 - "$first" <<'END'
import glob, sys
processes = {}
for path in glob.glob("/proc/[0-9]*/status"):
    try: fields = dict(line.split(":\t", 1) for line in open(path) if ":\t" in line)
    except OSError: continue
    if "VmHWM" in fields:
        processes[int(fields["Pid"])] = (
            int(fields["PPid"]), fields["Name"].strip(), int(fields["VmHWM"].split()[0]))
tree, total = {int(sys.argv[1])}, []
while True:
    more = {pid for pid, (parent, _, _) in processes.items() if parent in tree} - tree
    if not more: break
    tree |= more
for pid in tree & processes.keys():
    if processes[pid][1] != "sleep": total.append(processes[pid][2])
print(f"{sum(total) / 1024:.1f} {len(total)}")
END
)
  wait "$first" || true
  unset 'servers[-1]'
  echo "$all"
}
memory() {
  local ours count theirs
  read -r ours count < <(peak_memory "$bin/srt-run" agent.srtb)
  if [ -n "$peer" ]; then
    read -r theirs _ < <(peak_memory "$peer" --settings settings.json)
    against "peak memory beside the command, $count processes" "$ours" MB "npm package" "$theirs" "<= 4 MB"
  else
    against "peak memory beside the command, $count processes" "$ours" MB "npm package: PEER is not set" - "<= 4 MB"
  fi
}
size() {
  local ours theirs=- name="npm package: PEER is not set"
  ours=$(python3 -c 'import os, sys; print(f"{os.stat(sys.argv[1]).st_size / 1e6:.2f}")' "$bin/srt-run")
  if [ -n "$peer" ]; then
    name="npm package"
    theirs=$(du -sb "$(dirname "$peer")/.." | awk '{printf "%.2f", $1 / 1e6}')
  fi
  against "size of srt-run" "$ours" MB "$name" "$theirs" "<= 1.5 MB"
}

# Fifteen denies that look everywhere, over a large tree.
walk() {
  local i
  python3 -c 'import os
for i in range(400):
    directory = f"tree/{i % 20}/{i}"
    os.makedirs(directory)
    for j in range(250): open(f"{directory}/file{j}", "w").close()'
  { echo 'allow write .'; for ((i = 0; i < 15; i++)); do echo "deny read ./tree/**/secret$i.*"; done; } >walk.srt
  compile walk.srt walk.srtb
  measure walk 9 "$bin/srt-run walk.srtb true" "find tree -name secret*"
  against "15 **/ denies over 100,000 files" "$(cat "$work/walk.1")" ms "one find" "$(cat "$work/walk.2")" "<= 1.2"
  rm -r tree
}

# Proxy ---------------------------------------------------------------------------------------

# shellcheck source=tests/bench/proxy.sh
. "$root/tests/bench/proxy.sh"

# Compiler ------------------------------------------------------------------------------------

# rules COUNT: as people write them, under a few directories, some with globs.
rules() {
  local i
  for ((i = 0; i < $1; i++)); do
    case $((i % 4)) in
      0) echo "allow write /srv/team$((i % 97))/project$i" ;;
      1) echo "deny read /srv/team$((i % 97))/project$((i - 1))/secrets/*.key" ;;
      2) echo "deny write /home/user$i/.config" ;;
      *) echo "allow connect host$i.example.com:443" ;;
    esac
  done
}
compiling() {
  local count
  for count in 20 5000 10000; do rules "$count" >"$count.srt"; done
  measure compile20 30 "$bin/srtc 20.srt -o out.srtb"
  row "compile 20 rules" "$(cat "$work/compile20.1") ms" "" "" "<= 10 ms"
  measure compile 3 "$bin/srtc 10000.srt -o out.srtb" "$bin/srtc 5000.srt -o out.srtb"
  against "compile 10,000 rules" "$(cat "$work/compile.1")" ms "5,000 rules" "$(cat "$work/compile.2")" \
    "<= 1 s, <= 2.3"
}
globs() {
  local i ours
  {
    echo 'default write allow'
    for ((i = 0; i < 1000; i++)); do echo "deny write /srv/team$((i % 97))/project$i/**/*.$i"; done
  } >globs.srt
  if ! command -v apparmor_parser >/dev/null; then
    measure globs 3 "$bin/srtc globs.srt -o out.srtb"
    against "1,000 globs to one automaton" "$(cat "$work/globs.1")" ms "apparmor_parser: not installed" - "<= 0.35"
    return
  fi
  {
    echo 'profile bench {'
    for ((i = 0; i < 1000; i++)); do echo "  deny /srv/team$((i % 97))/project$i/**/*.$i w,"; done
    echo '}'
  } >globs.profile
  measure globs 3 "$bin/srtc globs.srt -o out.srtb" "apparmor_parser -QTK -o /dev/null globs.profile"
  against "1,000 globs to one automaton" "$(cat "$work/globs.1")" ms apparmor_parser "$(cat "$work/globs.2")" "<= 0.35"
}
matching() {
  local count ours theirs
  for count in 30 1000; do
    read -r ours theirs < <("$bin/srt-bench" match "$count")
    if [ "$theirs" = - ]; then
      against "match one path, $count globs" "$ours" ns "RE2::Set: not installed" - "<= 60 ns"
    else
      against "match one path, $count globs" "$ours" ns RE2::Set "$theirs" "<= 60 ns"
    fi
  done
  row "one inclusion question between globs" "$("$bin/srt-bench" inclusion) ns" "" "" "<= 2000 ns"
}
profile_size() {
  local base added filters
  echo 'deny read /srv/0' >base.srt
  { for ((i = 0; i < 200; i++)); do echo "deny read /srv/team$((i % 7))/secret$i"; done; } >deny.srt
  base=$("$bin/srtc" base.srt --emit sb 2>/dev/null | wc -c)
  added=$(($("$bin/srtc" deny.srt --emit sb 2>/dev/null | wc -c) - base))
  filters=$("$bin/srtc" deny.srt --emit sb 2>/dev/null | grep -oE '\((literal|subpath|regex|prefix)' | wc -l)
  row ".sb: what 200 deny paths add" "$added B" "$filters filters" "" "<= 5900 B, 100 filters"
}
filters() {
  local line
  # Both programs come of the same rules; that they decide alike is the test's affair.
  line=$("$bin/seccomp_difference_test" | grep -m 1 -o 'x86_64: [0-9]* instructions, libseccomp [0-9]*') || {
    row "seccomp, x86_64" - "libseccomp: no comparison" - ""
    return
  }
  # shellcheck disable=SC2086 # four words
  set -- $line
  against "seccomp, x86_64, instructions" "$2" "" libseccomp "$5" "<= 0.25"
}

echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, kernel $(uname -r), $(bwrap --version), load $(cut -d' ' -f1 /proc/loadavg)"
row what srt peer ratio aim
launch
names
memory
size
walk
start_peers
bulk
requests
idle_tunnels
compiling
globs
matching
profile_size
filters
echo "took $SECONDS s"
