#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>

#include <string>

#include "tests/live/run/account.h"

namespace srt::live {
namespace {

constexpr const char* kServer = R"(
import http.server, os, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"hello\n")
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("certificate", "key")
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
with open("port.new", "w") as out: out.write(str(server.server_address[1]))
os.rename("port.new", "port")
server.serve_forever()
)";

// A web server with TLS on a port of 127.0.0.1, and a certificate made for it.
class TlsServer {
 public:
  explicit TlsServer(const Account& account) {
    const Ending made = account.run(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-keyout", "key", "-out", "certificate", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,DNS:one.localhost,DNS:two.localhost"});
    REQUIRE_MESSAGE(made.status == 0, made.err);
    account.file("project/server.py", kServer);
    const int output = open("/dev/null", O_WRONLY | O_CLOEXEC);
    process_ = account.start({"python3", "server.py"}, output);
    close(output);
    REQUIRE(wait_until([&] { return exists(account.project() + "/port"); }));
    port = content(account.project() + "/port");
  }
  ~TlsServer() {
    kill(process_, SIGKILL);
    wait_for_end(process_);
  }

  std::string port;

 private:
  pid_t process_;
};

TEST_CASE("P45: curl reaches a TLS server by the name it asks for, and by no other") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const TlsServer server(account);
    const std::string policy = "allow connect one.localhost:" + server.port +
                               ", two.localhost:" + server.port +
                               "\nallow connect localhost:" + server.port;
    const std::string curl = "env NO_PROXY= no_proxy= curl -sS --cacert certificate --max-time 5 ";
    const std::string one = "https://one.localhost:" + server.port + "/";
    const std::string through =
        "--connect-to two.localhost::one.localhost: https://two.localhost:" + server.port + "/";
    const Ending good = account.run_under(
        policy, curl + one + "\n" + curl + "--tls-max 1.2 " + one + "\n" + curl +
                    "--proxy socks5h://${http_proxy#http://} " + one + "\n" +
                    // By the port of this machine that the sandbox sees as its own.
                    "curl -sS --cacert certificate https://localhost:" + server.port + "/\n" +
                    "curl -sSk https://127.0.0.1:" + server.port + "/");
    CHECK_MESSAGE(good.out == "hello\nhello\nhello\nhello\nhello\n", good.err);

    const std::string bundle = account.compile(policy);
    for (const std::string& way : {curl, curl + "--proxy socks5h://${http_proxy#http://} ",
                                   std::string("curl -sS --cacert certificate --max-time 5 ")}) {
      CAPTURE(way);
      const bool by_port = way.starts_with("curl");
      const std::string report = account / "report";
      const Ending bad = account.run(
          {"srt-run", "--report", report, bundle, "sh", "-c",
           way + (by_port ? "--connect-to two.localhost::localhost: https://two.localhost:" +
                                server.port + "/"
                          : through)});
      CHECK(bad.out.empty());
      CHECK_MESSAGE(contains(bad.err, "unrecognized name"), bad.err);
      const std::string line = content(report);
      CHECK(is_one_line(line));
      CHECK(contains(line, std::string("\"rule\":")));
      CHECK(contains(line, "\"verdict\":\"deny\""));
      CHECK(contains(line, "the TLS hello names `two.localhost`"));
      unlink(report.c_str());
    }
    const Ending any = account.run_under(
        "allow connect one.localhost:" + server.port + " tls-name any", curl + through);
    CHECK_MESSAGE(any.out == "hello\n", any.err);
  }
}

}  // namespace
}  // namespace srt::live
