#include "compiler/verify/bundle.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/backend/guard.h"
#include "compiler/backend/syscalls.h"
#include "compiler/verify/filter.h"
#include "compiler/verify/paths.h"
#include "compiler/verify/read_back.h"

namespace srt::verify {
namespace {

// `struct sock_filter` out of the number that a bundle keeps it in.
sock_filter unpacked(std::uint64_t instruction) {
  return {.code = static_cast<std::uint16_t>(instruction),
          .jt = static_cast<std::uint8_t>(instruction >> 16),
          .jf = static_cast<std::uint8_t>(instruction >> 24),
          .k = static_cast<std::uint32_t>(instruction >> 32)};
}

// Notes a part as proved where `check` adds no difference.
template <typename Check>
void prove(Report& report, std::string part, Check&& check) {
  const std::size_t before = report.differences.size();
  check(report.differences);
  if (report.differences.size() == before) report.proved.push_back(std::move(part));
}

void check_acceptance(const ir::Policy& policy, const Bundle& bundle,
                      std::vector<Difference>& differences) {
  const bool accepts = accepts_no_guard(policy);
  if (accepts == bundle.accepts_no_guard) return;
  const auto spell = [](bool accepted) { return accepted ? "it starts" : "it does not start"; };
  differences.push_back({accepts ? Kind::tighter : Kind::looser, "guard",
                         "a run where the kernel cannot guard names", spell(accepts),
                         spell(bundle.accepts_no_guard)});
}

void check_filters(const ir::Policy& policy, const Bundle& bundle, Report& report) {
  const seccomp::FilterOptions options = filter_options(policy);
  const std::vector<seccomp::Rule> rules = seccomp::default_rules(options);
  for (const seccomp::Arch arch : seccomp::kArchs) {
    const std::string part = fmt::format("seccomp {}", seccomp::arch_name(arch));
    const auto is_of_arch = [arch](const Bundle::Filter& filter) {
      return filter.arch == seccomp::arch_name(arch);
    };
    if (std::count_if(bundle.filters.begin(), bundle.filters.end(), is_of_arch) != 1) {
      report.differences.push_back({Kind::unproved, part, "there is not one program for it"});
      continue;
    }
    std::vector<sock_filter> program;
    const auto filter = std::find_if(bundle.filters.begin(), bundle.filters.end(), is_of_arch);
    for (const std::uint64_t step : filter->instructions) program.push_back(unpacked(step));
    prove(report, part, [&](std::vector<Difference>& differences) {
      check_filter(program, arch, rules, differences);
    });
  }
  if (bundle.filters.size() != seccomp::kArchs.size()) {
    report.differences.push_back(
        {Kind::unproved, "seccomp", "a program is for an architecture that is not known"});
  }
}

// Whoever installs a program by itself has no guard to hand calls over to.
void allow_guarded(seccomp::Verdict& verdict) {
  const bool is_guarded = verdict.action == seccomp::kGuarded.action ||
                          verdict.action == seccomp::kGuardedRemoval.action;
  if (is_guarded) verdict = seccomp::kAllow;
}

}  // namespace

Report verify_bundle(const ir::Policy& policy, const SourceSet& sources, const Bundle& bundle,
                     const ir::Policy* optimized) {
  Report report;
  prove(report, "read and write", [&](std::vector<Difference>& differences) {
    check_paths(policy, sources, bundle, TableKind::files, optimized, differences);
  });
  prove(report, "paths of unix sockets", [&](std::vector<Difference>& differences) {
    check_paths(policy, sources, bundle, TableKind::sockets, optimized, differences);
  });
  prove(report, "hosts, ports, names, limits, options", [&](std::vector<Difference>& differences) {
    check_rules(policy, sources, bundle, optimized, differences);
  });
  prove(report, "guard", [&](std::vector<Difference>& differences) {
    check_acceptance(policy, bundle, differences);
  });
  check_filters(policy, bundle, report);
  report.unchecked = {"mounts, which srt-run makes of the tables when a run starts",
                      "texts, places and reasons of rules, which reports show"};
  return report;
}

Report verify_filter(const ir::Policy& policy, std::string_view bytes, seccomp::Arch arch) {
  Report report;
  const std::string part = fmt::format("seccomp {}", seccomp::arch_name(arch));
  const Result<std::vector<sock_filter>> program = read_filter(bytes);
  if (!program) {
    report.differences.push_back({Kind::unproved, part, program.error().message});
    return report;
  }
  const seccomp::FilterOptions options = filter_options(policy);
  std::vector<seccomp::Rule> rules = seccomp::default_rules(options);
  for (seccomp::Rule& rule : rules) {
    allow_guarded(rule.otherwise);
    for (seccomp::Clause& clause : rule.clauses) allow_guarded(clause.verdict);
  }
  prove(report, part, [&](std::vector<Difference>& differences) {
    check_filter(*program, arch, rules, differences);
  });
  return report;
}

}  // namespace srt::verify
