#include "proxy/tls/client_hello.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "runtime/base/wire_reader.h"

namespace srt::net {

namespace {

// RFC 8446, sections 4, 5.1 and 4.2; RFC 6066, section 3.
constexpr size_t kRecordHeader = 5;
constexpr size_t kMaxFragment = size_t{1} << 14;
constexpr uint8_t kChangeCipherSpec = 20;
constexpr uint8_t kAlert = 21;
constexpr uint8_t kHandshake = 22;
constexpr uint8_t kHeartbeat = 24;
constexpr size_t kAlertBytes = 2;
constexpr size_t kMessageHeader = 4;
constexpr uint8_t kClientHello = 1;
constexpr size_t kRandomBytes = 32;
constexpr size_t kMaxSessionId = 32;
constexpr uint16_t kServerName = 0;
constexpr uint8_t kHostName = 0;

using Kind = ClientOpening::Kind;

constexpr uint8_t byte_at(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

constexpr size_t word_at(std::string_view bytes, size_t at) {
  return static_cast<size_t>(byte_at(bytes, at)) << 8 | byte_at(bytes, at + 1);
}

enum class Look : uint8_t { undecided, tls, old_hello, other };

// The ClientHello in a record of SSLv2, which OpenSSL still reads (RFC 5246, appendix E.2): two
// bytes of length, the first bit set, type, version, lengths of ciphers, session and challenge.
Look look_for_old_hello(std::string_view bytes) {
  constexpr size_t kHeader = 11;
  constexpr size_t kCipherBytes = 3;
  if (bytes.size() > 2 && byte_at(bytes, 2) != kClientHello) return Look::other;
  if (bytes.size() > 3 && byte_at(bytes, 3) != 3 && byte_at(bytes, 3) != 0) return Look::other;
  if (bytes.size() < kHeader) return Look::undecided;
  const size_t length = word_at(bytes, 0) & 0x7fff;
  const size_t ciphers = word_at(bytes, 5);
  const size_t session = word_at(bytes, 7);
  const size_t challenge = word_at(bytes, 9);
  const bool fits = kHeader - 2 + ciphers + session + challenge == length && ciphers > 0 &&
                    ciphers % kCipherBytes == 0;
  return fits ? Look::old_hello : Look::other;
}

// Whether a server could take these bytes for the beginning of TLS. Go's takes any version below
// 16.0 in the first record, so there the rest of the header has to tell.
Look look(std::string_view bytes) {
  if (bytes.empty()) return Look::undecided;
  const uint8_t type = byte_at(bytes, 0);
  if ((type & 0x80U) != 0) return look_for_old_hello(bytes);
  if (type < kChangeCipherSpec || type > kHeartbeat) return Look::other;
  if (bytes.size() < 2) return Look::undecided;
  const uint8_t major = byte_at(bytes, 1);
  if (major == 3) return Look::tls;
  if (major >= 16 || (type != kHandshake && type != kAlert)) return Look::other;
  if (bytes.size() <= kRecordHeader) return Look::undecided;
  const size_t length = word_at(bytes, 3);
  const bool is_tls = type == kAlert ? length == kAlertBytes
                                     : byte_at(bytes, kRecordHeader) == kClientHello && length > 0;
  return is_tls ? Look::tls : Look::other;
}

// The one name of the extension.
Result<std::string> read_server_name(std::string_view extension) {
  WireReader whole(extension);
  WireReader list(whole.vector(2));
  const size_t type = list.number(1);
  const std::string_view name = list.vector(2);
  if (whole.failed() || !whole.at_end() || list.failed() || type != kHostName || name.empty()) {
    return Error{"the TLS hello has a malformed server name"};
  }
  if (!list.at_end()) return Error{"the TLS hello has more than one server name"};
  return std::string(name);
}

Result<ClientOpening> read_extensions(std::string_view bytes) {
  ClientOpening opening{Kind::hello};
  std::vector<size_t> types;
  for (WireReader extensions(bytes); !extensions.at_end();) {
    const size_t type = extensions.number(2);
    const std::string_view data = extensions.vector(2);
    if (extensions.failed()) return Error{"the TLS hello has a malformed extension"};
    types.push_back(type);
    if (type != kServerName || opening.server_name) continue;
    Result<std::string> name = read_server_name(data);
    if (!name) return std::move(name).error();
    opening.server_name = *std::move(name);
  }
  std::ranges::sort(types);
  if (std::ranges::adjacent_find(types) != types.end()) {
    return Error{"the TLS hello has an extension twice"};
  }
  return opening;
}

Result<ClientOpening> read_hello(std::string_view body) {
  WireReader hello(body);
  const size_t major = hello.number(1);
  hello.number(1);
  hello.take(kRandomBytes);
  const std::string_view session = hello.vector(1);
  const std::string_view ciphers = hello.vector(2);
  const std::string_view compressions = hello.vector(1);
  const bool valid = !hello.failed() && major == 3 && session.size() <= kMaxSessionId &&
                     !ciphers.empty() && ciphers.size() % 2 == 0 && !compressions.empty();
  if (!valid) return Error{"the TLS hello is malformed"};
  if (hello.at_end()) return ClientOpening{Kind::hello};  // extensions came with TLS 1.0
  const std::string_view extensions = hello.vector(2);
  if (hello.failed() || !hello.at_end()) return Error{"the TLS hello is malformed"};
  return read_extensions(extensions);
}

Error too_long() { return {fmt::format("the TLS hello is longer than {} bytes", kMaxClientHello)}; }

// Puts the fragments of the records together until the first message is whole.
Result<ClientOpening> read_records(std::string_view bytes) {
  std::string message;
  while (bytes.size() > kRecordHeader) {
    if (byte_at(bytes, 0) != kHandshake) return Error{"another TLS record is where a hello is due"};
    const size_t fragment = word_at(bytes, 3);
    if (fragment == 0 || fragment > kMaxFragment) return Error{"a TLS record has a wrong length"};
    message += bytes.substr(kRecordHeader, fragment);
    if (byte_at(message, 0) != kClientHello) return Error{"TLS begins with another message"};
    const bool length_known = message.size() >= kMessageHeader;
    WireReader header(std::string_view(message).substr(1));
    const size_t length = length_known ? kMessageHeader + header.number(3) : 0;
    if (length > kMaxClientHello) return too_long();
    if (bytes.size() < kRecordHeader + fragment) break;
    bytes.remove_prefix(kRecordHeader + fragment);
    if (!length_known || message.size() < length) continue;
    if (message.size() > length) return Error{"the TLS hello shares a record with what follows"};
    return read_hello(std::string_view(message).substr(kMessageHeader));
  }
  return ClientOpening{};
}

}  // namespace

Result<ClientOpening> read_client_opening(std::string_view bytes) {
  const std::string_view seen = bytes.substr(0, kMaxClientHello);
  switch (look(seen)) {
    case Look::undecided:
      return ClientOpening{};
    case Look::other:
      return ClientOpening{Kind::other};
    case Look::old_hello:
      return Error{"the TLS hello is in the form of SSLv2"};
    case Look::tls:
      break;
  }
  Result<ClientOpening> opening = read_records(seen);
  if (opening && opening->kind == Kind::undecided && seen.size() == kMaxClientHello) {
    return too_long();
  }
  return opening;
}

}  // namespace srt::net
