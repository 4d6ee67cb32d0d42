#include <fmt/format.h>

#include <algorithm>

#include "proxy/dns/answer.h"
#include "tests/support/laws.h"

namespace srt::test {
namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kMaxResponse = 512;

net::HostPolicy some_policy() {
  std::vector<net::HostRule> rules;
  for (const char* pattern : {"*.example.com", "localhost:80", "10.0.0.0/8"}) {
    rules.push_back({Effect::allow, net::parse_host_pattern(pattern).value()});
  }
  return net::HostPolicy(std::move(rules));
}

}  // namespace

std::string breach_of_dns_laws(std::string_view text) {
  const std::span query(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const net::HostPolicy policy = some_policy();
  net::NameMap names;
  const net::DnsOutcome outcome = net::answer_dns(query, policy, names);
  const std::vector<std::uint8_t>& response = outcome.response;
  if (response.empty()) {
    const bool is_query = query.size() >= kHeaderBytes && (query[2] & 0x80) == 0;
    return is_query ? "a query is not answered" : "";
  }
  if (query.size() < kHeaderBytes || (query[2] & 0x80) != 0) return "what is no query is answered";
  if (response.size() < kHeaderBytes) return "the answer has no header";
  if (response.size() > kMaxResponse) return fmt::format("{} bytes of answer", response.size());
  if (response[0] != query[0] || response[1] != query[1]) return "the answer has another id";
  if ((response[2] & 0x80) == 0) return "the answer is a query: it could be answered for ever";
  const bool answered = response[7] != 0;
  const int code = response[3] & 0xf;
  if (answered && code != 0) return "an error comes with an address";
  if (outcome.denied && code != 3) return "a denied name exists";
  if (answered) {
    const bool v4 = query[query.size() - 3] != 28;
    const auto address = net::IpAddress::from_bytes(std::span(response).last(v4 ? 4 : 16));
    const bool edns = response[11] != 0;
    if (!edns && v4 && !net::NameMap::is_mapped(*address) &&
        *address != net::IpAddress::v4(0x7f000001)) {
      return "the address stands for no name: " + net::to_string(*address);
    }
  }
  if (response[5] == 1) {
    std::size_t end = kHeaderBytes;
    while (query[end] != 0) end += query[end] + std::size_t{1};
    end += 5;  // the root, type and class
    if (response.size() < end ||
        !std::equal(query.begin() + kHeaderBytes, query.begin() + static_cast<long>(end),
                    response.begin() + kHeaderBytes)) {
      return "the answer repeats another question";
    }
  }
  return net::answer_dns(query, policy, names).response == response
             ? ""
             : "the second answer is another";
}

}  // namespace srt::test
