#include "compiler/backend/seatbelt/services.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/backend/seatbelt/scheme.h"
#include "compiler/backend/target.h"

namespace srt::seatbelt {
namespace {

using ir::Operation;
using ir::Rule;

/// Services that do for a client what the sandbox keeps from it, with everything whose name goes on
/// with a dot.
struct Dangerous {
  std::string_view name;
  std::string_view danger;
};
constexpr Dangerous kDangerous[] = {
    {"com.apple.coreservices.launchservicesd", "it starts programs outside the sandbox"},
    {"com.apple.lsd.open", "it starts programs outside the sandbox"},
    {"com.apple.coreservices.appleevents", "it has other applications do what the command asks"},
    {"com.apple.trustd", "it fetches from the network outside the proxy"},
    {"com.apple.trustd.agent", "it fetches from the network outside the proxy"},
    {"com.apple.dnssd.service", "it asks any name of any resolver"},
    {"com.apple.cfprefsd.agent", "it writes preferences"},
    {"com.apple.cfprefsd.daemon", "it writes preferences"},
    {"com.apple.SecurityServer", "it holds the keychain"},
};

class Writer {
 public:
  Writer(const ir::Policy& policy, const SocketFilters& socket_filters, Diagnostics& diagnostics)
      : policy_(policy), socket_filters_(socket_filters), diagnostics_(diagnostics) {}

  std::string run() {
    add_section("Listening on the host's loopback, and connecting to what listens there", ports());
    add_section("Unix sockets made outside", sockets());
    add_section("Mach services", services());
    add_section("What is asked for beside the rules", options());
    return std::move(out_);
  }

 private:
  void add_section(std::string_view title, const std::string& statements) {
    if (!statements.empty()) out_ += fmt::format("\n;;; {}\n\n{}", title, statements);
  }

  template <typename Body>
  std::string for_each(Operation operation, Body body) {
    std::string out;
    for (const Rule& rule : policy_.rules) {
      if (rule.operation != operation) continue;
      const std::string statements = body(rule);
      if (!statements.empty()) out += fmt::format("; {}\n{}", comment_text(rule.text), statements);
    }
    return out;
  }

  std::string ports() {
    constexpr std::string_view kAll =
        "(allow network-bind network-inbound (local ip \"localhost:*\"))\n";
    const std::string by_default =
        policy_.default_of(Operation::bind) == Effect::allow ? std::string(kAll) : "";
    return by_default + for_each(Operation::bind, [&](const Rule& rule) {
             const std::string_view effect = to_string(rule.effect);
             if (rule.has_parameters()) return port_at_launch(rule);
             const net::PortRange range = rule.ports();
             if (range == net::PortRange{}) {
               if (rule.effect == Effect::allow) {
                 diagnostics_.report(Diag::tighter_on_macos, rule.origin, rule.text, kNoOwnPorts)
                     .help = "name the ports, as `allow bind 3000` in the policy language does";
               }
               return fmt::format(
                   "({} network-bind network-inbound (local ip \"localhost:*\"))\n"
                   "{}",
                   effect,
                   rule.effect == Effect::deny
                       ? "(deny network-outbound (remote ip \"localhost:*\"))\n"
                       : "");
             }
             const unsigned count = unsigned{range.last} - range.first + 1;
             if (count > kMaxPortsOfRange) {
               diagnostics_
                   .report(Diag::bad_on_macos, rule.origin, rule.text,
                           fmt::format("each port is a filter of its own, and these are {}", count))
                   .help = fmt::format("name at most {} ports, or `*`", kMaxPortsOfRange);
               return std::string();
             }
             std::string local;
             std::string remote;
             for (unsigned port = range.first; port <= range.last; ++port) {
               local += fmt::format("\n  (local ip \"localhost:{}\")", port);
               remote += fmt::format("\n  (remote ip \"localhost:{}\")", port);
             }
             return fmt::format(
                 "({0} network-bind network-inbound{1})\n({0} network-outbound{2})\n", effect,
                 local, remote);
           });
  }

