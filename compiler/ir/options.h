#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "runtime/base/target.h"

namespace srt::ir {

/// What a policy can ask for that is no rule.
enum class OptionKind : std::uint8_t {
  pty,               ///< pseudo-terminals may be made; on Linux they always may
  apple_events,      ///< other applications may be asked to do things, outside the sandbox
  nested,            ///< `weaker`: user namespaces may be made inside
  upstream_proxy,    ///< connections leave through this HTTP proxy
  no_proxy,          ///< hosts that are reached without it
  http_proxy_port,   ///< connections are filtered by a proxy of the caller's on this port
  socks_proxy_port,  ///< likewise for SOCKS
};

/// What an option's value has to be.
enum class OptionValue : std::uint8_t { none, word, url, text, port };

struct OptionInfo {
  OptionKind kind;
  std::string_view name;
  OptionValue value;
  Targets targets;               ///< where it means something; elsewhere it is silent
  std::string_view word = {};    ///< the only value of a `word`
  std::string_view danger = {};  ///< what a warning says of it, for those that open something
};
inline constexpr std::array<OptionInfo, 7> kOptions = {{
    {OptionKind::pty, "pty", OptionValue::none, {false, true}, {}, {}},
    {OptionKind::apple_events,
     "apple-events",
     OptionValue::none,
     {false, true},
     {},
     "other applications do what the command asks of them, outside the sandbox"},
    {OptionKind::nested,
     "nested",
     OptionValue::word,
     {true, false},
     "weaker",
     "in a user namespace of its own the command mounts and reaches more of the kernel, and "
     "Landlock does not stand behind the mounts"},
    {OptionKind::upstream_proxy, "upstream-proxy", OptionValue::url, {true, false}, {}, {}},
    {OptionKind::no_proxy, "no-proxy", OptionValue::text, {true, false}, {}, {}},
    {OptionKind::http_proxy_port,
     "http-proxy-port",
     OptionValue::port,
     {true, false},
     {},
     "the caller's proxy decides about hosts, not this policy"},
    {OptionKind::socks_proxy_port,
     "socks-proxy-port",
     OptionValue::port,
     {true, false},
     {},
     "the caller's proxy decides about hosts, not this policy"},
}};

constexpr const OptionInfo& info(OptionKind kind) {
  return kOptions[static_cast<std::size_t>(kind)];
}

}  // namespace srt::ir
