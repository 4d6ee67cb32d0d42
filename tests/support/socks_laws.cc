#include <fmt/format.h>

#include <functional>
#include <optional>

#include "proxy/server/socks.h"
#include "tests/support/laws.h"

namespace srt::test {
namespace {

// What is read of the first bytes of a message, for comparison: nothing while it is not whole.
using Reading =
    std::function<std::optional<std::string>(std::string_view bytes, std::size_t& length)>;

// How a message is read does not depend on how its bytes come: what is decided stays, and is
// decided by its last byte at the latest.
std::string breach_of_message_laws(std::string_view bytes, const Reading& read,
                                   std::size_t& length) {
  const std::optional<std::string> whole = read(bytes, length);
  if (length > bytes.size()) return "a message is longer than what has come";
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    std::size_t part_length = 0;
    const std::optional<std::string> part = read(bytes.substr(0, size), part_length);
    const bool decided = !part || part_length > 0;
    if (!decided) continue;
    if (part != whole || part_length != length) {
      return fmt::format("{} bytes are read as something else than {}", size, bytes.size());
    }
    if (part && part_length != size) return "a message is read behind its last byte";
    return "";
  }
  return length == 0 && whole ? "" : "a message is decided on by nothing";
}

}  // namespace

std::string breach_of_socks_laws(std::string_view bytes) {
  std::size_t length = 0;
  std::string breach = breach_of_message_laws(
      bytes,
      [](std::string_view text, std::size_t& end) -> std::optional<std::string> {
        const Result<net::SocksGreeting> greeting = net::parse_socks_greeting(text, end);
        if (!greeting) return std::nullopt;
        if (end == 0) return "";
        return net::socks_method_reply(net::choose_socks_method(*greeting, false)) +
               net::socks_method_reply(net::choose_socks_method(*greeting, true));
      },
      length);
  if (!breach.empty()) return "greeting: " + breach;
  const std::string_view rest = bytes.substr(length);
  breach = breach_of_message_laws(
      rest,
      [](std::string_view text, std::size_t& end) -> std::optional<std::string> {
        const Result<net::SocksLogin> login = net::parse_socks_login(text, end);
        if (!login) return std::nullopt;
        return end == 0 ? "" : login->user + '\0' + login->password;
      },
      length);
  if (!breach.empty()) return "login: " + breach;
  breach = breach_of_message_laws(
      rest,
      [](std::string_view text, std::size_t& end) -> std::optional<std::string> {
        const Result<net::SocksRequest> request = net::parse_socks_request(text, end);
        if (!request) return std::nullopt;
        if (end == 0) return "";
        return fmt::format("{} {} {}", static_cast<int>(request->command), request->host,
                           request->port);
      },
      length);
  return breach.empty() ? "" : "request: " + breach;
}

}  // namespace srt::test
