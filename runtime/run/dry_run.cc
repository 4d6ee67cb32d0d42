#include "runtime/run/dry_run.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "runtime/base/printable.h"
#include "runtime/base/shell_quoted.h"
#include "runtime/launch/bwrap_args.h"
#include "runtime/launch/redirect.h"
#include "runtime/run/doctor.h"
#include "runtime/run/served_ports.h"

namespace srt {
namespace {

std::string_view word(Mount::Kind kind) {
  switch (kind) {
    case Mount::Kind::read_write:
      return "write ";
    case Mount::Kind::read_only:
      return "read  ";
    case Mount::Kind::pin:
      return "pin   ";
    case Mount::Kind::hidden_file:
    case Mount::Kind::hidden_directory:
      return "hide  ";
    case Mount::Kind::sealed_directory:
      break;
  }
  return "seal  ";
}

std::string describe_ways_out(const Bundle& bundle) {
  const std::vector<ServedPort> ports = served_ports(bundle);
  if (ports.empty()) return {};
  std::string out;
  for (const ServedPort& served : ports) {
    out += "127.0.0.1:" + std::to_string(served.port) + " leads to ";
    if (served.destination) {
      out += net::to_authority(*served.destination, served.port);
    } else if (served.external_port != 0) {
      out += "the caller's proxy on port " + std::to_string(served.external_port);
    } else {
      out += "the proxy";
    }
    out += '\n';
  }
  out += "port 53 of every address answers look-ups\n";
  if (can_redirect()) return out + "every other address and port leads to the proxy\n";
  const CapturedPorts captured = captured_ports(bundle);
  for (const std::uint16_t port : captured.ports) {
    out += "port " + std::to_string(port) + " of every address leads to the proxy\n";
  }
  for (const std::uint32_t rule : captured.rules_beyond) {
    out += printable(
               "not reached by programs that ignore proxy variables, as the kernel lacks "
               "nftables: " +
               bundle.rules[rule].text + ", " + bundle.rules[rule].origin) +
           '\n';
  }
  return out;
}

Result<std::string> describe_network(const Bundle& bundle) {
  std::string out = describe_ways_out(bundle);
  const Result<std::vector<std::uint16_t>> published = published_ports(bundle);
  if (!published) return published.error();
  for (const std::uint16_t port : *published) {
    out += "port " + std::to_string(port) + " of the host's loopback leads to the sandbox's\n";
  }
  return out.empty() ? "none\n" : out;
}

}  // namespace

Result<std::string> describe_launch(const Bundle& bundle, const LaunchSpec& spec) {
  std::string out = "[mounts]\n";
  for (const Mount& mount : spec.plan.mounts) {
    out += std::string(word(mount.kind)) + printable(mount.path);
    if (mount.kind == Mount::Kind::pin) {
      out += "  # cannot be renamed (EBUSY): a denied path lies beneath";
    } else if (mount.rule == Mount::kNoRule) {
      out += "  # default";
    } else {
      const Bundle::Rule& rule = bundle.rules[mount.rule];
      out += printable("  # " + rule.text + ", " + rule.origin);
    }
    out += '\n';
  }
  for (const std::string& note : spec.plan.notes) out += printable("note: " + note) + '\n';

  // Three descriptors are the command's own; the stand-ins' come after them.
  const Result<HostView> host = look_at_host();
  if (!host) return host.error();
  const Result<BwrapArgs> arguments = bwrap_args(spec.plan, *host, spec.working_directory, 3,
                                                 spec.nested_namespaces, !spec.guard.empty());
  if (!arguments) return arguments.error();
  out += "\n[bwrap]\n";
  for (std::size_t i = 0; i < arguments->words.size(); ++i) {
    const std::string& argument = arguments->words[i];
    const bool starts_line = i > 0 && argument.starts_with("--");
    out += (starts_line ? "\n" : i > 0 ? " " : "") + shell_quoted(argument);
  }
  out += "\n\n[environment]\n";
  for (const auto& [name, value] : spec.environment) {
    out += shell_quoted(name + '=' + value) + '\n';
  }
  out += "\n[seccomp]\n" + std::to_string(spec.filter.size()) + " instructions\n";
  out += "\n[names]\n";
  out += spec.guard.empty() ? "not guarded\n"
                            : "guarded: what the rules deny cannot be made, moved or linked to\n";
  out += "\n[landlock]\n" + describe_landlock() + '\n';
  std::string limits;
  for (const LimitInfo& info : kLimits) {
    const auto& limit = spec.limits[static_cast<std::size_t>(info.limit)];
    if (limit) limits += std::string(info.name) + ' ' + std::to_string(*limit) + '\n';
  }
  if (!limits.empty()) out += "\n[limits]\n" + limits;
  const Result<std::string> network = describe_network(bundle);
  if (!network) return network.error();
  out += "\n[network]\n" + *network;
  out += "\n[command]\n";
  for (std::size_t i = 0; i < spec.command.size(); ++i) {
    out += (i > 0 ? " " : "") + shell_quoted(spec.command[i]);
  }
  return out + '\n';
}

}  // namespace srt
