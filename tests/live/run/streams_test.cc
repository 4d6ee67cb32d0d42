// What the caller redirects: the command gets its bytes, and nothing that it could be opened for.

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <sstream>
#include <string>

#include "runtime/base/unique_fd.h"
#include "tests/live/run/account.h"

namespace srt::live {
namespace {

/// Runs `script` in a shell outside, with the bundle of `policy` in BUNDLE.
Ending run_outside(Account& account, const std::string& policy, const std::string& script) {
  account.set("BUNDLE", account.compile(policy));
  return account.run({"bash", "-c", script});
}

constexpr const char* kPolicy = "allow write ./inside\n";

TEST_CASE("R33: a file that is the command's input cannot be written through it") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string file = account.file("project/input", "kept\n");
    const Ending ending = run_outside(account, kPolicy,
                                      "srt-run \"$BUNDLE\" sh -c '"
                                      "(echo changed >/proc/self/fd/0) 2>/dev/null;"
                                      "(echo changed >>/proc/self/fd/0) 2>/dev/null;"
                                      "chmod 600 /proc/self/fd/0 2>/dev/null; true' <input;"
                                      "cat input; stat -c %a input;"
                                      "srt-run \"$BUNDLE\" cat <input");
    CHECK(ending.out == "kept\n644\nkept\n");
    CHECK(ending.err == "");
  }
}

TEST_CASE("R33: a log that the command's output is appended to is neither read nor cut by it") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.file("project/log", "before\n");
    const Ending ending = run_outside(
        account, kPolicy,
        "srt-run \"$BUNDLE\" sh -c 'echo one; (: >/proc/self/fd/1) 2>/dev/null;"
        "(timeout 1 head -n 1 /proc/self/fd/1 >&2) 2>/dev/null; echo two' >>log; cat log");
    CHECK(ending.status == 0);
    CHECK(ending.out == "before\none\ntwo\n");
  }
}

TEST_CASE("R33: a directory is no input, output or errors, nor a mere path") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    for (const std::string stream : {"0", "1", "2"}) {
      CAPTURE(stream);
      const Ending ending = run_outside(
          account, kPolicy, "exec " + stream + "</; srt-run \"$BUNDLE\" sh -c 'touch inside/ran'");
      CHECK(ending.status == 125);
      if (stream != "2") CHECK(contains(ending.err, "is a directory"));
    }
    const std::string file = account.file("project/input", "");
    account.before_each([&] { dup2(open(file.c_str(), O_PATH), 0); });
    const Ending ending = account.run({"srt-run", account.compile(kPolicy), "true"});
    CHECK(ending.status == 125);
    CHECK(is_one_line(ending.err.substr(0, ending.err.find('\n') + 1)));
    CHECK(contains(ending.err, "standard input is no file"));
  }
}

TEST_CASE("R33: a socket that the command could connect or send elsewhere is refused") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string bundle = account.compile(kPolicy);
    const auto check_refused = [&](const std::function<int()>& make) {
      account.before_each([&] { dup2(make(), 0); });
      const Ending ending = account.run({"srt-run", bundle, "true"});
      CHECK(ending.status == 125);
      CHECK(is_one_line(ending.err));
      CHECK(contains(ending.err, "standard input is a socket that"));
    };
    check_refused([] { return socket(AF_INET, SOCK_STREAM, 0); });
    check_refused([] { return socket(AF_INET, SOCK_DGRAM, 0); });
    check_refused([] { return socket(AF_UNIX, SOCK_DGRAM, 0); });
    check_refused([] {
      int pair[2];
      check(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0, "socketpair");
      return pair[0];
    });
  }
}

TEST_CASE("R33: a connection of the host's network is relayed, so that it leads nowhere else") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string bundle = account.compile("policy \"x\"");
    const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    check(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0 &&
              listen(listener.get(), 1) == 0 &&
              getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0,
          "listen");
    const UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    check(connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "connect");
    const UniqueFd server(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    check(write(client.get(), "question\n", 9) == 9, "write");
    account.before_each([&] {
      dup2(server.get(), 0);
      dup2(server.get(), 1);
    });
    const Ending ending = account.run(
        {"srt-run", bundle, "sh", "-c", "read q; [ -p /proc/self/fd/0 ] && echo got $q"});
    CHECK(ending.status == 0);
    char answer[32] = {};
    CHECK(read(client.get(), answer, sizeof(answer)) > 0);
    CHECK(std::string(answer) == "got question\n");
  }
}

TEST_CASE("R33: what the command did not read of a file is the next program's") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile("policy \"x\"");
    const std::string input = account.file("home/input", "one\ntwo\nthree\n");
    CHECK(account.run({"sh", "-c", "{ srt-run " + bundle + " true; cat; } <" + input}).out ==
          "one\ntwo\nthree\n");
    CHECK(account
              .run({"sh", "-c",
                    "while read line; do srt-run " + bundle + " echo $line; done <" + input})
              .out == "one\ntwo\nthree\n");
    CHECK(account.run({"sh", "-c", "{ srt-run " + bundle + " sh -c 'read x'; cat; } <" + input})
              .out == "two\nthree\n");
  }
}

