#include "compiler/backend/target.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "compiler/backend/guard.h"
#include "compiler/backend/moves.h"
#include "compiler/backend/syscalls.h"
#include "runtime/bundle/bundle.h"

namespace srt {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "`" : ", `") + name + '`';
  return out;
}

Fidelity linux_socket_fidelity(const ir::Policy& policy, const ir::Rule& rule) {
  using Verdict = Fidelity::Verdict;
  if (rule.effect == Effect::deny) return {};
  const bool is_all = rule.has_names() && rule.names().text() == "*";
  if (rule.has_names() && !is_all) {
    return {Verdict::tighter, "the abstract sockets of the host are in another network namespace"};
  }
  if (allows_unix_sockets(policy)) return {};
  if (is_all) {
    return {Verdict::tighter, "sockets cannot be told apart, and a deny that follows closes all"};
  }
  return {Verdict::tighter, "sockets cannot be told apart, so that none is granted"};
}

Fidelity linux_syscall_fidelity(const ir::Rule& rule) {
  const std::vector<std::string> closed = syscall_effect(rule).closed;
  if (closed.empty()) return {};
  return {Fidelity::Verdict::tighter, listed(closed) + " can never be called"};
}

Fidelity linux_fidelity(const ir::Policy& policy, const Guarding& guarding, const ir::Rule& rule) {
  using Verdict = Fidelity::Verdict;
  if (rule.operation == Operation::unix) return linux_socket_fidelity(policy, rule);
  if (rule.operation == Operation::syscall) return linux_syscall_fidelity(rule);
  if (!is_file_operation(rule.operation)) return {};
  if (rule.effect == Effect::deny) {
    if (guarding.obstacle().empty() || !guarding.takes_guard(rule)) return {};
    return {Verdict::at_launch, std::string(guarding.obstacle())};
  }
  const bool by_default = policy.default_of(rule.operation) == Effect::allow;
  if (rule.paths().pattern.is_plain() || by_default) return {};
  return {Verdict::tighter, "only what matches when the run starts is granted, no name after that"};
}

Fidelity macos_fidelity(const ir::Policy& policy, const ir::Rule& rule) {
  const Reach reach = reach_when_moved(policy, rule);
  if (reach == Reach::lost) {
    return {Fidelity::Verdict::looser, "the command can move a directory out of its reach"};
  }
  if (rule.operation == Operation::bind && rule.effect == Effect::allow && !rule.has_parameters() &&
      rule.ports() == net::PortRange{}) {
    return {Fidelity::Verdict::tighter, std::string(kNoOwnPorts)};
  }
  if (rule.existing) return {Fidelity::Verdict::tighter, "names that appear later are denied too"};
  if (reach == Reach::stays) return {};
  return {Fidelity::Verdict::tighter, "it holds wherever directories can be moved to"};
}

}  // namespace

Fidelity fidelity(const ir::Policy& policy, const ir::Rule& rule, Target target) {
  if (!rule.targets.has(target)) return {};
  return target == Target::linux ? linux_fidelity(policy, Guarding(policy), rule)
                                 : macos_fidelity(policy, rule);
}

namespace {

std::string_view tighter_help(Operation operation) {
  switch (operation) {
    case Operation::unix:
      return "`allow unix *` (in settings `allowAllUnixSockets`), as the last word about sockets, "
             "grants "
             "all of them";
    case Operation::syscall:
      return "leave them out";
    default:
      return "grant the directory that holds the names";
  }
}

bool concerns(Targets of_rule, Targets targets) {
  return (of_rule.linux && targets.linux) || (of_rule.macos && targets.macos);
}

void check_options(const ir::Policy& policy, Targets targets, Diagnostics& diagnostics) {
  for (const ir::OptionSetting& setting : policy.options) {
    const ir::OptionInfo& info = ir::info(setting.kind);
    const Targets where = {info.targets.linux && setting.targets.linux,
                           info.targets.macos && setting.targets.macos};
    if (!concerns(where, targets)) continue;
    if (info.danger.empty()) continue;
    const bool on_linux = where.linux && targets.linux;
    diagnostics.report(on_linux ? Diag::opened_on_linux : Diag::opened_on_macos, setting.origin,
                       fmt::format("option {}", info.name), info.danger);
  }
}

// What is to be left out, or written otherwise: the messages' help.
std::string leave_out(const ir::Policy& policy, std::string_view instead) {
  return policy.is_settings ? fmt::format("leave it out, or {}", instead)
                            : fmt::format("write it in `on linux {{ … }}`, or {}", instead);
}

// A profile says nothing about limits, and the launcher for macOS does not set any: compiled all
// the same they would be open.
void check_limits_on_macos(const ir::Policy& policy, Diagnostics& diagnostics) {
  for (const ir::LimitSetting& setting : policy.limits) {
    if (!setting.targets.macos) continue;
    diagnostics
        .report(Diag::launcher_only, setting.origin,
                fmt::format("limit {}", to_string(setting.limit)))
        .help = leave_out(policy, "compile for Linux alone: `--target linux`");
  }
}

}  // namespace

