#include "compiler/backend/bundle/bundle.h"
#include "compiler/backend/guard.h"
#include "compiler/backend/seccomp/filter.h"
#include "compiler/backend/syscalls.h"
#include "compiler/ir/path_table.h"

namespace srt::bundle {
namespace {

// `struct sock_filter` as the kernel lays it out on little-endian machines (linux/filter.h).
std::uint64_t packed(const sock_filter& instruction) {
  return std::uint64_t{instruction.code} | std::uint64_t{instruction.jt} << 16 |
         std::uint64_t{instruction.jf} << 24 | std::uint64_t{instruction.k} << 32;
}

Bundle::Rule lower(const ir::Rule& rule, const SourceSet& sources) {
  Bundle::Rule out{rule.effect,
                   rule.operation,
                   rule.existing,
                   rule.text,
                   sources.location(rule.origin),
                   rule.because,
                   {},
                   rule.targets,
                   rule.any_tls_name,
                   rule.publish};
  std::visit(
      [&](const auto& subject) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(subject)>, glob::PathSet>) {
          out.subject = subject;
        }
      },
      rule.subject);
  return out;
}

Bundle::WaysOut ways_out(const ir::Policy& policy) {
  const auto text = [&](ir::OptionKind kind) {
    return policy.option(kind, Target::linux).value_or("");
  };
  const auto port = [&](ir::OptionKind kind) {
    const Result<net::PortRange> value = net::parse_port_range(text(kind));
    return value ? value->first : std::uint16_t{0};
  };
  return {text(ir::OptionKind::upstream_proxy), text(ir::OptionKind::no_proxy),
          port(ir::OptionKind::http_proxy_port), port(ir::OptionKind::socks_proxy_port)};
}

}  // namespace

Result<Bundle> lower(const ir::Policy& policy, const SourceSet& sources, std::size_t* costliest,
                     std::optional<PathTable> known) {
  Bundle out;
  out.compiler_version = SRT_VERSION;
  out.name = policy.name;
  out.parameters = policy.parameters;
  out.anchors = policy.anchors;
  for (const OperationInfo& info : kOperations) {
    out.defaults[static_cast<std::size_t>(info.operation)] = policy.default_of(info.operation);
  }
  for (const ir::Rule& rule : policy.rules) out.rules.push_back(lower(rule, sources));
  Result<PathTable> paths = known ? *std::move(known) : ir::build_path_table(policy, costliest);
  if (!paths) return paths.error();
  out.paths = std::move(*paths);
  Result<PathTable> sockets = ir::build_socket_table(policy, costliest);
  if (!sockets) return sockets.error();
  out.sockets = std::move(*sockets);
  for (const ir::SetVariable& variable : policy.variables) {
    out.variables.push_back({variable.name, variable.value, variable.targets});
  }
  for (const ir::LimitSetting& setting : policy.limits) {
    if (!setting.targets.linux) continue;
    out.limits[static_cast<std::size_t>(setting.limit)] = setting.value;
  }
  out.tmp_candidates = policy.tmp_candidates;
  out.ways_out = ways_out(policy);
  for (const ir::Expectation& expectation : policy.expectations) {
    if (!expectation.targets.linux || !is_file_operation(expectation.operation)) continue;
    out.expectations.push_back({expectation.effect, expectation.operation, expectation.subject,
                                sources.location(expectation.origin)});
  }
  out.nested_namespaces = policy.option(ir::OptionKind::nested, Target::linux).has_value();
  out.accepts_no_guard = accepts_no_guard(policy);
  const seccomp::FilterOptions options = filter_options(policy);
  for (const seccomp::Arch arch : seccomp::kArchs) {
    const Result<std::vector<sock_filter>> program = seccomp::build_filter(arch, options);
    if (!program) return program.error();
    Bundle::Filter filter{std::string(seccomp::arch_name(arch)), {}};
    for (const sock_filter& instruction : *program) {
      filter.instructions.push_back(packed(instruction));
    }
    out.filters.push_back(std::move(filter));
  }
  return out;
}

}  // namespace srt::bundle
