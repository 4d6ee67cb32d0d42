#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proxy/hosts/address.h"

// Messages of DNS (RFC 1035) with EDNS (RFC 6891) and extended errors (RFC 8914), as far as a
// responder needs them that answers each question by itself. Pure functions over bytes.

namespace srt::net {

/// Types of records that are told apart here.
enum class DnsType : uint16_t { a = 1, aaaa = 28, opt = 41, svcb = 64, https = 65 };

/// Response codes.
enum class DnsCode : uint8_t {
  no_error = 0,
  format_error = 1,
  server_failure = 2,
  name_error = 3,  // NXDOMAIN
  not_implemented = 4,
  refused = 5,
};

/// The name that a question asks about.
struct DnsName {
  /// Labels with dots between them, as they were sent; empty for the root.
  std::string text = {};
  /// False when a label holds a dot or a NUL, so that `text` says something else.
  bool is_faithful = true;
};

/// A question with what its answer has to repeat.
struct DnsQuery {
  uint16_t id = 0;
  bool recursion_desired = false;
  /// Name, type and class of the question in wire form, compressed nowhere.
  std::vector<uint8_t> question = {};
  DnsName name = {};
  DnsType type = {};
  bool is_internet = true;  // the class is IN
  /// Whether the asker speaks EDNS, version 0.
  bool edns = false;
};

/// A message that is a query but cannot be answered, and how to say so.
struct DnsFault {
  uint16_t id = 0;
  uint8_t opcode = 0;
  bool recursion_desired = false;
  DnsCode code = DnsCode::format_error;
};

/// Reads a query with one question. Nothing when the bytes are no query and so deserve no answer:
/// shorter than a header, or a response.
std::optional<std::variant<DnsQuery, DnsFault>> parse_dns_query(std::span<const uint8_t> bytes);

/// What a responder says to a query.
struct DnsAnswer {
  DnsCode code = DnsCode::no_error;
  /// The address that the name has, of the family that was asked for.
  std::optional<IpAddress> address = {};
  /// For askers that speak EDNS: why the name is denied (extended error 18, "prohibited").
  std::string_view prohibited = {};
};

/// How long an answer may be kept, in seconds.
constexpr uint32_t kDnsTtl = 60;

/// Bytes of the longest `DnsAnswer::prohibited`; what is longer is cut. With it every answer fits
/// into 512 bytes, which UDP carries without EDNS.
constexpr size_t kMaxDnsText = 160;

std::vector<uint8_t> dns_response(const DnsQuery& query, const DnsAnswer& answer);
std::vector<uint8_t> dns_response(const DnsFault& fault);

}  // namespace srt::net
