# shellcheck shell=bash
# What the proxy costs; run.sh reads this. Each figure is beside a connection without any proxy, and
# beside the proxies that are installed.
: "${bin:?of the programs} ${work:?for what is made}"

# wait_for FILE: that a server writes when it is ready.
wait_for() {
  local i
  for ((i = 0; i < 200; i++)); do
    [ ! -e "$1" ] || return 0
    sleep 0.05
  done
  echo "bench: no server came up" >&2
  return 1
}
free_port() {
  python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])'
}

# The other proxies, on loopback: where clients find them, and their processes.
peers=(tinyproxy microsocks squid)
declare -A peer_url peer_pid
# start_peer NAME SCHEME PORT COMMAND…
start_peer() {
  local name=$1 port=$3 i
  peer_url[$name]=$2://127.0.0.1:$port
  "${@:4}" >"$work/$name.log" 2>&1 &
  peer_pid[$name]=$!
  servers+=($!)
  for ((i = 0; i < 100; i++)); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
    sleep 0.05
  done
  echo "bench: $name did not come up" >&2
  return 1
}
start_peers() {
  local port
  if command -v tinyproxy >/dev/null; then
    port=$(free_port)
    printf '%s\n' "Port $port" 'Listen 127.0.0.1' 'Allow 127.0.0.1' 'MaxClients 100' 'LogLevel Critical' \
      "PidFile \"$work/tinyproxy.pid\"" >"$work/tinyproxy.conf"
    start_peer tinyproxy http "$port" tinyproxy -d -c "$work/tinyproxy.conf"
  fi
  if command -v microsocks >/dev/null; then
    port=$(free_port)
    start_peer microsocks socks5 "$port" microsocks -i 127.0.0.1 -p "$port"
  fi
  local squid
  if squid=$(PATH=$PATH:/usr/sbin command -v squid); then
    port=$(free_port)
    printf '%s\n' "http_port 127.0.0.1:$port" 'http_access allow all' 'cache deny all' 'access_log none' \
      'cache_log /dev/null' 'pid_filename none' 'netdb_filename none' 'shutdown_lifetime 0 seconds' \
      >"$work/squid.conf"
    start_peer squid http "$port" "$squid" -N -f "$work/squid.conf"
  fi
}
# beside PREFIX UNIT AIM [PEERS…]: a line for each peer, its figures in PREFIX-NAME beside ours in
# PREFIX-srt, or in PREFIX-socks where it speaks SOCKS.
beside() {
  local name ours
  for name in "${peers[@]}"; do
    ours=srt
    [[ ${peer_url[$name]-} != socks5:* ]] || ours=socks
    if [ -s "$work/$1-$name" ]; then
      against "  beside $name" "$(median "$work/$1-$ours")" "$2" "$name" "$(median "$work/$1-$name")" "$3"
    else
      against "  beside $name" "$(median "$work/$1-srt")" "$2" "$name: not installed" - "$3"
    fi
  done
}
# The seconds of a processor that a process has taken.
processor_time() {
  python3 -c 'import os, sys
fields = open(f"/proc/{sys.argv[1]}/stat").read().rsplit(")", 1)[1].split()
print((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))' "$1"
}
# Numbers of Python, out of numbers.
calculate() { python3 -c 'import sys; print(f"{eval(sys.argv[1]):.2f}")' "$1"; }

# An address of this machine beside loopback: connections to it are captured, those to loopback are
# the sandbox's own. Empty where there is none.
own=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m 1 -E '^[0-9.]+$' || true)

