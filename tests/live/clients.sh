#!/bin/bash
# clients.sh BIN: programs of other people's reach what a policy allows, with the proxy's variables
# and without, and nothing else. In a network of its own, with a name server and a web server; needs
# root. Those that are not installed are named and left out; Debian has them in curl dnsmasq-base
# nginx-light python3-requests nodejs default-jdk-headless golang-go.
# shellcheck disable=SC2016 # the sandbox expands what is in single quotes
set -uo pipefail
bin=$(realpath "$1")
if [ "$(id -u)" -ne 0 ]; then
  echo "not run: only root can give itself a network and name servers"
  exit 0
fi
if [ -z "${CLIENTS_INSIDE-}" ]; then
  CLIENTS_INSIDE=1 exec unshare --mount --net --pid --mount-proc --fork --kill-child "$0" "$bin"
fi
export PATH=$PATH:/usr/sbin
ip link set lo up
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cp "$bin"/srt{c,-run} "$work" # where an ordinary user reaches them
cd "$work" || exit 1
mkdir site project
chown 65534 project
echo hello >site/page

# The names: web.test is there, lie.test leads where no name may lead, denied.test to the same server.
names='127.0.0.1 web.test denied.test
169.254.169.254 lie.test'
if command -v dnsmasq >/dev/null; then
  dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file= --user=root \
    --listen-address=127.0.0.1 --bind-interfaces --address=/web.test/denied.test/127.0.0.1 \
    --address=/lie.test/169.254.169.254 >dnsmasq.log 2>&1 &
  names='127.0.0.1 localhost'
  echo 'nameserver 127.0.0.1' >resolv.conf
  mount --bind resolv.conf /etc/resolv.conf
else
  echo "not run: dnsmasq is not installed, /etc/hosts takes its place"
fi
echo "$names" >hosts
mount --bind hosts /etc/hosts
if command -v nginx >/dev/null; then
  printf '%s\n' 'pid /dev/null; daemon off; user root; error_log stderr;' 'events {}' \
    "http { access_log $work/accesses; server { listen 127.0.0.1:8000; root $work/site; } }" >nginx.conf
  nginx -p "$work" -c "$work/nginx.conf" >nginx.log 2>&1 &
else
  echo "not run: nginx is not installed, Python's server takes its place"
  python3 -m http.server -d site -b 127.0.0.1 8000 >>accesses 2>&1 &
fi
for ((i = 0; i < 100; i++)); do
  (: </dev/tcp/127.0.0.1/8000) 2>/dev/null && break
  sleep 0.05
done
: >accesses

# Its names are the proxy's alone to know.
printf '%s\n' "allow write $work/project" 'allow connect web.test:8000, lie.test:8000, 127.0.0.1:8000' \
  'deny read /etc/hosts' >policy.srt
./srtc policy.srt -o policy.srtb || exit 1

failed=0
# try NAME COMMAND…: the command, with a URL behind it, prints what is at the URL that the policy
# allows, by the proxy's variables and without any, and nothing of two others. As root and as nobody.
try() {
  local name=$1 user host ways way want got
  shift
  for user in 0 65534; do
    for ways in 'with the proxy' 'without'; do
      way=()
      [ "$ways" != without ] || way=(env -i "PATH=$PATH" "HOME=$HOME")
      for host in web.test denied.test lie.test; do
        want=
        [ "$host" != web.test ] || want=hello
        # What is refused may be a page, which says so.
        got=$(cd project && HOME=$work/project timeout 20 setpriv --reuid="$user" --regid="$user" --clear-groups \
          "$work/srt-run" "$work/policy.srtb" "${way[@]}" "$@" "http://$host:8000/page" 2>/dev/null </dev/null)
        [ $? -ne 124 ] || got='nothing, in 20 seconds'
        [[ $got != 'blocked by srt: '* ]] || got=
        if [ "$got" != "$want" ]; then
          echo "$name, user $user, $ways, $host: got '$got'"
          failed=1
        fi
      done
    done
  done
}
try curl curl -sS
if python3 -c 'import requests' 2>/dev/null; then
  try requests python3 -c 'import requests, sys; print(requests.get(sys.argv[1]).text, end="")'
else
  echo "not run: python3-requests is not installed"
fi
if command -v node >/dev/null; then
  try node node -e 'fetch(process.argv[1]).then(r => r.text()).then(t => process.stdout.write(t))'
else
  echo "not run: node is not installed"
fi
if command -v javac >/dev/null; then
  cat >Get.java <<'END'
import java.net.*;
import java.net.http.*;
class Get {
  public static void main(String[] words) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(words[0])).build();
    System.out.print(HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
  }
}
END
  javac Get.java && try java java -Xshare:auto -cp "$work" Get
else
  echo "not run: javac is not installed"
fi
if command -v go >/dev/null; then
  cat >get.go <<'END'
package main

import (
	"io"
	"net/http"
	"os"
)

func main() {
	response, err := http.Get(os.Args[1])
	if err != nil {
		os.Exit(1)
	}
	io.Copy(os.Stdout, response.Body)
}
END
  GOCACHE=$work/cache GOFLAGS=-mod=mod GO111MODULE=off CGO_ENABLED=0 go build -o get get.go && try go "$work/get"
else
  echo "not run: go is not installed"
fi
# Each program came four times, and for no other name.
if grep -vq 'GET /page' accesses; then
  echo "the server was asked for something else:"
  cat accesses
  failed=1
fi
exit $failed
