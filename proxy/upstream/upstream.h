#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/hosts/host.h"
#include "runtime/base/result.h"

namespace srt::net {

/// An HTTP proxy that connections leave through.
struct Upstream {
  Host host;
  uint16_t port;
  /// The value of Proxy-Authorization (RFC 7617); empty for none. A secret: never to be shown.
  std::string authorization = {};
};

/// Reads `http://[USER[:PASSWORD]@]HOST[:PORT]`, where what is special in a user name or password
/// is percent-encoded and the port is 80 unless given. Without `http://` it is read as if with. TLS
/// to the proxy (`https://`) is not supported. An error does not repeat the text.
Result<Upstream> parse_upstream(std::string_view url);

/// The URL with an ellipsis for its credentials: whoever reads it need not learn them.
std::string without_credentials(const std::string& url);

/// `host:port`, without credentials.
std::string to_string(const Upstream& upstream);

/// Why it answers 407, to complete "the upstream proxy …".
std::string_view credentials_problem(const Upstream& upstream);

}  // namespace srt::net
