#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "tests/live/run/account.h"
#include "tests/live/run/web_server.h"

// `srt-run --connect`, the way of ssh and of git over it.

namespace srt::live {
namespace {

const std::string kConnect = programs() + "/srt-run --connect ";

TEST_CASE("--connect joins its input and output to a permitted host") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("page", std::string(200'000, 'x') + "\n");
    const WebServer server(account / "");
    const Ending ending =
        account.run_under("allow connect 127.0.0.1:" + server.port(),
                          "printf 'GET /page HTTP/1.0\\r\\n\\r\\n' | " + kConnect +
                              "127.0.0.1:" + server.port() + " | wc -c");
    CHECK_MESSAGE(std::stoi("0" + ending.out) > 200'000, ending.err);
  }
}

TEST_CASE("--connect says why a host is refused, and what is wrong with its argument") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under("allow connect example.com",
                                            kConnect + "example.net:22 2>&1; echo $?\n" + kConnect +
                                                "example.net 2>&1; echo $?\n" + kConnect +
                                                "2001:db8::1:22 2>&1; echo $?\n");
    CAPTURE(ending.out);
    CHECK(ending.out.starts_with(
        "srt-run: blocked by srt: no rule of the policy allows `example.net:22`\n125\n"));
    CHECK(contains(ending.out, "write `--connect HOST:PORT`\n125\n"));
    CHECK(contains(ending.out, "no rule of the policy allows `[2001:db8::1]:22`\n125\n"));
    const Ending outside = account.run({"srt-run", "--connect", "example.com:22"});
    CHECK(outside.status == 125);
    CHECK(contains(outside.err, "the environment names no proxy"));
  }
}

TEST_CASE("--connect tells the proxy the user name and the password that its URL holds") {
  const Account account(geteuid());
  const Ending ending = account.run({"/usr/bin/python3", "-c",
                                     "import os, socket, subprocess, sys\n"
                                     "l = socket.create_server(('127.0.0.1', 0))\n"
                                     "url = 'http://srt:word@127.0.0.1:%d' % l.getsockname()[1]\n"
                                     "p = subprocess.Popen(['" +
                                         programs() +
                                         "/srt-run', '--connect', 'a.test:22'],\n"
                                         "  env={'HTTPS_PROXY': url}, stdin=subprocess.DEVNULL)\n"
                                         "c = l.accept()[0]\n"
                                         "sys.stderr.write(c.recv(4096).decode())\n"
                                         "c.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\nhello')\n"
                                         "c.close()\n"
                                         "sys.exit(p.wait())\n"});
  CHECK(ending.status == 0);
  CHECK(ending.out == "hello");
  CHECK(contains(ending.err, "\r\nProxy-Authorization: Basic c3J0OndvcmQ=\r\n"));
}

TEST_CASE("git clones over ssh from a permitted host, and from no other") {
  if (access("/usr/sbin/sshd", X_OK) != 0) {
    MESSAGE("not run: openssh-server is not installed");
    return;
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    // sshd of an ordinary user lets that one in, but a user without a shell runs nothing.
    if (user != geteuid()) {
      MESSAGE("not run as user ", user);
      continue;
    }
    const Account account(user);
    const std::string ssh = account.directory("ssh");
    const Ending prepared = account.run(
        {"sh", "-ec",
         "cd ../ssh; ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f "
         "user; cp user.pub keys; git init -q w; cd w; echo text >file; git add file; git -c "
         "user.name=n -c user.email=e commit -qm m"});
    REQUIRE_MESSAGE(prepared.status == 0, prepared.err);
    account.file("ssh/config", "HostKey " + ssh + "/host\nAuthorizedKeysFile " + ssh +
                                   "/keys\nStrictModes no\nUsePAM no\nPidFile none\n");
    // One connection after another, each to an sshd of its own, on a port that the system chose.
    const std::string server =
        "import os, socket, subprocess\n"
        "l = socket.create_server(('127.0.0.1', 0))\n"
        "open('" +
        ssh +
        "/port.new', 'w').write(str(l.getsockname()[1]))\n"
        "os.rename('" +
        ssh + "/port.new', '" + ssh +
        "/port')\n"
        "while True:\n"
        "  c = l.accept()[0]\n"
        "  subprocess.run(['/usr/sbin/sshd', '-i', '-e', '-f', '" +
        ssh +
        "/config'], stdin=c, stdout=c, stderr=2)\n"
        "  c.close()\n";
    if (geteuid() == 0) mkdir("/run/sshd", 0755);  // sshd's own, where no service made it
    const pid_t pid = account.start({"/usr/bin/python3", "-c", server}, 2);
    REQUIRE(wait_until([&] { return exists(ssh + "/port"); }));
    const std::string port = account.run({"cat", ssh + "/port"}).out;
    const std::string name = account.run({"id", "-un"}).out;
    const std::string clone =
        "GIT_SSH_COMMAND=\"$GIT_SSH_COMMAND -i " + ssh +
        "/user -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR\" "
        "git clone -q ssh://" +
        name.substr(0, name.find('\n')) + "@127.0.0.1:" + port + ssh + "/w copy";
    const Ending allowed =
        account.run_under("allow write .\nallow connect 127.0.0.1:" + port, clone);
    CHECK_MESSAGE(allowed.status == 0, allowed.err);
    CHECK(exists(account / "project/copy/file"));
    const Ending refused =
        account.run_under("allow write .\nallow connect example.com", clone + "2 2>&1");
    CHECK(refused.status != 0);
    CHECK(contains(refused.out, "blocked by srt: no rule of the policy allows `127.0.0.1:" + port));
    kill(pid, SIGTERM);
    wait_for_end(pid);
  }
}

}  // namespace
}  // namespace srt::live
