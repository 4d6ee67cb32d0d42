#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/hosts/host.h"
#include "runtime/base/result.h"

// Heads of HTTP/1.1 messages (RFC 9112), read strictly: what two programs could read in two ways is
// an error. Pure functions over bytes.

namespace srt::net {

/// The status of a proxy that asks for credentials (RFC 9110, section 15.5.8).
inline constexpr int kProxyAuthenticationRequired = 407;

/// A field line. Borrows from the text of the head.
struct HttpField {
  std::string_view name;
  std::string_view value;
};

/// The field lines of a head, in their order.
class HttpFields {
 public:
  void add(HttpField field) { fields_.push_back(field); }
  const std::vector<HttpField>& all() const { return fields_; }

  size_t count(std::string_view name) const;

  /// The value of the first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;

  /// Whether the comma-separated lists in the fields of that name hold `token`, in any case.
  bool has_token(std::string_view name, std::string_view token) const;

 private:
  std::vector<HttpField> fields_;
};

/// The head of a request. Borrows from the text it was read from.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  /// The `x` of HTTP/1.x: 0 or 1.
  int minor_version;
  HttpFields fields;
};

/// The head of a response. Borrows from the text it was read from.
struct ResponseHead {
  int status;
  std::string_view reason;
  int minor_version;
  HttpFields fields;
};

/// Length of the head that `bytes` begin with, its empty line included; 0 when its end has not
/// arrived. Fails at the first NUL, bare LF or bare CR. `scanned` is where the last call stopped: 0
/// at first, kept by the caller while it appends to the same bytes.
Result<size_t> head_length(std::string_view bytes, size_t& scanned);

/// Reads a whole head, as `head_length` delimits it.
Result<RequestHead> parse_request_head(std::string_view text);
Result<ResponseHead> parse_response_head(std::string_view text);

/// Reads field lines, each ending in CRLF; `text` may be empty. Folded lines, spaces before the
/// colon and control bytes are errors.
Result<HttpFields> parse_fields(std::string_view text);

/// A host and a port.
struct Authority {
  Host host;
  uint16_t port;

  auto operator<=>(const Authority&) const = default;
};

/// Reads `host:port`, IPv6 in brackets. Without a port it is `default_port`, or an error when there
/// is none. User information (`user@`) is an error.
Result<Authority> parse_authority(std::string_view text, std::optional<uint16_t> default_port);

/// What a request in absolute form asks for.
struct ForwardTarget {
  Authority authority;
  /// The target in origin form: path and query, or `*`.
  std::string path;
};

/// Reads the target of a request that is to be forwarded: `http://host[:port]/path?query`. A
/// `https` URL is an error that names CONNECT, a bare path one that says that this is a proxy.
Result<ForwardTarget> parse_forward_target(const RequestHead& head);

/// Whether the Host field agrees with `asked`; a field without a port means `default_port`. Fails
/// when there is more than one field or, in HTTP/1.1, none, and when it cannot be read.
Result<bool> host_field_agrees(const RequestHead& head, const Authority& asked,
                               uint16_t default_port);

/// Compares ASCII text without regard to case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace srt::net
