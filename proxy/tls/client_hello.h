#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace srt::net {

/// How many bytes a client may send before its ClientHello is whole, record headers included. Those
/// in use are below 4 KiB, post-quantum keys and tickets included; servers stop at 16 or 64 KiB.
inline constexpr size_t kMaxClientHello = size_t{16} * 1024;

/// What the bytes that a client begins with are.
struct ClientOpening {
  enum class Kind : uint8_t {
    undecided,  ///< more bytes are needed
    other,      ///< no TLS
    hello,      ///< a whole ClientHello
  };

  Kind kind = Kind::undecided;
  /// The host name that the hello asks for, as it was sent (RFC 6066, section 3); with Encrypted
  /// ClientHello the outer, visible one. Any bytes, at least one.
  std::optional<std::string> server_name = {};
};

/// Reads what a client has sent so far. What begins like TLS is read as strictly as servers could:
/// an error is a hello that is malformed, larger than kMaxClientHello, or that two programs could
/// take for different ones (a name twice, another record before it, the SSLv2 form). Anything that
/// a known server takes for TLS is `hello` or an error, never `other`. A result that is not
/// `undecided` stays the same whatever follows.
Result<ClientOpening> read_client_opening(std::string_view bytes);

}  // namespace srt::net
