#include "proxy/dns/message.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/dns_query.h"

namespace srt::net {
namespace {

using Bytes = std::vector<uint8_t>;
using srt::test::dns_query;

DnsQuery query_of(const Bytes& bytes) {
  const auto parsed = parse_dns_query(bytes);
  REQUIRE(parsed);
  REQUIRE(std::holds_alternative<DnsQuery>(*parsed));
  return std::get<DnsQuery>(*parsed);
}

DnsFault fault_of(const Bytes& bytes) {
  const auto parsed = parse_dns_query(bytes);
  REQUIRE(parsed);
  REQUIRE(std::holds_alternative<DnsFault>(*parsed));
  return std::get<DnsFault>(*parsed);
}

TEST_CASE("a query is read as it was sent, its spelling kept") {
  const DnsQuery query = query_of(dns_query("wWw.Example.com", 1, true));
  CHECK(query.id == 0x1234);
  CHECK(query.recursion_desired);
  CHECK(query.name.text == "wWw.Example.com");
  CHECK(query.name.is_faithful);
  CHECK(query.type == DnsType::a);
  CHECK(query.is_internet);
  CHECK(query.edns);
  CHECK_FALSE(query_of(dns_query("a", 28)).edns);
  CHECK(query_of(dns_query("", 2)).name.text.empty());
}

TEST_CASE("P41: a name whose labels hold a dot or a NUL is not taken for what it looks like") {
  Bytes query = dns_query("evilXallowedXcom", 1);
  for (const uint8_t byte : {uint8_t{'.'}, uint8_t{0}}) {
    std::ranges::replace(query, query[17], byte);
    CHECK_FALSE(query_of(query).name.is_faithful);
  }
}

TEST_CASE("what is no query is not answered") {
  CHECK_FALSE(parse_dns_query({}));
  const Bytes query = dns_query("a.b", 1);
  for (size_t size = 0; size < 12; ++size) {
    CHECK_FALSE(parse_dns_query(std::span(query).first(size)));
  }
  Bytes response = query;
  response[2] |= 0x80;
  CHECK_FALSE(parse_dns_query(response));
}

TEST_CASE("a malformed query is answered as such, whatever is wrong with it") {
  const Bytes query = dns_query("ab.c", 1, true);
  for (size_t size = 12; size < query.size(); ++size) {
    CAPTURE(size);
    CHECK(fault_of({query.begin(), query.begin() + static_cast<long>(size)}).code ==
          DnsCode::format_error);
  }
  Bytes longer = query;
  longer.push_back(0);
  CHECK(fault_of(longer).code == DnsCode::format_error);
  for (const size_t count : {5, 7, 9, 11}) {  // of questions, answers, authorities, additional
    Bytes changed = query;
    changed[count] = 2;
    CAPTURE(count);
    CHECK(fault_of(changed).code == DnsCode::format_error);
  }
  Bytes pointer = query;
  pointer[12] = 0xc0;
  CHECK(fault_of(pointer).code == DnsCode::format_error);
}

TEST_CASE("names are as long as they may be, and no longer") {
  const std::string label(63, 'a');
  const std::string longest = label + '.' + label + '.' + label + '.' + std::string(61, 'a');
  CHECK(query_of(dns_query(longest, 1)).name.text == longest);
  CHECK(fault_of(dns_query(longest + 'a', 1)).code == DnsCode::format_error);
  CHECK(fault_of(dns_query(label + 'a', 1)).code == DnsCode::format_error);
}

TEST_CASE("other operations are not implemented, and said so with their own number") {
  Bytes notify = dns_query("a", 1);
  notify[2] = 0x21;  // NOTIFY is 4
  const DnsFault fault = fault_of(notify);
  CHECK(fault.code == DnsCode::not_implemented);
  CHECK(dns_response(fault) == Bytes{0x12, 0x34, 0xa1, 0x84, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("an answer repeats the question and refers to its name") {
  const DnsQuery query = query_of(dns_query("a.B", 1));
  const DnsAnswer answer = {DnsCode::no_error, IpAddress::v4(0xc6120105)};
  CHECK(dns_response(query, answer) ==
        Bytes{0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0,       1, 'a', 1,   'B', 0, 0, 1,
              0,    1,    0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, kDnsTtl, 0, 4,   198, 18,  1, 5});
}

TEST_CASE("who speaks EDNS learns why a name is denied, in what fits a datagram without it") {
  const std::string longest = std::string(63, 'a') + '.' + std::string(63, 'a') + '.' +
                              std::string(63, 'a') + '.' + std::string(61, 'a');
  const std::string reason(1000, 'r');
  const Bytes told =
      dns_response(query_of(dns_query(longest, 1, true)), {DnsCode::name_error, {}, reason});
  CHECK(told.size() <= 512);
  CHECK(told[3] == 0x83);
  const Bytes extended = {0, 15, 0, 2 + kMaxDnsText, 0, 18, 'r'};
  CHECK_FALSE(std::ranges::search(told, extended).empty());
  const Bytes plain = dns_response(query_of(dns_query("a", 1)), {DnsCode::name_error, {}, reason});
  CHECK(plain.size() == dns_query("a", 1).size());
}

}  // namespace
}  // namespace srt::net
