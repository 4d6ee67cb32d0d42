#include "compiler/backend/syscalls.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "compiler/backend/guard.h"
#include "compiler/backend/seccomp/groups.h"
#include "compiler/backend/seccomp/syscall_numbers.h"
#include "compiler/source/edit_distance.h"

namespace srt {
namespace {

bool is_about_syscalls(const ir::Rule& rule) {
  return rule.operation == Operation::syscall && rule.has_names() && rule.targets.linux;
}

bool exists(const std::string& name) {
  return static_cast<bool>(seccomp::syscall_number(seccomp::Arch::x86_64, name));
}

// The calls that a pattern speaks of; none where there is no such call or group.
std::vector<std::string> syscalls_of(const NamePattern& pattern) {
  if (pattern.is_literal()) {
    const std::string name = pattern.literal();
    if (const seccomp::SyscallGroup* group = seccomp::find_group(name)) {
      return {group->syscalls.begin(), group->syscalls.end()};
    }
    if (exists(name)) return {name};
    return {};
  }
  std::vector<std::string> out;
  for (const std::string& name : seccomp::known_syscalls()) {
    if (pattern.matches(name)) out.push_back(name);
  }
  return out;
}

enum class Standing {
  open,    // allowed, if only for some arguments
  closed,  // refused, and stays so
  opens,   // refused, but a policy can open it
};

// What the sandbox makes of a call without a policy.
std::map<std::string, Standing, std::less<>> built_in() {
  std::map<std::string, Standing, std::less<>> out;
  for (const seccomp::Rule& rule : seccomp::default_rules({})) {
    if (!rule.clauses.empty()) continue;
    for (const std::string_view syscall : rule.syscalls) {
      out.emplace(syscall, rule.can_open ? Standing::opens : Standing::closed);
    }
  }
  return out;
}

Standing standing(const std::string& syscall) {
  static const auto refused = built_in();
  if (const auto found = refused.find(syscall); found != refused.end()) return found->second;
  const std::vector<std::string>& known = seccomp::known_syscalls();
  // One that this compiler does not know is absent inside.
  const bool is_known = std::binary_search(known.begin(), known.end(), syscall);
  return is_known ? Standing::open : Standing::closed;
}

std::string help_for(const std::string& name) {
  std::vector<std::string_view> candidates;
  if (name.starts_with('@')) {
    for (const seccomp::SyscallGroup& group : seccomp::syscall_groups()) {
      candidates.push_back(group.name);
    }
  } else {
    candidates.assign(seccomp::known_syscalls().begin(), seccomp::known_syscalls().end());
  }
  if (const auto meant = closest(name, candidates)) {
    return fmt::format("did you mean `{}`?", *meant);
  }
  if (!name.starts_with('@')) return "syscalls(2) lists them";
  std::string out = "the groups are ";
  for (const std::string_view group : candidates) {
    out += fmt::format("{}`{}`", group == candidates.front() ? "" : ", ", group);
  }
  return out;
}

std::string why_refused(const std::vector<std::string>& syscalls) {
  std::string out;
  for (const seccomp::Rule& rule : seccomp::default_rules({})) {
    std::string names;
    for (const std::string_view syscall : rule.syscalls) {
      if (std::find(syscalls.begin(), syscalls.end(), syscall) == syscalls.end()) continue;
      names += (names.empty() ? "" : ", ") + std::string(syscall);
    }
    if (!names.empty())
      out += fmt::format("{}{} ({})", out.empty() ? "" : "; ", rule.reason, names);
  }
  return out;
}

}  // namespace

SyscallEffect syscall_effect(const ir::Rule& rule) {
  SyscallEffect out;
  if (!is_about_syscalls(rule) || rule.effect == Effect::deny) return out;
  for (const std::string& syscall : syscalls_of(rule.names())) {
    const Standing found = standing(syscall);
    if (found == Standing::opens) out.opened.push_back(syscall);
    if (found == Standing::closed) out.closed.push_back(syscall);
  }
  return out;
}

bool is_closed_by_itself(const std::string& syscall) { return standing(syscall) != Standing::open; }

namespace {

// What the rules about system calls come to.
seccomp::FilterOptions chosen_syscalls(const ir::Policy& policy) {
  seccomp::FilterOptions out;
  for (const ir::Rule& rule : policy.rules) {
    if (!is_about_syscalls(rule)) continue;
    for (const std::string& syscall : syscalls_of(rule.names())) {
      auto& into = rule.effect == Effect::deny ? out.denied : out.opened;
      auto& from = rule.effect == Effect::deny ? out.opened : out.denied;
      from.erase(syscall);
      into.insert(syscall);
    }
  }
  return out;
}

}  // namespace

bool opens_syscall(const ir::Policy& policy, std::string_view syscall) {
  return chosen_syscalls(policy).opened.contains(syscall);
}

seccomp::FilterOptions filter_options(const ir::Policy& policy) {
  seccomp::FilterOptions out = chosen_syscalls(policy);
  out.allow_unix_sockets = allows_unix_sockets(policy);
  out.allow_namespaces = policy.option(ir::OptionKind::nested, Target::linux).has_value();
  out.guard_names = guards_names(policy);
  return out;
}

void check_syscalls(const ir::Policy& policy, Diagnostics& diagnostics) {
  const seccomp::FilterOptions options = filter_options(policy);
  for (const ir::Rule& rule : policy.rules) {
    if (!is_about_syscalls(rule)) continue;
    const std::vector<std::string> syscalls = syscalls_of(rule.names());
    if (syscalls.empty()) {
      const std::string& name = rule.names().text();
      diagnostics
          .report(Diag::unknown_syscall, rule.origin,
                  name.starts_with('@') ? "group of system calls" : "system call", name)
          .help = help_for(name);
    }
    // The filter is in force before the command is executed.
    if (rule.effect == Effect::deny && options.denied.contains("execve") &&
        std::find(syscalls.begin(), syscalls.end(), "execve") != syscalls.end()) {
      diagnostics.report(Diag::no_command_starts, rule.origin, rule.text).help =
          "write `allow syscall execve` below it";
    }
    std::vector<std::string> opened = syscall_effect(rule).opened;
    std::erase_if(opened, [&](const std::string& name) { return !options.opened.contains(name); });
    if (!opened.empty()) {
      diagnostics.report(Diag::opened_on_linux, rule.origin, rule.text, why_refused(opened));
    }
  }
}

bool allows_unix_sockets(const ir::Policy& policy) {
  bool allowed = policy.default_of(Operation::unix) == Effect::allow;
  for (const ir::Rule& rule : policy.rules) {
    if (rule.operation != Operation::unix || !rule.targets.linux) continue;
    // Abstract sockets belong to a network namespace: those outside are out of reach anyway.
    const bool is_abstract = rule.has_names() && rule.names().text() != "*";
    if (rule.effect == Effect::deny && !is_abstract) allowed = false;
    if (rule.effect == Effect::allow && rule.has_names() && !is_abstract) allowed = true;
  }
  return allowed;
}

}  // namespace srt
