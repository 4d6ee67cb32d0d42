#!/usr/bin/env python3
"""faults.py BIN [--all]: each system call of a launch fails in turn, and the command never runs less
confined for it: either nothing of it runs, which one line says with status 125, or everything that
the policy forbids is still refused. Without --all the first call of each name fails, once; with it
every call, in several ways. As root also as an ordinary user. Needs strace, which injects failures
into all processes of a run, the command's own included."""

import collections
import concurrent.futures
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

POLICY = """\
allow write .
deny read ./secret, ./private
deny write ./kept
allow connect example.com
deny env FAULTS_*
limit files 100
"""

# Prints LOOSE for what works and should not. Each of the attempts may fail for the fault as well.
COMMAND = r"""
echo began
cat secret private/key 2>/dev/null && echo LOOSE read
for name in kept "$OUTSIDE/file" private/new; do
  (echo >>"$name") 2>/dev/null && echo LOOSE write "$name"
done
mv kept moved 2>/dev/null && echo LOOSE move
[ -n "$FAULTS_SECRET" ] && echo LOOSE environment
(ulimit -n 200) 2>/dev/null && echo LOOSE limit
unshare -Ur true 2>/dev/null && echo LOOSE namespace
[ -e "/proc/$LAUNCHER/root" ] && echo LOOSE processes
while read -r name value; do
  [[ $name = CapEff: && $value = *[1-9a-f]* ]] && echo LOOSE capabilities
done 2>/dev/null </proc/self/status
(exec 3<>/dev/tcp/127.0.0.1/$PORT) 2>/dev/null && echo LOOSE network
echo ended
"""

# These cannot fail, or memory that a program's own beginning asks for, which the loader and the C
# library go down with.
SPARED = {"brk", "execve", "exit", "exit_group", "mmap", "restart_syscall", "rt_sigreturn"}


def prepare(directory, user):
    project = os.path.join(directory, "project")
    os.makedirs(os.path.join(project, "private"))
    os.makedirs(os.path.join(directory, "outside"))
    for name in ("secret", "private/key", "kept"):
        with open(os.path.join(project, name), "w") as file:
            file.write("content\n")
    for place, _, names in os.walk(directory):
        for name in [place] + [os.path.join(place, name) for name in names]:
            os.chown(name, user, user)
    return project


class Runs:
    """Runs of one user's."""

    def __init__(self, programs, user, port):
        self.user, self.port = user, port
        self.directory = tempfile.mkdtemp(prefix="srt-faults-")
        os.chmod(self.directory, 0o755)
        # A build tree may lie where only its owner can enter.
        self.programs = os.path.join(self.directory, "bin")
        os.mkdir(self.programs)
        for name in ("srtc", "srt-run"):
            shutil.copy(os.path.join(programs, name), self.programs)
        self.bundle = os.path.join(self.directory, "policy.srtb")
        policy = os.path.join(self.directory, "policy.srt")
        with open(policy, "w") as file:
            file.write(POLICY)
        subprocess.run([f"{self.programs}/srtc", policy, "-o", self.bundle], check=True,
                       stderr=subprocess.DEVNULL)
        os.chmod(self.bundle, 0o644)

    def run(self, options):
        """A run under strace with these options. Returns its status, output and errors."""
        with tempfile.TemporaryDirectory(dir=self.directory) as place:
            os.chmod(place, 0o755)
            project = prepare(place, self.user)
            trace = os.path.join(place, "trace")
            words = ["strace", "-f", "-qq", "-o", trace, *options, f"{self.programs}/srt-run",
                     self.bundle, "bash", "-c", COMMAND]
            environment = {"PATH": "/usr/bin:/bin", "HOME": place, "FAULTS_SECRET": "x",
                           "OUTSIDE": os.path.join(place, "outside"), "PORT": str(self.port),
                           "LAUNCHER": str(os.getpid())}

            def become():
                if os.geteuid() == 0 and self.user != 0:
                    os.setgroups([])
                    os.setgid(self.user)
                    os.setuid(self.user)

            if os.geteuid() == 0:
                os.chown(place, self.user, self.user)
            done = subprocess.run(words, cwd=project, env=environment, preexec_fn=become, timeout=30,
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  errors="replace")
            with open(trace, errors="replace") as file:
                return done, file.read()

    def calls(self):
        """How often each call is made, at most, by one process of a plain run, up to the command."""
        done, trace = self.run([])
        if done.returncode != 0 or done.stdout.splitlines() != ["began", "ended"]:
            sys.exit(f"faults: without any fault: {done}")
        counts = collections.defaultdict(collections.Counter)
        for line in trace.splitlines():
            if 'execve("/usr/bin/bash"' in line or 'execve("/bin/bash"' in line:
                break
            call = re.match(r"(\d+) +(\w+)\(", line)
            if call:
                counts[call[2]][call[1]] += 1
        return {name: max(of.values()) for name, of in counts.items() if name not in SPARED}

    def fault(self, name, error, when):
        """What is wrong with a run in which one call fails; empty where nothing is."""
        label = f"{name} #{when} {error} (user {self.user})"
        try:
            done, trace = self.run(["-e", f"trace={name}", "-e", f"inject={name}:error={error}:when={when}"])
        except subprocess.TimeoutExpired:
            return f"{label}: hangs"
        # Buffers are filled in more and fewer steps; the first call of a name is always made.
        if "(INJECTED)" not in trace:
            return f"{label}: did not come about" if when == 1 else ""
        if "LOOSE" in done.stdout:
            return f"{label}: {done.stdout}"
        if "began" in done.stdout:
            return ""
        if done.returncode == 125 and re.fullmatch(r"srt-run: [^\n]+\n", done.stderr):
            return ""
        # A program whose loader fails has nobody who could say it; a shell says it in its own way.
        if done.returncode in (126, 127) or re.match(r"[^\n]*(error while loading|bash: )",
                                                     done.stderr):
            return ""
        return f"{label}: status {done.returncode}, `{done.stdout}`, `{done.stderr}`"


def main():
    if shutil.which("strace") is None:
        print("faults: skipped, there is no strace here")
        return 0
    everything = "--all" in sys.argv
    errors = ["EPERM", "ENOMEM", "EINVAL", "ENOSYS"] if everything else ["EPERM"]
    problems, count = [], 0
    server = socket.create_server(("127.0.0.1", 0))
    for user in ([0, 65534] if os.geteuid() == 0 else [os.geteuid()]):
        runs = Runs(sys.argv[1], user, server.getsockname()[1])
        faults = [(name, error, when) for name, times in sorted(runs.calls().items())
                  for when in range(1, (times if everything else 1) + 1) for error in errors]
        count += len(faults)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            problems += filter(None, pool.map(lambda fault: runs.fault(*fault), faults))
        shutil.rmtree(runs.directory, ignore_errors=True)
    for problem in problems:
        print(f"faults: {problem}")
    print(f"faults: {count} faults, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