void check_profile_alone(const ir::Policy& policy, Diagnostics& diagnostics) {
  const auto refuse = [&](Span span, std::string_view text, std::size_t count) {
    const std::string others = count == 1 ? "" : fmt::format(" and {} more", count - 1);
    diagnostics.report(Diag::profile_alone, span, text, others).help =
        leave_out(policy, "make a bundle for srt-run: `--target macos -o FILE.srtb`");
  };
  if (policy.default_of(Operation::env) == Effect::deny) {
    constexpr FileId kPolicyFile = 0;
    refuse(Span{kPolicyFile, 0, 0}, "default env deny", 1);
  }
  const ir::Rule* first = nullptr;
  std::size_t count = 0;
  for (const ir::Rule& rule : policy.rules) {
    if (rule.operation != Operation::env || rule.effect != Effect::deny || !rule.targets.macos) {
      continue;
    }
    if (first == nullptr) first = &rule;
    ++count;
  }
  if (first != nullptr) refuse(first->origin, first->text, count);
}

namespace {

bool is_in_every_policy(const ir::Rule& rule, const SourceSet& sources) {
  const std::string_view name = sources.file(rule.origin.file).name();
  return rule.built_in && (name == "std.world" || name == "std.self");
}

// An acceptance of nothing tells its readers something that is not so, whatever is compiled for.
void check_acceptance(const ir::Policy& policy, const ir::Rule& rule, Diagnostics& diagnostics) {
  if (!rule.accepted) return;
  // Older kernels cannot guard names.
  if (rule.accepted->targets.linux && Guarding(policy).takes_guard(rule)) return;
  for (const Target target : kTargets) {
    if (!rule.accepted->targets.has(target)) continue;
    const Fidelity::Verdict found = fidelity(policy, rule, target).verdict;
    using Verdict = Fidelity::Verdict;
    if (found == Verdict::looser || found == Verdict::at_launch) return;
  }
  diagnostics.report(Diag::nothing_accepted, rule.origin, rule.text).help =
      "remove `accept looser`, so that nobody relies on it";
}

// Each port takes the launcher two listeners on the host.
void check_published(const ir::Rule& rule, Diagnostics& diagnostics) {
  if (!rule.publish || rule.has_parameters()) return;
  const std::size_t count = std::size_t{rule.ports().last} - rule.ports().first + 1;
  if (count <= kMaxPublishedPorts) return;
  diagnostics.report(Diag::too_many_published, rule.origin, rule.text, count, kMaxPublishedPorts);
}

}  // namespace

void check_enforceable(const ir::Policy& policy, Targets targets, Diagnostics& diagnostics) {
  check_options(policy, targets, diagnostics);
  if (targets.macos) check_limits_on_macos(policy, diagnostics);
  if (targets.linux) check_syscalls(policy, diagnostics);
  const bool sockets = targets.linux && allows_unix_sockets(policy);
  for (const ir::Rule& rule : policy.rules) {
    check_acceptance(policy, rule, diagnostics);
    if (!concerns(rule.targets, targets)) continue;
    if (targets.linux && rule.targets.linux) check_published(rule, diagnostics);
    const bool is_all = rule.operation == Operation::unix && rule.effect == Effect::allow &&
                        rule.has_names() && rule.names().text() == "*";
    if (sockets && is_all && rule.targets.linux) {
      diagnostics.report(
          Diag::opened_on_linux, rule.origin, rule.text,
          "every service whose socket the command can reach, a container engine above all, acts "
          "for it");
    }
  }
}

void report_fidelity(const ir::Policy& policy, const SourceSet& sources, Diagnostics& diagnostics) {
  // One message for all rules that are alike: it is about what this version does on Linux, not
  // about any of them.
  struct Alike {
    const ir::Rule* first;
    Fidelity fidelity;
    // Where they stand: one can have become many rules.
    std::set<std::pair<FileId, std::uint32_t>> patterns;
  };
  std::vector<Alike> found;
  const Guarding guarding(policy);
  for (const ir::Rule& rule : policy.rules) {
    if (rule.implied || !rule.targets.linux || is_in_every_policy(rule, sources)) continue;
    Fidelity of_rule = linux_fidelity(policy, guarding, rule);
    if (rule.built_in && of_rule.verdict == Fidelity::Verdict::tighter) continue;
    const bool is_accepted = of_rule.verdict == Fidelity::Verdict::at_launch && rule.accepted &&
                             rule.accepted->targets.linux;
    if (of_rule.verdict == Fidelity::Verdict::exact || is_accepted) continue;
    // What a person wrote is shown before what a module says.
    auto alike = std::find_if(found.begin(), found.end(), [&](const Alike& known) {
      if (known.fidelity.verdict != of_rule.verdict) return false;
      return of_rule.verdict == Fidelity::Verdict::at_launch ||
             (known.first->operation == rule.operation &&
              known.first->origin.file == rule.origin.file &&
              known.fidelity.reason == of_rule.reason);
    });
    if (alike == found.end()) alike = found.insert(alike, {&rule, std::move(of_rule), {}});
    if (alike->first->built_in && !rule.built_in) alike->first = &rule;
    alike->patterns.emplace(rule.origin.file, rule.origin.begin);
  }
  for (const Alike& alike : found) {
    const std::size_t more = alike.patterns.size() - 1;
    const std::string others = more == 0 ? "" : fmt::format(" and {} more", more);
    const ir::Rule& rule = *alike.first;
    if (alike.fidelity.verdict == Fidelity::Verdict::tighter) {
      diagnostics
          .report(Diag::tighter_on_linux, rule.origin, rule.text, others, alike.fidelity.reason)
          .help = tighter_help(rule.operation);
    } else {
      diagnostics.report(Diag::at_launch_on_linux, rule.origin, rule.text, others).help =
          "`srtc explain` tells of each rule; `srt-run --dry-run` lists names that are not there";
    }
  }
}

}  // namespace srt
