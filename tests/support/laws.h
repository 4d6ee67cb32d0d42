#pragma once

#include <string>
#include <string_view>

#include "compiler/ir/policy.h"

/// Laws that hold for every input, for property tests and fuzzers alike. Each returns what it found
/// to be broken, for a person to read: empty where the law holds, or where the input is refused and
/// it says nothing. The refusal itself is held to account: it has to report an error.
namespace srt::test {

/// The policy as statements of the policy language, one rule each, modules and lists spelled out.
std::string spelled(const ir::Policy& policy);

/// Whether two policies say the same: parameters and anchors, which rules name by number, in any
/// order.
bool say_the_same(ir::Policy a, ir::Policy b);

/// A text in the policy language: `fmt` prints what reads as the same policy, and leaves that as it
/// is; the policy's rules, spelled, read as the same policy again.
std::string breach_of_policy_laws(std::string_view text);

/// Settings in JSON: what `migrate` writes is read as the policy that the settings are. Where
/// patterns become others (`**` beside text, a path alone), it is only read.
std::string breach_of_settings_laws(std::string_view text);

/// A host, a host pattern or a range of ports: its canonical spelling is read as the same, and
/// spelled alike; a deny matches whatever an allow with the same pattern does.
std::string breach_of_host_laws(std::string_view text);

/// The first bytes of a client: what is decided about them is the same however they come, and in
/// whatever records; only the name asked for passes.
std::string breach_of_client_opening_laws(std::string_view bytes);

/// A datagram that comes to port 53: only queries are answered, in 512 bytes, the same each time;
/// an address stands for a name that is allowed.
std::string breach_of_dns_laws(std::string_view bytes);

/// A head of HTTP/1.1 and what follows it: it ends in the same place however its bytes come; what
/// is forwarded is read as what came.
std::string breach_of_http_laws(std::string_view bytes);

/// The messages of a SOCKS5 client: each is read by its last byte, as the same however they come.
std::string breach_of_socks_laws(std::string_view bytes);

/// A bundle's bytes: what is read can be asked, and the errors are one line with a help.
std::string breach_of_bundle_laws(std::string_view bytes);

/// The payload of a bundle behind a header with the right size and digest.
std::string framed(std::string_view payload);

}  // namespace srt::test
