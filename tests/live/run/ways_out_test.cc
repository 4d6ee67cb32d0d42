#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <string>

#include "tests/live/run/account.h"

namespace srt::live {
namespace {

// A proxy that answers in the place of every server, and says how it was asked for whom. Its first
// argument is the authorization that it wants, its second where its port is to be written.
constexpr const char* kProxy = R"(
import os, socket, socketserver, sys
class Handler(socketserver.StreamRequestHandler):
    def head(self):
        lines = []
        while True:
            line = self.rfile.readline()
            if line in (b"\r\n", b""): return lines
            lines.append(line.decode().strip())
    def answer(self, text):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                         % (len(text), text.encode()))
    def handle(self):
        first = self.rfile.peek(1)[:1]
        if first == b"\x05":
            self.socks()
            return
        lines = self.head()
        if not lines: return
        method, target, _ = lines[0].split()
        if sys.argv[1] and "Proxy-Authorization: " + sys.argv[1] not in lines:
            self.wfile.write(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
        elif method == "CONNECT":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            if self.head(): self.answer("tunnel to " + target + "\n")
        else:
            self.answer("request for " + target + "\n")
    def socks(self):
        self.rfile.read(self.rfile.read(2)[1])
        self.wfile.write(b"\x05\x00")
        size = self.rfile.read(5)[4]
        host = self.rfile.read(size).decode()
        self.rfile.read(2)
        self.wfile.write(b"\x05\x00\x00\x01\0\0\0\0\0\0")
        if self.head(): self.answer("SOCKS for " + host + "\n")
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
server = Server(("127.0.0.1", 0), Handler)
with open(sys.argv[2] + ".new", "w") as out: out.write(str(server.server_address[1]))
os.rename(sys.argv[2] + ".new", sys.argv[2])
server.serve_forever()
)";

class UserProxy {
 public:
  explicit UserProxy(const Account& account, const std::string& authorization = "") {
    account.file("project/proxy.py", kProxy);
    const std::string place = account.project() + "/port-of-proxy";
    unlink(place.c_str());
    const int output = open("/dev/null", O_WRONLY | O_CLOEXEC);
    process_ = account.start({"python3", "proxy.py", authorization, place}, output);
    close(output);
    REQUIRE(wait_until([&] { return exists(place); }));
    port = content(place);
  }
  ~UserProxy() {
    kill(process_, SIGKILL);
    wait_for_end(process_);
  }
  UserProxy(const UserProxy&) = delete;
  UserProxy& operator=(const UserProxy&) = delete;

  std::string port;

 private:
  pid_t process_;
};

// "me:secret" in Base64.
constexpr const char* kAuthorization = "Basic bWU6c2VjcmV0";

const std::string kFetch =
    "curl -sS http://one.example/a\n"
    "curl -sSp http://one.example:8080/b\n"
    "curl -sS --proxy socks5h://${http_proxy#http://} http://one.example/c\n";
const std::string kFetched =
    "request for http://one.example/a\ntunnel to one.example:8080\ntunnel to one.example:80\n";

bool shows_secret(const std::string& text) {
  return contains(text, "secret") || contains(text, "c2VjcmV0");
}

TEST_CASE("connections leave through the upstream proxy of the policy, with its credentials") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const UserProxy proxy(account, kAuthorization);
    const std::string option =
        "option upstream-proxy = \"http://me:secret@127.0.0.1:" + proxy.port + "\"\n";
    const Ending ending = account.run_under(
        option + "allow connect one.example",
        kFetch + "curl -sS -o /dev/null -w '%{http_code}\\n' http://two.example/\nenv");
    CHECK_MESSAGE(contains(ending.out, kFetched + "403\n"), ending.err);
    CHECK_FALSE(shows_secret(ending.out));
  }
}

