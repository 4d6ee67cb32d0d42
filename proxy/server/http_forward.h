#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "proxy/server/http.h"
#include "proxy/server/http_body.h"
#include "proxy/server/refusal.h"
#include "proxy/upstream/upstream.h"

// Heads as they leave the proxy (RFC 9110, section 7.6). Pure functions.

namespace srt::net {

/// A request that can be forwarded, if the policy lets it. Borrows from the text of its head.
struct ForwardRequest {
  RequestHead head;
  ForwardTarget target;
  BodyFraming body;
  /// Whether the client's connection goes on after the response.
  bool keep_alive = false;
  /// Whether the client asks to leave HTTP on this connection.
  bool upgrade = false;

  /// Whether sending it twice does no harm (RFC 9110, section 9.2.2), so that it may be sent again
  /// when a kept connection turns out to be closed.
  bool repeatable() const;
};

/// Checks a request in absolute form: its target, its Host field, its framing, its Connection
/// field.
std::variant<ForwardRequest, Refusal> check_forward_request(RequestHead head);

/// The head to send to the server: origin form, the Host field of the target, and of the client's
/// fields those that are not for this hop only. To an upstream proxy, absolute form and its
/// authorization.
std::string forwarded_head(const ForwardRequest& request, const Upstream* upstream = nullptr);

/// The head to send to the client, likewise. `close` announces that the connection ends after it.
std::string forwarded_head(const ResponseHead& response, bool close);

}  // namespace srt::net
