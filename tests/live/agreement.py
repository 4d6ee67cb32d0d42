#!/usr/bin/env python3
"""agreement.py BIN: what `srtc explain` says of a path is what the kernel does with it.

Makes up trees and policies, asks the compiler about every path of a tree, and tries each in a
sandbox under the policy. AGREEMENT_ROUNDS is how many trees, AGREEMENT_SEED where to begin.
"""
import os
import random
import shutil
import subprocess
import sys
import tempfile

NAMES = ["a", "b", "c", "d", "e", "f", ".env", "x.key", "[w]", "a b", "é"]
PATTERNS = ["./{p}", "./{p}/**", "./**/{n}", "./{p}/*", "./**/*.key", "./**/{n}/**", "./*/{n}"]

# Runs inside: a line for each path, what could be done to it.
PROBE = r"""
import os, sys
for path in sys.stdin.buffer.read().split(b"\0")[:-1]:
    done = ""
    flags = os.O_CLOEXEC | os.O_NONBLOCK
    for letter, mode in (("r", os.O_RDONLY), ("w", os.O_WRONLY)):
        try:
            fd = os.open(path, mode | flags)
            if letter == "r" and os.path.isdir(path): os.listdir(fd)
            os.close(fd)
            done += letter
        except OSError:
            pass
    print(done)
"""


def make_tree(rng, root):
    """Directories and files with a few bytes; their paths below `root`."""
    paths = []
    directories = [""]
    for _ in range(rng.randint(200, 500)):
        parent = rng.choice(directories)
        if parent.count("/") > 4:
            continue
        path = (parent + "/" if parent else "") + rng.choice(NAMES)
        full = os.path.join(root, path)
        if os.path.lexists(full):
            continue
        if rng.random() < 0.5:
            os.mkdir(full)
            directories.append(path)
        else:
            with open(full, "w") as out:
                out.write("x")
        paths.append(path)
    return paths


def literal(text):
    return "".join("\\" + c if c in "[]*?{}\\" else c for c in text)


def make_policy(rng, paths):
    lines = ["use std.base" if rng.random() < 0.3 else ""]
    if lines[0]:
        lines.insert(0, "default read deny")
    lines.append("allow write .")
    for _ in range(rng.randint(3, 8)):
        path = rng.choice(paths)
        pattern = rng.choice(PATTERNS).format(p=literal(path), n=literal(os.path.basename(path)))
        effect = rng.choice(["allow", "deny", "deny"])
        lines.append(f'{effect} {rng.choice(["read", "write"])} "{quoted(pattern)}"')
    return "\n".join(lines) + "\n"


def quoted(pattern):
    return pattern.replace("\\", "\\\\").replace('"', '\\"')


def run(words, user, directory, text=None):
    def become():
        if user is not None:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)

    return subprocess.run(words, cwd=directory, input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, preexec_fn=become)


def explain(bin_dir, policy, project, paths, user):
    """For each path the letters of what it may have done, as the compiler says."""
    asked = "".join(f"{op} {project}/{path}\n" for path in paths for op in ("read", "write"))
    done = run([bin_dir + "/srtc", "explain", policy, "--target", "linux", "--batch", "-"], user, project,
               asked.encode())
    verdicts = [line.split("\t")[0] for line in done.stdout.decode().splitlines()]
    assert len(verdicts) == 2 * len(paths), done.stderr.decode()
    return [("r" if verdicts[i] == "allow" else "") + ("w" if verdicts[i + 1] == "allow" else "")
            for i in range(0, len(verdicts), 2)]


def check_round(bin_dir, rng, user):
    """Returns how many probes agreed, and what did not."""
    root = tempfile.mkdtemp(prefix="srt-agreement-")
    try:
        os.chmod(root, 0o755)
        project = os.path.join(root, "project")
        os.mkdir(project)
        paths = make_tree(rng, project)
        text = make_policy(rng, paths)
        policy = os.path.join(root, "policy.srt")
        with open(policy, "w") as out:
            out.write(text)
        if user is not None:
            subprocess.run(["chown", "-R", f"{user}:{user}", root], check=True)
        compiled = run([bin_dir + "/srtc", policy, "-o", root + "/policy.srtb"], user, project)
        if compiled.returncode != 0:
            # A rule that names what cannot be, as an allow without effect.
            assert compiled.returncode == 1, compiled.stderr.decode()
            return 0, [], compiled.stderr.decode()
        expected = explain(bin_dir, policy, project, paths, user)
        names = "".join(f"{project}/{path}\0" for path in paths).encode()
        tried = run([bin_dir + "/srt-run", root + "/policy.srtb", "python3", "-c", PROBE], user, project,
                    names)
        if tried.returncode == 125 and b"working directory" in tried.stderr:
            return 0, [], tried.stderr.decode()
        got = tried.stdout.decode().splitlines()
        assert tried.returncode == 0 and len(got) == len(paths), text + tried.stderr.decode()
        wrong = []
        for path, want, have in zip(paths, expected, got):
            if os.path.isdir(os.path.join(project, path)):
                want, have = want.replace("w", ""), have.replace("w", "")
            if want != have:
                wrong.append(f"{path}: explained `{want}`, done `{have}`")
        return 2 * len(paths), [text + "\n".join(wrong)] if wrong else [], ""
    finally:
        shutil.rmtree(root)


def main():
    source = os.path.abspath(sys.argv[1])
    seed = int(os.environ.get("AGREEMENT_SEED", "1"))
    rounds = int(os.environ.get("AGREEMENT_ROUNDS", "12"))
    users = [None, 65534] if os.geteuid() == 0 else [None]
    probes, wrong, skipped = 0, [], 0
    # The build tree may lie where other users do not get.
    with tempfile.TemporaryDirectory() as bin_dir:
        os.chmod(bin_dir, 0o755)
        for name in ("srtc", "srt-run"):
            shutil.copy(os.path.join(source, name), bin_dir)
        for i in range(rounds):
            rng = random.Random(seed + i)
            count, differences, reason = check_round(bin_dir, rng, users[i % len(users)])
            probes += count
            skipped += count == 0
            if reason:
                print(f"seed {seed + i} not run: {reason}", end="")
            wrong += [f"seed {seed + i}:\n{text}" for text in differences]
    for text in wrong[:3]:
        print(text)
    print(f"{probes} probes of {rounds} trees, {skipped} without a sandbox; {len(wrong)} trees disagree")
    return 1 if wrong or skipped * 2 > rounds else 0


if __name__ == "__main__":
    sys.exit(main())