TEST_CASE("an upstream proxy of the caller's environment is used, and its password is not shown") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const UserProxy proxy(account, kAuthorization);
    account.set("HTTPS_PROXY", "http://me:secret@127.0.0.1:" + proxy.port);
    account.set("NO_PROXY", "direct.example");
    const std::string bundle = account.compile("allow connect one.example, direct.example");
    const Ending good = account.run({"srt-run", bundle, "sh", "-c", kFetch + "env"});
    CHECK_MESSAGE(contains(good.out, kFetched), good.err);
    CHECK_FALSE(shows_secret(good.out));

    account.set("HTTPS_PROXY", "http://me:wrongsecret@127.0.0.1:" + proxy.port);
    const std::string report = account / "report";
    const Ending bad = account.run({"srt-run", "--verbose", "--report", report, bundle, "sh", "-c",
                                    "curl -sS http://one.example/; curl -sS https://one.example/; "
                                    "curl -sS http://direct.example/"});
    CHECK(contains(bad.out, "does not take the user name and password given"));
    CHECK(contains(bad.err, "does not take the user name and password given"));
    CHECK(contains(bad.err, "`direct.example` could not be resolved"));
    const std::string lines = content(report);
    CHECK(contains(lines, "the upstream proxy `127.0.0.1:" + proxy.port + "`"));
    CHECK(contains(lines, "\"verdict\":\"error\""));
    for (const std::string& text : {bad.out, bad.err, lines}) CHECK_FALSE(shows_secret(text));

    account.set("HTTPS_PROXY", "socks5://me:secret@127.0.0.1:1");
    const Ending none = account.run({"srt-run", bundle, "true"});
    CHECK(none.status == 125);
    CHECK(is_one_line(none.err.substr(0, none.err.find('\n') + 1)));
    CHECK(
        contains(none.err, "the variable `HTTPS_PROXY`: the upstream proxy is not an HTTP proxy"));
    CHECK_FALSE(shows_secret(none.err));
  }
}

TEST_CASE("proxies on ports of the caller's decide in the place of ours") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const UserProxy proxy(account);
    const std::string settings = account.file(
        "settings.json", R"({"network": {"allowedDomains": ["one.example"], "httpProxyPort": )" +
                             proxy.port + R"(, "socksProxyPort": )" + proxy.port + "}}");
    const Ending ending =
        account.run({"srt", "--settings", settings, "-c",
                     "curl -sS http://two.example/; curl -sSp http://two.example/; "
                     "curl -sS --proxy $FTP_PROXY http://three.example/; "
                     // The port itself is not opened, and our own proxy holds to the list.
                     "curl -sS --noproxy '*' --max-time 2 http://127.0.0.1:" +
                         proxy.port + "/; curl -sS -o /dev/null -w '%{http_code}\\n' --proxy " +
                         "http://127.0.0.1:3128 http://two.example/"});
    CHECK_MESSAGE(ending.out ==
                      "request for http://two.example/\ntunnel to two.example:80\n"
                      "SOCKS for three.example\n403\n",
                  ending.err);
  }
}

TEST_CASE("P45: of the names that a hosts file gives to an address TLS chooses an allowed one") {
  if (geteuid() != 0) {
    MESSAGE("not run: only root can give itself another /etc/hosts");
    return;
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const UserProxy proxy(account);
    // The rule about addresses lets the name be looked up here: the tunnel leads to that address.
    const std::string bundle =
        account.compile("option upstream-proxy = \"http://127.0.0.1:" + proxy.port +
                        "\"\nallow connect one.example, two.example\n"
                        "deny connect three.example, 203.0.113.0/24");
    const std::string hosts =
        account.file("hosts", "192.0.2.7 three.example one.example two.example\n");
    account.before_each([hosts] {
      check(unshare(CLONE_NEWNS) == 0, "unshare");
      check(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mount");
      check(mount(hosts.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0, "mount");
    });
    // What answers is no TLS, so a hello that was let through fails in another way.
    const auto error_of = [&](const std::string& name) {
      return account
          .run({"srt-run", bundle, "curl", "-sS", "--noproxy", "*", "--max-time", "2",
                "https://" + name + ".example/"})
          .err;
    };
    for (const char* allowed : {"one", "two"}) {
      const std::string error = error_of(allowed);
      CHECK_MESSAGE(!contains(error, "unrecognized name"), error);
      CHECK_MESSAGE(!contains(error, "Could not resolve"), error);
    }
    const std::string denied = error_of("three");
    CHECK_MESSAGE(contains(denied, "unrecognized name"), denied);
  }
}

}  // namespace
}  // namespace srt::live
