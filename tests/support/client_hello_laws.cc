#include <fmt/format.h>

#include "proxy/tls/client_hello.h"
#include "proxy/tls/server_name.h"
#include "tests/support/laws.h"

namespace srt::test {
namespace {

using Kind = net::ClientOpening::Kind;

bool same(const Result<net::ClientOpening>& a, const Result<net::ClientOpening>& b) {
  if (bool(a) != bool(b)) return false;
  return a ? a->kind == b->kind && a->server_name == b->server_name
           : a.error().message == b.error().message;
}

bool undecided(const Result<net::ClientOpening>& opening) {
  return opening && opening->kind == Kind::undecided;
}

// The fragments of the records, each byte in a record of its own.
std::string in_small_records(std::string_view records) {
  std::string small;
  while (records.size() > 5) {
    const std::size_t size = static_cast<std::size_t>(static_cast<unsigned char>(records[3])) << 8 |
                             static_cast<unsigned char>(records[4]);
    for (const char c : records.substr(5, size)) small += {'\x16', '\x03', '\x01', '\0', '\x01', c};
    records.remove_prefix(std::min(records.size(), 5 + size));
  }
  return small;
}

}  // namespace

std::string breach_of_client_opening_laws(std::string_view bytes) {
  const Result<net::ClientOpening> whole = net::read_client_opening(bytes);
  if (!whole && (whole.error().message.empty() || !whole.error().help.empty())) {
    return "an error without words\n";
  }
  if (bytes.size() >= net::kMaxClientHello && undecided(whole)) return "nothing is ever decided\n";
  // All prefixes of short inputs, of long ones a few hundred.
  const std::size_t step = bytes.size() / 512 + 1;
  bool decided = false;
  for (std::size_t size = 0; size <= bytes.size(); size += step) {
    const Result<net::ClientOpening> part = net::read_client_opening(bytes.substr(0, size));
    if (undecided(part)) {
      if (decided) return fmt::format("undecided again after {} bytes\n", size);
      continue;
    }
    decided = true;
    if (!same(part, whole)) return fmt::format("decided otherwise after {} bytes\n", size);
  }
  if (!whole || whole->kind != Kind::hello) return {};
  const std::string small = in_small_records(bytes);
  if (small.size() < net::kMaxClientHello) {
    const Result<net::ClientOpening> again = net::read_client_opening(small);
    // What follows the hello may be anything.
    if (again && (again->kind != Kind::hello || again->server_name != whole->server_name)) {
      return "another name in smaller records\n";
    }
  }
  if (whole->server_name) {
    const net::Host asked = net::canonical_host("asked.example").value();
    const Result<net::Host> named = net::canonical_host(*whole->server_name);
    const bool passes = net::server_name_problem(whole->server_name, asked).empty();
    if (passes != (named && *named == asked)) return "a name passes for another\n";
  }
  return {};
}

}  // namespace srt::test
