#!/bin/bash
# tools.sh BIN: everyday tools do their work under a policy that lets them write the project and the
# home directory. Those that are not installed are named and left out.
# shellcheck disable=SC2016 # the sandbox expands what is in single quotes
set -uo pipefail
bin=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home TMUX_TMPDIR=/dev/shm GIT_CONFIG_GLOBAL=$work/home/gitconfig
mkdir -p "$HOME" "$work/project"
cd "$work/project" || exit 1
printf 'allow write ., ~\n' >../files.srt
printf 'allow write ., ~\nallow unix *\n' >../sockets.srt
for policy in files sockets; do
  "$bin/srtc" "../$policy.srt" -o "../$policy.srtb" 2>/dev/null || exit 1
done

failed=0
# try TOOL POLICY WANTED SCRIPT: the last line that the script prints has to be WANTED.
try() {
  if ! command -v "$1" >/dev/null; then
    echo "not run: $1 is not installed"
    return
  fi
  local got
  got=$(timeout 60 "$bin/srt-run" "../$2.srtb" bash -euo pipefail -c "$4" 2>&1 </dev/null)
  if [ "$(tail -n 1 <<<"$got")" != "$3" ]; then
    printf '%s failed:\n%s\n' "$1" "$got"
    failed=1
  fi
}

try git files 2 '
  git config --global user.email a@example.com; git config --global user.name n
  git init -q r; cd r; echo 1 >f; git add f; git commit -qm one; git mv f g; git commit -qam two
  git gc -q; git clone -q . ../c; git -C ../c log --oneline | wc -l'
printf 'int main(void) { return 0; }\n' >x.c
printf 'cmake_minimum_required(VERSION 3.20)\nproject(x C)\nadd_executable(x x.c)\n' >CMakeLists.txt
try cmake files built 'cmake -S . -B b >/dev/null; cmake --build b >/dev/null; ./b/x && echo built'
try make files made 'printf "all:\n\t@cc -o m x.c\n" >Makefile; make -s -j4; ./m && echo made'
python=python3
python3 -c 'import venv, ensurepip' 2>/dev/null || python='python3 with pip'
try "$python" files 'import 3' '
  mkdir -p w/module; echo "value = 3" >w/module/__init__.py
  python3 - <<END
import zipfile
with zipfile.ZipFile("module-1-py3-none-any.whl", "w") as wheel:
    wheel.write("w/module/__init__.py", "module/__init__.py")
    info = "module-1.dist-info/"
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: module\nVersion: 1\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(info + "RECORD", "")
END
  python3 -m venv v; v/bin/pip install -q --no-index --disable-pip-version-check --find-links . module
  v/bin/python -c "import module; print(\"import\", module.value)"'
try tar files x.c 'mkdir t; tar cf a.tar x.c; tar xf a.tar -C t; ls t'
try node files 'node 42' '
  node -e "const c = require(\"child_process\"); console.log(\"node\", +c.execSync(\"echo 42\"))"'
try npm files '{"dependency":7}' '
  mkdir -p dependency project; cd dependency
  echo "{\"name\":\"dependency\",\"version\":\"1.0.0\",\"main\":\"i.js\"}" >package.json
  echo "module.exports = 7" >i.js; npm pack --silent >/dev/null; cd ../project
  echo "{\"name\":\"p\",\"version\":\"1.0.0\"}" >package.json
  npm install --silent --offline ../dependency/dependency-1.0.0.tgz >/dev/null; rm -r node_modules
  npm ci --silent --offline >/dev/null
  node -e "console.log(JSON.stringify({dependency: require(\"dependency\")}))"'
try javac files 'java 5' '
  echo "class A { public static void main(String[] a) { System.out.println(\"java \" + a.length); } }" >A.java
  javac A.java; java A 1 2 3 4 5'
# said TEXT COMMAND…, in the sandbox: prints TEXT where the command prints it, else all it prints.
export SAID='said() { local got; got=$("${@:2}" 2>&1) || true; [[ $got == *"$1"* ]] && echo "$1" || echo "$got"; }'
try gdb files 'ptrace: Operation not permitted' '
  eval "$SAID"; said "ptrace: Operation not permitted" gdb -q -batch -ex run /bin/true'
try tmux files 'Permission denied' 'eval "$SAID"; said "Permission denied" tmux new-session -d "sleep 1"'
try tmux sockets 'one session' '
  tmux -L t new-session -d "sleep 5"; [ "$(tmux -L t ls | wc -l)" = 1 ] && echo one session'
try ssh files 'Connection refused' '
  eval "$SAID"
  said "Connection refused" ssh -o BatchMode=yes -o ConnectTimeout=5 -p 1 127.0.0.1 true'
exit $failed
