#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <string>

#include "tests/live/run/account.h"
#include "tests/live/run/web_server.h"

// Programs that know nothing of a proxy.

namespace srt::live {
namespace {

const std::string kPython = "/usr/bin/python3 -c ";

/// Gives this machine another file, or directory, in a place for what the account starts; only root
/// can.
void set_places(Account& account, std::map<std::string, std::string> files) {
  account.before_each([files = std::move(files)] {
    check(unshare(CLONE_NEWNS) == 0, "unshare");
    check(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mount");
    for (const auto& [place, file] : files) {
      check(mount(file.c_str(), place.c_str(), nullptr, MS_BIND, nullptr) == 0, "mount");
    }
  });
}

void set_hosts(Account& account, const std::string& text) {
  set_places(account, {{"/etc/hosts", account.file("hosts", text)}});
}

/// The statement that lets no program inside find names by itself.
const std::string kHideHosts = "deny read /etc/hosts\n";

TEST_CASE("P47: programs without proxy settings reach a permitted name, by its look-up") {
  if (geteuid() != 0) {
    MESSAGE("not run: only root can give itself another /etc/hosts");
    return;
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.file("page", "hello\n");
    const WebServer server(account / "");
    set_hosts(account, "127.0.0.1 web.example.com other.example.net\n");
    const std::string port = server.port();
    const std::string policy =
        kHideHosts + "allow connect *.example.com:" + port + ", 127.0.0.1:" + port + "\n";
    const std::string url = "http://web.example.com:" + port + "/page";
    const Ending ending = account.run_under(
        policy,
        "env -i curl -sS --noproxy '*' " + url + "\n" +
            "bash -c 'exec 3<>/dev/tcp/web.example.com/" + port +
            "; printf \"GET /page HTTP/1.0\\r\\n\\r\\n\" >&3; tail -n1 <&3'\n" + kPython +
            "'import http.client as h; c = h.HTTPConnection(\"web.example.com\", " + port +
            "); c.request(\"GET\", \"/page\"); print(c.getresponse().read().decode(), end=\"\")'\n"
            "env -i wget -q -O - " +
            url + "\n" + "getent ahostsv4 web.example.com | head -n1");
    CHECK_MESSAGE(ending.out.starts_with("hello\nhello\nhello\nhello\n198.18.1.0 "), ending.err);
    // Of another name that the same address has, and of another port, nothing is seen.
    const int before = server.connections();
    const WebServer other(account / "");
    const Ending refused = account.run_under(
        policy, "env -i curl -sS --noproxy '*' http://other.example.net:" + port +
                    "/page; env -i curl -sS --noproxy '*' http://web.example.com:" + other.port() +
                    "/page");
    CHECK(refused.out.empty());
    CHECK(server.connections() == before);
    CHECK(other.connections() == 0);
  }
}

TEST_CASE("P47: an address that a rule names is reached, one that none does is reset at once") {
  const std::string address = own_address();
  if (address.empty()) {
    MESSAGE("not run: this machine has loopback addresses only");
    return;
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("page", "hello\n");
    const WebServer allowed(account / "", address.c_str());
    const WebServer denied(account / "", address.c_str());
    const auto start = std::chrono::steady_clock::now();
    const Ending ending = account.run_under(
        "allow connect " + address + ":" + allowed.port(),
        "for p in " + allowed.port() + " " + denied.port() +
            "; do env -i curl -sS --noproxy '*' http://" + address +
            ":$p/page || echo reset; done\n" + kPython +
            "'import socket\n"
            "for a in \"192.0.2.1\", \"2001:db8::1\", \"169.254.169.254\", \"8.8.8.8\":\n"
            "  for p in 1, 443:\n"
            "    try: print(socket.create_connection((a, p), 5).recv(1) and \"answered\")\n"
            "    except ConnectionResetError: pass\n"
            "    except OSError as e: print(a, e)\n"
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect((\"8.8.8.8\", 443)); "
            "s.send(b\"x\")\n"
            "try: s.recv(1)\n"
            "except OSError as e: print(e)'");
    CHECK_MESSAGE(ending.out == "hello\nreset\n[Errno 111] Connection refused\n", ending.err);
    CHECK(denied.connections() == 0);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  }
}

TEST_CASE("P50: names that are denied do not exist, and nothing else is told of any") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile(
        "allow connect *.example.com\ndeny connect bad.example.com because \"it is bad\"");
    const std::string script =
        "import socket, struct\n"
        "def query(name, kind):\n"
        "  m = struct.pack('>6H', 7, 0x100, 1, 0, 0, 1)\n"
        "  for l in name.split('.'): m += bytes([len(l)]) + l.encode()\n"
        "  return m + struct.pack('>xHHxHH6x', kind, 1, 41, 1232)\n"
        "def ask(server, name, kind, stream=False):\n"
        "  m = query(name, kind)\n"
        "  if stream:\n"
        "    s = socket.create_connection((server, 53), 5); s.sendall(struct.pack('>H', len(m)) + "
        "m)\n"
        "    r = s.recv(600)[2:]\n"
        "  else:\n"
        "    s = socket.socket(socket.AF_INET6 if ':' in server else socket.AF_INET, "
        "socket.SOCK_DGRAM); s.settimeout(5); s.connect((server, 53)); s.send(m); r = s.recv(600)\n"
        "  print(r[3] & 15, r[7], b'it is bad' in r)\n"
        "for server in '8.8.8.8', '127.0.0.53':\n"
        "  for stream in False, True:\n"
        "    ask(server, 'www.example.com', 1, stream)\n"
        "    ask(server, 'bad.example.com', 1, stream)\n"
        "    ask(server, 'a' * 63 + '.' + 'b' * 63 + '.example.net', 1, stream)\n"
        "    ask(server, 'www.example.com', 16, stream)\n"
        "    ask(server, 'www.example.com', 28, stream)\n";
    const std::string each = "0 1 False\n3 0 True\n3 0 False\n5 0 False\n0 0 False\n";
    const std::string report = account / "report";
    const Ending ending =
        account.run({"srt-run", "--report", report, bundle, "/usr/bin/python3", "-c", script});
    CHECK_MESSAGE(ending.out == each + each + each + each, ending.err);
    const std::string lines = content(report);
    CHECK(contains(lines, "\"subject\":\"bad.example.com\",\"verdict\":\"deny\""));
    CHECK(contains(lines, "no rule of the policy allows the name"));
    const Ending look_up = account.run({"srt-run", bundle, "getent", "ahosts", "bad.example.com"});
    CHECK(look_up.status == 2);  // unknown, not "try again"
  }
}

TEST_CASE("an address that the hosts file gives to a permitted name stands for it") {
  const std::string address = own_address();
  if (geteuid() != 0 || address.empty()) {
    MESSAGE("not run: needs root for another /etc/hosts, and an address beside loopback");
    return;
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.file("page", "hello\n");
    const WebServer server(account / "", address.c_str());
    set_hosts(account, address + " other.example.net db.example.com\n");
    const std::string bundle = account.compile("allow connect *.example.com:" + server.port());
    const std::string report = account / "report";
    const Ending ending =
        account.run({"srt-run", "--report", report, bundle, "curl", "-sS", "--noproxy", "*",
                     "http://db.example.com:" + server.port() + "/page"});
    // It is judged as the name, whose address is then found to be this machine's own.
    CHECK(ending.status != 0);
    CHECK(contains(content(report), "\"subject\":\"db.example.com:" + server.port() + "\""));
    CHECK(contains(content(report), "which is an address of this host"));
  }
}

TEST_CASE("look-ups inside work whatever name servers the machine has") {
  if (geteuid() != 0) {
    MESSAGE("not run: only root can give itself another /etc/resolv.conf");
    return;
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    const auto address = [&](Account& account) {
      return account.run_under("allow connect www.example.com", "getent ahostsv4 www.example.com")
          .out.substr(0, 11);
    };
    const bool has_v6 = access("/proc/net/if_inet6", F_OK) == 0;
    for (const std::string server : {"10.0.0.1", "169.254.1.1", "fe80::1%eth7", "2001:db8::1"}) {
      CAPTURE(server);
      if (server.find(':') != std::string::npos && !has_v6) continue;
      Account account(user);
      const std::string file = account.file("resolv.conf", "nameserver " + server + "\n");
      set_places(account, {{"/etc/resolv.conf", file}});
      CHECK(address(account) == "198.18.1.0 ");
    }
    // A link that leads nowhere, as where a service that makes the file is not running.
    Account account(user);
    const std::string etc = account.directory("etc");
    const std::string copied =
        "cd /etc && cp -a passwd group nsswitch.conf hosts ld.so.cache " + etc;
    REQUIRE(std::system(copied.c_str()) == 0);
    REQUIRE(symlink("/run/none/resolv.conf", (etc + "/resolv.conf").c_str()) == 0);
    set_places(account, {{"/etc", etc}});
    CHECK(address(account) == "198.18.1.0 ");
  }
}

TEST_CASE("names that only a search list makes do not exist, where every name is allowed") {
  if (geteuid() != 0) {
    MESSAGE("not run: only root can give itself another /etc/resolv.conf");
    return;
  }
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.file("page", "hello\n");
    const WebServer server(account / "");
    set_places(account, {{"/etc/hosts",
                          account.file("hosts", "127.0.0.1 web.example.net db.corp.example\n")},
                         {"/etc/resolv.conf",
                          account.file("resolv.conf", "search corp.example\noptions ndots:5\n")}});
    const std::string port = server.port();
    const std::string get = "curl -sS --noproxy '*' http://";
    const Ending ending = account.run_under(
        kHideHosts + "allow connect *:" + port + ", 127.0.0.1:" + port,
        get + "web.example.net:" + port + "/page; " + get + "db:" + port + "/page; " +
            "getent ahostsv4 web.example.net | head -n1; getent ahostsv4 none.corp.example");
    CHECK_MESSAGE(ending.out.starts_with("hello\nhello\n198.18.1."), ending.err);
    CHECK(ending.status == 2);  // of the last, which there is not
  }
}

TEST_CASE("a rule about port 53 of the host's loopback leaves look-ups as they are") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under("allow connect localhost:53, www.example.com",
                                            "getent ahostsv4 www.example.com | head -n1");
    CHECK_MESSAGE(ending.out.starts_with("198.18.1.0 "), ending.err);
  }
}

TEST_CASE("every port of the sandbox is the command's, those below 1024 too") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under(
        "allow connect example.com:443, *.example.org",
        kPython +
            "'import socket\n"
            "for p in 1, 80, 443, 5432, 8080:\n"
            "  l = socket.create_server((\"0.0.0.0\", p))\n"
            "  for a in \"127.0.0.1\", \"127.1.2.3\", \"198.18.0.1\":\n"
            "    c = socket.create_connection((a, p), 5); l.accept()[0].send(b\"x\")\n"
            "    print(c.recv(1).decode(), end=\"\")'");
    CHECK_MESSAGE(ending.out == "xxxxxxxxxxxxxxx", ending.err);
  }
}

}  // namespace
}  // namespace srt::live
