#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/hosts/host_policy.h"
#include "proxy/server/socks.h"
#include "runtime/base/result.h"

namespace srt::net {

/// Why the proxy did not do what a client asked for.
enum class RefusalKind : uint8_t {
  bad_request,        // the client's bytes are not a request, or can be read in two ways
  not_authenticated,  // the client does not know the token of its listener
  misdirected,        // the Host field names another host than the request's target
  head_too_large,     // the head of a request exceeds the cap
  blocked,            // the policy does not allow the host and port
  blocked_address,    // it does, but the name has no address that may be dialed
  tls_name,           // TLS begins in a way that the policy does not allow
  not_resolved,       // the name has no address
  resolve_timeout,    // no name server answered
  not_connected,      // no address accepted the connection
  connect_timeout,    // no address answered
  upstream_failed,    // the upstream proxy did not let the connection through
  bad_response,       // the server's bytes are not a response, or can be read in two ways
  response_timeout,   // the server stopped answering
};

/// A request that the proxy refused, with all that its reader needs.
struct Refusal {
  RefusalKind kind;
  /// `host:port`; empty when the request did not get as far as naming one.
  std::string target = {};
  /// What was seen: lower case, no period.
  std::string message = {};
  /// What to do about it; may be empty.
  std::string help = {};
  /// The `because` of the rule that decided; may be empty.
  std::string because = {};
  /// Index in the policy of the rule that decided, if one did.
  std::optional<uint32_t> rule = {};
};

/// The policy's decision against `host` and `port`.
Refusal blocked(const Host& host, uint16_t port, const HostDecision& decision);

/// The policy allows the name on no port; `rule` decided, if one did.
Refusal blocked_name(const Host& name, const HostRule* rule);

/// `host` is allowed, but each of its addresses failed the resolved-address check; `address` and
/// `verdict` tell the first of them.
Refusal blocked_address(const Host& host, uint16_t port, const IpAddress& address,
                        const AddressVerdict& verdict);

/// The client begins TLS, with a hello for another host than it asked for or one that cannot be
/// read, as `problem` says; `rule` is the one that allows `host`, if one does.
Refusal tls_refused(const Host& host, uint16_t port, const HostRule* rule,
                    const std::string& problem);

/// The name could not be resolved for the reason given.
Refusal not_resolved(const Host& host, uint16_t port, RefusalKind kind, std::string_view reason);

/// No address could be dialed; `reason` is what the last attempt ended with.
Refusal not_connected(const Host& host, uint16_t port, RefusalKind kind, std::string_view reason);

/// `upstream`, as `host:port`, did not lead to the host, for the reason given.
Refusal upstream_failed(const Host& host, uint16_t port, const std::string& upstream,
                        std::string_view reason);

/// Bytes that came from the client and cannot be served.
Refusal bad_request(const Error& error);

/// The client presents another token than its listener's, or none.
Refusal not_authenticated();

/// The Host field names something else than the target.
Refusal misdirected(const Host& host, uint16_t port);

/// Bytes that came from the server and cannot be passed on.
Refusal bad_response(const std::string& target, RefusalKind kind, const Error& error);

/// True when the policy, not a failure, is the cause.
bool is_blocked(RefusalKind kind);

/// What a SOCKS client is told.
SocksReply socks_reply(RefusalKind kind);

/// The whole HTTP response: status line, fields, and the refusal in words unless `head_only`, which
/// is what a HEAD request gets. `close` announces that the connection ends after it.
std::string http_response(const Refusal& refusal, bool close, bool head_only);

}  // namespace srt::net
