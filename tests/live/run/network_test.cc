#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <map>
#include <string>

#include "runtime/base/unique_fd.h"
#include "tests/live/run/account.h"
#include "tests/live/run/web_server.h"

namespace srt::live {
namespace {

/// A command line that sends loopback names through the proxy too, which `NO_PROXY` else keeps
/// from it.
const std::string kThroughProxy = "env NO_PROXY= no_proxy= ";

TEST_CASE("a port of this machine that the policy allows is reached directly and by proxy") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("page", "hello\n");
    const WebServer server(account / "");
    const Ending ending = account.run_under(
        "allow connect localhost:" + server.port(),
        "u=http://localhost:" + server.port() + "/page\ncurl -sS $u\n" + kThroughProxy +
            "curl -sS $u\n" + "curl -sS --noproxy '*' http://127.0.0.1:" + server.port() + "/page");
    CHECK_MESSAGE(ending.out == "hello\nhello\nhello\n", ending.err);
    CHECK(server.connections() == 3);
  }
}

TEST_CASE("hosts and ports that parameters stand for are those given at launch") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("page", "hello\n");
    const WebServer server(account / "");
    const std::string bundle = account.compile(
        "param host: host = example.com\nparam port: port\nallow connect ${host}:${port}");
    const std::vector<std::string> command = {bundle, "curl", "-sSf",
                                              "http://localhost:" + server.port() + "/page"};
    const auto run = [&](std::vector<std::string> words) {
      words.insert(words.begin(), "srt-run");
      words.insert(words.end(), command.begin(), command.end());
      return account.run(words);
    };
    const std::string port = "--param=port=" + server.port();
    const Ending given = run({"--param=host=localhost", port});
    CHECK_MESSAGE(given.out == "hello\n", given.err);
    CHECK(run({port}).out.empty());  // the default is another host
    const Ending without = run({});
    CHECK(without.status == 125);
    CHECK(contains(without.err, "parameter `port` is not set"));
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("what the policy does not allow is answered with 403 and the reason") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const WebServer server(account / "");
    const std::string curl = "curl -sS -o - -w '%{http_code}\\n' ";
    const Ending ending = account.run_under(
        "allow connect *.example.com\n"
        "deny connect www.example.com because \"it is down\"\n",
        kThroughProxy + curl + "http://localhost:" + server.port() + "/\n" + curl +
            "http://www.example.com/\n" + curl + "http://example.com/\n" + curl +
            "https://www.example.com/ 2>&1");
    CAPTURE(ending.out);
    CHECK(contains(ending.out, "blocked by srt: no rule of the policy allows `localhost:" +
                                   server.port() + "`"));
    CHECK(contains(ending.out, "it is down"));
    CHECK(contains(ending.out, "blocked by srt: no rule of the policy allows `example.com:80`"));
    CHECK(contains(ending.out, "response 403"));
    CHECK(server.connections() == 0);
  }
}

TEST_CASE(
    "P49: the caller's soft limit of descriptors is the command's, and bounds no connections") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const WebServer server(account / "");
    const std::string authority = "127.0.0.1:" + server.port();
    const std::string script =
        "import resource, socket\n"
        "soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))\n"
        "tunnels = []\n"
        "for _ in range(60):\n"
        "  tunnels.append(socket.create_connection(('127.0.0.1', 3128), 5))\n"
        "  tunnels[-1].sendall(b'CONNECT " +
        authority + " HTTP/1.1\\r\\nHost: " + authority +
        "\\r\\n\\r\\n')\n"
        "print(soft, sum(b' 200 ' in tunnel.recv(100) for tunnel in tunnels))\n";
    const std::string bundle = account.compile("allow connect " + authority);
    const Ending ending = account.run({"sh", "-c",
                                       "ulimit -Sn 64; exec srt-run \"$0\" timeout 9 "
                                       "/usr/bin/python3 -c \"$1\"",
                                       bundle, script});
    CHECK_MESSAGE(ending.out == "64 60\n", ending.err);
  }
}

TEST_CASE("P46: an allowed host is not reached on another port") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("page", "hello\n");
    const WebServer allowed(account / "");
    const WebServer other(account / "");
    const std::string url = "http://127.0.0.1:" + other.port() + "/page";
    const Ending ending = account.run_under(
        "allow connect localhost:" + allowed.port() + ", 127.0.0.1:" + allowed.port(),
        kThroughProxy + "curl -sS -w '%{http_code}\\n' -o /dev/null " + url + "\n" + kThroughProxy +
            "curl -sS -p " + url + "\ncurl -sS " + url + "\ncurl -sS --socks5-hostname $" +
            "{http_proxy#http://} --noproxy '' " + url);
    CHECK(ending.out == "403\n");
    CHECK(other.connections() == 0);
  }
}