TEST_CASE("R33: files without a name are relayed, read to the end and left as they were") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string bundle = account.compile("allow write /**");
    const UniqueFd memory(memfd_create("input", MFD_CLOEXEC));
    check(write(memory.get(), "memory\n", 7) == 7, "write");
    account.before_each([&] {
      lseek(memory.get(), 0, SEEK_SET);
      dup2(memory.get(), 0);
    });
    const Ending ending = account.run(
        {"srt-run", bundle, "sh", "-c", "cat; (echo evil >/proc/self/fd/0) 2>/dev/null"});
    CHECK(ending.out == "memory\n");
    char now[16] = {};
    CHECK(pread(memory.get(), now, sizeof(now), 0) == 7);
    CHECK(std::string(now) == "memory\n");

    const std::string deleted = account.file("project/deleted", "gone\n");
    account.before_each([&] {
      dup2(open(deleted.c_str(), O_RDONLY), 0);
      unlink(deleted.c_str());
    });
    CHECK(account.run({"srt-run", bundle, "cat"}).out == "gone\n");
  }
}

TEST_CASE("a fifo that is passed on by a pipe stays as blocking as it was") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const Ending ending = run_outside(account, kPolicy,
                                      "mkfifo in; (echo one; sleep 0.3; echo two; sleep 0.3) >in & "
                                      "{ srt-run \"$BUNDLE\" head -n 1; cat; } <in; wait");
    CHECK(ending.out == "one\ntwo\n");
    CHECK(ending.err == "");
  }
}

TEST_CASE("what is large arrives whole, both ways") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const Ending ending =
        run_outside(account, kPolicy,
                    "head -c 5000000 /dev/urandom >large; srt-run \"$BUNDLE\" cat <large >copy &&"
                    "cmp large copy && srt-run \"$BUNDLE\" true <large &&"
                    "srt-run \"$BUNDLE\" head -c 3 <<<abcdef");
    CHECK(ending.status == 0);
    CHECK(ending.out == "abc");
    CHECK(ending.err == "");
  }
}

TEST_CASE("output and errors in one file keep their order") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const Ending ending = run_outside(
        account, kPolicy,
        "srt-run \"$BUNDLE\" sh -c 'for i in 1 2 3; do echo out; echo err >&2; done' >log 2>&1;"
        "cat log");
    CHECK(ending.out == "out\nerr\nout\nerr\nout\nerr\n");
  }
}

TEST_CASE("a file that the policy lets be written is passed as it is") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string file = account.directory("project/inside") + "/file";
    const Ending ending =
        run_outside(account, kPolicy,
                    "srt-run \"$BUNDLE\" readlink /proc/self/fd/1 >inside/file; cat inside/file");
    CHECK(ending.out == file + "\n");
    CHECK(run_outside(account, kPolicy, "srt-run \"$BUNDLE\" readlink /proc/self/fd/0 </dev/null")
              .out == "/dev/null\n");
  }
}

TEST_CASE("a named pipe waits for both of its ends") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const Ending ending = run_outside(account, kPolicy,
                                      "mkfifo in out; (sleep 0.2; echo text) >in & cat out & "
                                      "srt-run \"$BUNDLE\" sed s/t/T/g <in >out; wait");
    CHECK(ending.status == 0);
    CHECK(ending.out == "TexT\n");
  }
}

TEST_CASE("output that cannot be written is said, and ends the command as a full disk would") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    // The limit is the shell's, for files of four megabytes.
    const Ending ending = run_outside(account, kPolicy,
                                      "ulimit -f 4000; trap '' XFSZ; "
                                      "srt-run \"$BUNDLE\" head -c 5000000 /dev/zero >log");
    CHECK(ending.status == 128 + SIGPIPE);
    CHECK(contains(ending.err, "cannot write to standard output"));
  }
}

TEST_CASE("--verbose says what is behind a pipe") {
  Account account(users().back());
  const std::string file = account.file("project/input", "");
  const Ending ending = run_outside(account, kPolicy, "srt-run --verbose \"$BUNDLE\" true <input");
  CHECK(contains(ending.err, "standard input is `" + file + "`"));
}

TEST_CASE("the caller's terminal has its mode back when the run is over") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string bundle = account.compile(kPolicy);
    const Ending ending = account.run(
        {"script", "-qec",
         "stat -c %a $(tty); srt-run " + bundle +
             " sh -c 'chmod 666 /proc/self/fd/0; stat -Lc %a /proc/self/fd/0'; stat -c %a $(tty)",
         "/dev/null"});
    std::istringstream modes(ending.out);
    std::string before;
    std::string inside;
    std::string after;
    modes >> before >> inside >> after;
    CHECK(inside == "666");
    CHECK(before != inside);
    CHECK(after == before);
  }
}

}  // namespace
}  // namespace srt::live