# fetch WAY URL CURL-ARGUMENTS…: the GiB a second of one download in a sandbox go into bulk-WAY, and
# the proxy's seconds of a processor for a GB into cpu-WAY.
fetch() {
  local way=$1 run before
  rm -f fetched
  # shellcheck disable=SC2016 # the shell inside expands it
  "$bin/srt-run" bulk.srtb sh -c '
    proxy=${http_proxy#http://}; while [ ! -e go ]; do sleep 0.05; done
    eval "curl -sS --fail -o /dev/null -w %{speed_download} $1" >fetched.new
    mv fetched.new fetched; while [ -e fetched ]; do sleep 0.05; done' sh "$2" &
  run=$!
  before=$(processor_time "$run")
  touch go
  wait_for fetched
  calculate "$(cat fetched) / 2**30" >>"$work/bulk-$way"
  calculate "$(processor_time "$run") - $before" >>"$work/cpu-$way"
  rm -f fetched go
  wait "$run"
}
# One connection's bytes, from a server on this machine to curl, which throws them away.
bulk() {
  truncate -s 1G "$work/bulk"
  python3 - "$work" >/dev/null 2>&1 <<'END' &
import os, socket, sys, threading
work = sys.argv[1]
listener = socket.create_server(("0.0.0.0", 0))
with open(work + "/bulk-port.new", "w") as out: out.write(str(listener.getsockname()[1]))
os.rename(work + "/bulk-port.new", work + "/bulk-port")
def serve(client):
    with client, open(work + "/bulk", "rb") as bulk:
        head = b""
        while b"\r\n\r\n" not in head:
            part = client.recv(65536)
            if not part: return
            head += part
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                       % os.fstat(bulk.fileno()).st_size)
        client.sendfile(bulk)
while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
END
  servers+=($!)
  wait_for "$work/bulk-port"
  local port i name before url
  port=$(cat "$work/bulk-port")
  url=http://127.0.0.1:$port/
  { echo 'allow write .'; echo "allow connect ${own:+$own:$port, }127.0.0.1:$port"; } >bulk.srt
  compile bulk.srt bulk.srtb
  [ -z "$peer" ] || sed 's/"allowedDomains": \[/&"127.0.0.1", /' settings.json >bulk.json
  local curl=(curl -sS --fail -o /dev/null -w '%{speed_download}')
  for ((i = 0; i < 5; i++)); do
    calculate "$("${curl[@]}" "$url" --noproxy '*') / 2**30" >>"$work/bulk-direct"
    fetch srt "$url --noproxy ''"
    fetch tunnel "$url --noproxy '' --proxytunnel"
    fetch socks "$url --noproxy '' --proxy socks5h://\$proxy"
    [ -z "$own" ] || fetch captured "http://$own:$port/ --noproxy '*'"
    for name in "${!peer_url[@]}"; do
      before=$(processor_time "${peer_pid[$name]}")
      calculate "$("${curl[@]}" "$url" --noproxy '' --proxy "${peer_url[$name]}") / 2**30" >>"$work/bulk-$name"
      calculate "$(processor_time "${peer_pid[$name]}") - $before" >>"$work/cpu-$name"
    done
    if [ -n "$peer" ]; then
      "$peer" --settings bulk.json "${curl[*]@Q} $url --noproxy ''" 2>/dev/null |
        while read -r name; do calculate "$name / 2**30"; done >>"$work/bulk-npm" || true
    fi
  done
  local direct
  direct=$(median "$work/bulk-direct")
  against "bulk through the proxy" "$(median "$work/bulk-srt")" GiB/s direct "$direct" ">= 0.5"
  against "  by CONNECT" "$(median "$work/bulk-tunnel")" GiB/s direct "$direct" ">= 0.5"
  against "  by SOCKS" "$(median "$work/bulk-socks")" GiB/s direct "$direct" ">= 0.5"
  if [ -n "$own" ]; then
    against "  without proxy settings" "$(median "$work/bulk-captured")" GiB/s direct "$direct" ">= 0.5"
  else
    against "  without proxy settings" - "" "no address beside loopback" - ">= 0.5"
  fi
  beside bulk GiB/s ""
  if [ -s "$work/bulk-npm" ]; then
    against "  beside the npm package" "$(median "$work/bulk-srt")" GiB/s "npm package" "$(median "$work/bulk-npm")" ""
  elif [ -n "$peer" ]; then
    against "  beside the npm package" "$(median "$work/bulk-srt")" GiB/s "npm package: lets none through" - ""
  fi
  row "  a processor's time for 1 GiB" "$(median "$work/cpu-srt") s" "" "" ""
  beside cpu s ""
}

# A new connection for each request, 16 at a time.
requests() {
  "$bin/srt-bench" serve "$work/small-port" &
  servers+=($!)
  wait_for "$work/small-port"
  local port i name
  port=$(cat "$work/small-port")
  echo "allow connect 127.0.0.1:$port" >small.srt
  compile small.srt small.srtb
  # into NAME RATE P99
  into() { echo "$2" >>"$work/rate-$1"; echo "$3" >>"$work/p99-$1"; }
  for ((i = 0; i < 3; i++)); do
    # shellcheck disable=SC2046 # two words
    into direct $("$bin/srt-bench" load "$port" "")
    # shellcheck disable=SC2016,SC2046 # for the shell in the sandbox
    into srt $("$bin/srt-run" small.srtb sh -c '"$0" load "$1" "$http_proxy"' "$bin/srt-bench" "$port")
    # shellcheck disable=SC2016,SC2046
    into socks $("$bin/srt-run" small.srtb sh -c '"$0" load "$1" "socks5${http_proxy#http}"' "$bin/srt-bench" "$port")
    for name in "${!peer_url[@]}"; do
      # shellcheck disable=SC2046
      into "$name" $("$bin/srt-bench" load "$port" "${peer_url[$name]}")
    done
  done
  against "small requests, new connection each" "$(median "$work/rate-srt")" /s direct \
    "$(median "$work/rate-direct")" ">= 10000/s"
  against "  by SOCKS" "$(median "$work/rate-socks")" /s direct "$(median "$work/rate-direct")" ""
  beside rate /s "> 1"
  against "  of 100 the slowest" "$(median "$work/p99-srt")" ms direct "$(median "$work/p99-direct")" ""
  beside p99 ms ""
}

# The proxy's memory while it has tunnels that carry nothing.
idle_tunnels() {
  ulimit -Sn "$(ulimit -Hn)"
  "$bin/srt-bench" hold "$work/hold-port" &
  servers+=($!)
  wait_for "$work/hold-port"
  local port run count memory
  port=$(cat "$work/hold-port")
  { echo 'allow write .'; echo "allow connect 127.0.0.1:$port"; } >idle.srt
  compile idle.srt idle.srtb
  # shellcheck disable=SC2016 # the shell inside expands it
  "$bin/srt-run" idle.srtb sh -c '"$0" idle "$1" "$http_proxy" 10000 opened' "$bin/srt-bench" "$port" &
  run=$!
  wait_for opened
  count=$(cat opened)
  memory=$(calculate "$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$run/status") / 1024")
  wait "$run"
  row "memory with $count idle tunnels" "$memory MiB" "" "" "<= 64 MiB for 10,000"
}
