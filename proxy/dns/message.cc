#include "proxy/dns/message.h"

#include <string_view>

#include "runtime/base/wire_reader.h"

namespace srt::net {

namespace {

constexpr size_t kHeaderBytes = 12;
constexpr size_t kMaxLabel = 63;
constexpr size_t kMaxWireName = 255;  // with the lengths of its labels and that of the root

// The header's second word.
constexpr uint16_t kResponse = 0x8000;
constexpr uint16_t kRecursionDesired = 0x0100;
constexpr uint16_t kRecursionAvailable = 0x0080;
constexpr unsigned kOpcodeShift = 11;
constexpr uint16_t kOpcodeMask = 0xf;

constexpr uint16_t kClassInternet = 1;
constexpr uint16_t kToQuestion = 0xc00c;  // a compressed name: that of the question

constexpr uint16_t kUdpBytes = 1232;  // what we would take; no query comes near it
constexpr uint16_t kExtendedError = 15;
constexpr uint16_t kProhibited = 18;

// Reads a name that is not compressed: in a question and in front of OPT there is nothing that one
// could refer to.
std::optional<DnsName> read_name(WireReader& reader) {
  DnsName name;
  const size_t before = reader.left();
  while (true) {
    const uint8_t length = reader.u8();
    if (reader.failed() || length > kMaxLabel) return std::nullopt;
    if (length == 0) return name;
    const std::string_view label = reader.take(length);
    if (reader.failed() || before - reader.left() >= kMaxWireName) return std::nullopt;
    if (!name.text.empty()) name.text += '.';
    for (const char byte : label) {
      if (byte == '.' || byte == '\0') name.is_faithful = false;
    }
    name.text += label;
  }
}

void put16(std::vector<uint8_t>& out, unsigned value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}

void put32(std::vector<uint8_t>& out, uint32_t value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}

void put_header(std::vector<uint8_t>& out, uint16_t id, unsigned flags, DnsCode code,
                unsigned questions, unsigned answers, unsigned additional) {
  put16(out, id);
  put16(out, kResponse | kRecursionAvailable | flags | static_cast<unsigned>(code));
  put16(out, questions);
  put16(out, answers);
  put16(out, 0);
  put16(out, additional);
}

void put_edns(std::vector<uint8_t>& out, std::string_view prohibited) {
  const std::string_view text = prohibited.substr(0, kMaxDnsText);
  out.push_back(0);  // the root
  put16(out, static_cast<unsigned>(DnsType::opt));
  put16(out, kUdpBytes);
  put32(out, 0);  // extended code, version, flags
  if (text.empty()) {
    put16(out, 0);
    return;
  }
  const auto length = static_cast<unsigned>(text.size());
  put16(out, 6 + length);
  put16(out, kExtendedError);
  put16(out, 2 + length);
  put16(out, kProhibited);
  out.insert(out.end(), text.begin(), text.end());
}

enum class Additional : uint8_t { malformed, nothing_known, edns };

// Looks for OPT among `count` further records.
Additional read_additional(WireReader& reader, unsigned count) {
  Additional found = Additional::nothing_known;
  for (unsigned i = 0; i < count; ++i) {
    const std::optional<DnsName> owner = read_name(reader);
    const uint16_t type = reader.u16();
    reader.u16();  // class, or what UDP carries
    reader.u8();   // extended code
    const uint8_t version = reader.u8();
    reader.u16();  // flags
    reader.take(reader.u16());
    if (!owner || reader.failed()) return Additional::malformed;
    if (type != static_cast<uint16_t>(DnsType::opt)) continue;
    // Only one, and its owner is the root (RFC 6891, section 6.1.1).
    if (found == Additional::edns || !owner->text.empty()) return Additional::malformed;
    if (version == 0) found = Additional::edns;
  }
  return reader.at_end() ? found : Additional::malformed;
}

}  // namespace

std::optional<std::variant<DnsQuery, DnsFault>> parse_dns_query(std::span<const uint8_t> bytes) {
  WireReader reader({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  DnsQuery query;
  query.id = reader.u16();
  const uint16_t flags = reader.u16();
  const uint16_t questions = reader.u16();
  const uint16_t answers = reader.u16();
  const uint16_t authorities = reader.u16();
  const uint16_t additional = reader.u16();
  if (reader.failed() || (flags & kResponse) != 0) return std::nullopt;

  query.recursion_desired = (flags & kRecursionDesired) != 0;
  const auto opcode = static_cast<uint8_t>(flags >> kOpcodeShift & kOpcodeMask);
  const auto fault = [&](DnsCode code) {
    return DnsFault{query.id, opcode, query.recursion_desired, code};
  };
  if (opcode != 0) return fault(DnsCode::not_implemented);
  if (questions != 1 || answers != 0 || authorities != 0) return fault(DnsCode::format_error);

  std::optional<DnsName> name = read_name(reader);
  if (!name) return fault(DnsCode::format_error);
  query.name = *std::move(name);
  query.type = static_cast<DnsType>(reader.u16());
  query.is_internet = reader.u16() == kClassInternet;
  if (reader.failed()) return fault(DnsCode::format_error);
  const auto question = bytes.subspan(kHeaderBytes, bytes.size() - reader.left() - kHeaderBytes);
  query.question.assign(question.begin(), question.end());

  const Additional rest = read_additional(reader, additional);
  if (rest == Additional::malformed) return fault(DnsCode::format_error);
  query.edns = rest == Additional::edns;
  return query;
}

std::vector<uint8_t> dns_response(const DnsQuery& query, const DnsAnswer& answer) {
  std::vector<uint8_t> out;
  const unsigned flags = query.recursion_desired ? kRecursionDesired : 0U;
  put_header(out, query.id, flags, answer.code, 1, answer.address ? 1 : 0, query.edns ? 1 : 0);
  out.insert(out.end(), query.question.begin(), query.question.end());
  if (answer.address) {
    const std::span<const uint8_t> bytes = answer.address->bytes();
    put16(out, kToQuestion);
    put16(out, static_cast<unsigned>(answer.address->is_v4() ? DnsType::a : DnsType::aaaa));
    put16(out, kClassInternet);
    put32(out, kDnsTtl);
    put16(out, static_cast<unsigned>(bytes.size()));
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  if (query.edns) put_edns(out, answer.prohibited);
  return out;
}

std::vector<uint8_t> dns_response(const DnsFault& fault) {
  std::vector<uint8_t> out;
  const unsigned flags = static_cast<unsigned>(fault.opcode) << kOpcodeShift |
                         (fault.recursion_desired ? kRecursionDesired : 0U);
  put_header(out, fault.id, flags, fault.code, 0, 0, 0);
  return out;
}

}  // namespace srt::net