TEST_CASE("P47: a program that ignores the proxy reaches nothing") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("page", "hello\n");
    const WebServer server(account / "");
    const std::string port = server.port();
    const Ending ending =
        account.run_under("allow connect example.com",
                          "for a in 127.0.0.1 192.0.2.1 198.18.0.1 169.254.169.254 8.8.8.8; do\n"
                          "  env -i curl -sS --noproxy '*' --max-time 3 http://$a:" +
                              port +
                              "/page\n"
                              "  env -i NO_PROXY='*' curl -sS --max-time 3 http://$a:" +
                              port +
                              "/page\n"
                              "  bash -c \"cat </dev/tcp/$a/" +
                              port +
                              "\"\n"
                              "done; curl -sS --noproxy '*' --max-time 3 http://example.com/");
    CHECK(ending.out.empty());
    CHECK(server.connections() == 0);
  }
}

TEST_CASE("P44: other spellings of loopback are judged as the address they are") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("page", "hello\n");
    const WebServer server(account / "");
    std::string script;
    for (const char* host : {"127.1", "2130706433", "0x7f000001", "0", "LOCALHOST", "localhost.",
                             "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"}) {
      // Spelled into the request: curl itself would fold some of these.
      script += "exec 3<>/dev/tcp/127.0.0.1/3128; printf 'GET http://" + std::string(host) + ":" +
                server.port() + "/page HTTP/1.1\\r\\nHost: " + host + ":" + server.port() +
                "\\r\\n\\r\\n' >&3; head -n1 <&3; exec 3>&-\n";
    }
    const Ending ending = account.run(
        {"srt-run", account.compile("allow connect *"), "timeout", "8", "bash", "-c", script});
    CAPTURE(ending.out);
    CHECK_FALSE(contains(ending.out, "200"));
    CHECK(contains(ending.out, "HTTP/1.1 403"));
    CHECK(server.connections() == 0);
  }
}