  // A port that a parameter stands for. There is no filter for a range of them.
  std::string port_at_launch(const Rule& rule) {
    const Template& text = std::get<Template>(rule.subject);
    if (text.pieces.size() != 1) {
      diagnostics_
          .report(Diag::bad_on_macos, rule.origin, rule.text,
                  "each port is a filter of its own, and how many these are is not known")
          .help = "name the ports one by one";
      return {};
    }
    const std::string port = fmt::format("(string-append \"localhost:\" (param \"{}\"))",
                                         policy_.parameters[text.pieces[0].parameter].name);
    return fmt::format(
        "({0} network-bind network-inbound\n  (local ip {1}))\n"
        "({0} network-outbound\n  (remote ip {1}))\n",
        to_string(rule.effect), port);
  }

  std::string sockets() {
    bool grants = policy_.default_of(Operation::unix) == Effect::allow;
    std::string out = grants ? "(allow network-outbound (remote unix-socket))\n" : "";
    out += for_each(Operation::unix, [&](const Rule& rule) {
      std::string filters;
      if (rule.has_paths()) {
        const auto paths = socket_filters_(rule);
        if (!paths) return std::string();
        for (const std::string& path : *paths) {
          filters += fmt::format("\n  (remote unix-socket {})", indented(path));
        }
      } else if (rule.names().text() == "*") {
        filters = " (remote unix-socket)";
      } else {
        return std::string();  // there are no abstract sockets
      }
      grants = grants || rule.effect == Effect::allow;
      return fmt::format("({} network-outbound{})\n", to_string(rule.effect), filters);
    });
    if (grants) out += "(allow system-socket (socket-domain AF_UNIX))\n";
    return out;
  }

  std::string services() {
    return for_each(Operation::mach, [&](const Rule& rule) {
      const NamePattern& pattern = rule.names();
      if (rule.effect == Effect::allow) warn_of(rule);
      std::string filter;
      if (pattern.is_literal()) {
        filter = fmt::format(" (global-name {})", quote(pattern.literal()));
      } else if (pattern.text() != "*") {
        const std::optional<std::string> regex = regex_of(rule);
        if (!regex) return std::string();
        filter = fmt::format(" (global-name-regex {})", quote_regex(*regex));
      }
      return fmt::format("({} mach-lookup{})\n", to_string(rule.effect), filter);
    });
  }

  void warn_of(const Rule& rule) {
    for (const Dangerous& service : kDangerous) {
      if (!rule.names().matches(service.name)) continue;
      diagnostics_.report(Diag::opened_on_macos, rule.origin, rule.text,
                          rule.names().is_literal()
                              ? std::string(service.danger)
                              : fmt::format("of `{}`, {}", service.name, service.danger));
      return;
    }
  }

  std::optional<std::string> regex_of(const Rule& rule) {
    std::string out = "^";
    const std::string& text = rule.names().text();
    for (std::size_t i = 0; i < text.size(); ++i) {
      char c = text[i];
      if (c == '[') {
        diagnostics_
            .report(Diag::bad_on_macos, rule.origin, rule.text, "names of services have no classes")
            .help = "write a rule for each name, or `?`";
        return std::nullopt;
      }
      if (c == '*' || c == '?') {
        out += c == '*' ? ".*" : ".";
        continue;
      }
      if (c == '\\') c = text[++i];
      if (std::string_view("\\.[](){}*+?^$|").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
    return out + '$';
  }

  std::string options() {
    std::string out;
    if (policy_.option(ir::OptionKind::pty, Target::macos)) {
      out += "; option pty\n(allow pseudo-tty)\n(allow file-ioctl (literal \"/dev/ptmx\"))\n";
    }
    if (policy_.option(ir::OptionKind::apple_events, Target::macos)) {
      out +=
          "; option apple-events\n(allow appleevent-send)\n"
          "(allow mach-lookup (global-name \"com.apple.coreservices.appleevents\"))\n";
    }
    return out;
  }

  const ir::Policy& policy_;
  const SocketFilters& socket_filters_;
  Diagnostics& diagnostics_;
  std::string out_;
};

}  // namespace

std::string service_statements(const ir::Policy& policy, const SocketFilters& socket_filters,
                               Diagnostics& diagnostics) {
  return Writer(policy, socket_filters, diagnostics).run();
}

}  // namespace srt::seatbelt