TEST_CASE(
    "P43: an allowed name that stands for an address of this machine or its network is refused") {
  if (geteuid() != 0) {
    MESSAGE("not run: only root can give itself another /etc/hosts");
    return;
  }
  std::map<std::string, std::string> reasons = {{"127.0.0.1", "a loopback address"},
                                                {"0.0.0.0", "the unspecified address"},
                                                {"169.254.1.1", "a link-local address"},
                                                {"169.254.169.254", "a cloud metadata service"},
                                                {"::1", "a loopback address"}};
  if (!own_address().empty()) reasons[own_address()] = "an address of this host";
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.file("page", "hello\n");
    const WebServer server(account / "");
    std::string hosts;
    std::string script;
    std::string expected;
    for (const auto& [address, reason] : reasons) {
      const std::string name = "name" + std::to_string(hosts.size()) + ".example.com";
      hosts += address + ' ' + name + '\n';
      script +=
          "curl -sS http://" + name + ":" + server.port() + "/page | grep -o '" + reason + "'\n";
      expected += reason + '\n';
    }
    const std::string file = account.file("hosts", hosts);
    account.before_each([&file] {
      check(unshare(CLONE_NEWNS) == 0, "unshare");
      check(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mount");
      check(mount(file.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0, "mount");
    });
    CHECK(account.run_under("allow connect *.example.com", script).out == expected);
    CHECK(server.connections() == 0);
    // An address that is allowed itself is reached by name too.
    const std::string policy = "allow connect *.example.com, 127.0.0.1:" + server.port() + "\n";
    CHECK(account.run_under(policy, script + "true").out.find("a loopback address\n") !=
          std::string::npos);
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("P43: what the host routes to itself is its own, whenever that began") {
  const bool has_ip = access("/usr/sbin/ip", X_OK) == 0 || access("/sbin/ip", X_OK) == 0;
  if (geteuid() != 0 || !has_ip) {
    MESSAGE("not run: needs root for a network of its own, and iproute2");
    return;
  }
  const bool has_v6 = access("/proc/net/if_inet6", F_OK) == 0;
  const std::string network =
      "ip link set lo up && ip route add local 198.51.100.0/24 dev lo" +
      std::string(has_v6 ? " && ip -6 route add local 2001:db8:1::/48 dev lo" : "");
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::string hosts = account.file("hosts",
                                           "198.51.100.9 four.example.com\n"
                                           "2001:db8:1::9 six.example.com\n"
                                           "203.0.113.9 late.example.com\n");
    const std::string bundle =
        account.compile("allow write " + account.project() +
                        "\nallow connect *.example.com:80, *.example.com:81, 198.51.100.0/24:81");
    const std::string late = "cd " + account.project() +
                             "; for i in $(seq 200); do [ -e begun ] && break; sleep 0.02; done; "
                             "ip address add 203.0.113.9/32 dev lo && touch added";
    account.before_each([&] {
      check(unshare(CLONE_NEWNS | CLONE_NEWNET) == 0, "unshare");
      check(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mount");
      check(mount(hosts.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0, "mount");
      check(system(network.c_str()) == 0, "ip");
      if (fork() == 0) execl("/bin/sh", "sh", "-c", late.c_str(), nullptr);
    });
    const std::string get = "curl -sS --max-time 5 http://";
    const Ending ending =
        account.run({"srt-run", bundle, "sh", "-c",
                     get + "four.example.com/\n" + get + "six.example.com/\n" + get +
                         "four.example.com:81/\n" + get + "late.example.com/\ntouch begun\n" +
                         "for i in $(seq 200); do [ -e added ] && break; sleep 0.02; done\n" + get +
                         "late.example.com/"});
    CAPTURE(ending.err);
    CAPTURE(ending.out);
    const std::string own = "`, which is an address of this host\n";
    CHECK(contains(ending.out, "`198.51.100.9" + own));
    if (has_v6) CHECK(contains(ending.out, "`2001:db8:1::9" + own));
    CHECK(contains(ending.out, "`four.example.com:81` could not be reached: Connection refused"));
    CHECK(contains(ending.out, "`late.example.com:80` could not be reached: Network is unreach"));
    CHECK(contains(ending.out, "`203.0.113.9" + own));
  }
}

TEST_CASE("C42: without a rule that allows a host there is no network at all") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.set("https_proxy", "http://proxy.example:3128");
    account.file("page", "hello\n");
    account.file("empty.json", R"({"network": {"allowedDomains": []}})");
    const WebServer server(account / "");
    const std::string script =
        "env | grep -i _proxy; curl -sS --max-time 3 http://localhost:" + server.port() +
        "/page; (: </dev/tcp/127.0.0.1/3128) 2>/dev/null "
        "&& echo open; cat /proc/net/tcp | wc -l";
    const std::string bundle = account.compile("deny connect example.com");
    CHECK(account.run({"srt-run", bundle, "bash", "-c", script}).out == "1\n");
    CHECK(account.run({"srt", "-s", account / "empty.json", "-c", script}).out == "1\n");
    CHECK(server.connections() == 0);
  }
}

/// Makes a bare repository with one commit at `site/r.git`, ready to be served as files.
void make_repository(const Account& account) {
  account.directory("site");
  const Ending ending = account.run(
      {"sh", "-ec",
       "cd ../site; git init -q --bare r.git; git init -q w; cd w; echo text >file; git add file; "
       "git -c user.name=n -c user.email=e commit -qm m; git push -q ../r.git "
       "HEAD:refs/heads/main; "
       "cd ../r.git; git symbolic-ref HEAD refs/heads/main; git update-server-info"});
  REQUIRE_MESSAGE(ending.status == 0, ending.err);
}

TEST_CASE("git clones over HTTP through the proxy, and says why where the host is not allowed") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    make_repository(account);
    const WebServer server(account / "site");
    const std::string clone =
        kThroughProxy + "git clone -q http://127.0.0.1:" + server.port() + "/r.git copy";
    const Ending allowed = account.run_under(
        "allow write .\nuse std.protect\nallow connect 127.0.0.1:" + server.port(), clone);
    CHECK_MESSAGE(allowed.status == 0, allowed.err);
    CHECK(exists(account / "project/copy/file"));
    const int before = server.connections();
    REQUIRE(account.run({"rm", "-rf", "copy"}).status == 0);
    const Ending refused =
        account.run_under("allow write .\nallow connect example.com", clone + " 2>&1");
    CHECK(refused.status == 128);
    CHECK(contains(refused.out, "403"));
    CHECK_FALSE(exists(account / "project/copy"));
    CHECK(server.connections() == before);
  }
}

/// A unix socket that listens at `address`, which begins with NUL where it is abstract.
UniqueFd listen_at(const std::string& address) {
  UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  REQUIRE(address.size() < sizeof(name.sun_path));
  address.copy(name.sun_path, address.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  check(bind(listener.get(), reinterpret_cast<sockaddr*>(&name), size) == 0, "bind");
  check(listen(listener.get(), 1) == 0, "listen");
  return listener;
}

TEST_CASE("R31, R32: sockets of the host's services, by path or abstract, are not reached") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string path = account / "project/docker.sock";
    const UniqueFd by_path = listen_at(path);
    check(chown(path.c_str(), user, user) == 0, "chown");
    const std::string abstract = "srt-live-" + std::to_string(getpid());
    const UniqueFd by_name = listen_at(std::string(1, '\0') + abstract);
    const std::string script =
        "import socket\n"
        "for a in '" +
        path + "', '\\0" + abstract +
        "':\n"
        "  for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET:\n"
        "    try:\n"
        "      socket.socket(socket.AF_UNIX, kind).connect(a)\n"
        "      print('connected')\n"
        "    except PermissionError: print('refused')\n";
    const std::string bundle = account.compile("allow write /**");
    const std::string six = "refused\nrefused\nrefused\nrefused\nrefused\nrefused\n";
    CHECK(account.run({"srt-run", bundle, "/usr/bin/python3", "-c", script}).out == six);
  }
}

}  // namespace
}  // namespace srt::live
