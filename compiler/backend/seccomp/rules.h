#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/backend/seccomp/verdict.h"

namespace srt::seccomp {

/// Holds when `(argument & mask) == value`, of the bits that the argument's C type has.
struct Condition {
  unsigned argument;  ///< 0 to 5
  std::uint64_t mask;
  std::uint64_t value;

  friend auto operator<=>(const Condition&, const Condition&) = default;
};

/// `verdict` for calls for which every condition holds.
struct Clause {
  std::vector<Condition> all_of;
  Verdict verdict;
};

/// What happens to some system calls. Calls that no rule names are allowed if they are known
/// (`is_known`) and fail with ENOSYS otherwise.
struct Rule {
  std::string_view group;   ///< a word for the subject, shared by related rules
  std::string_view reason;  ///< why, as a clause to follow "because"
  std::vector<std::string_view> syscalls;
  Verdict otherwise;            ///< where no clause holds
  std::vector<Clause> clauses;  ///< the first whose conditions hold decides
  /// Whether a policy can open the calls again: what keeps the sandbox closed does not rest on
  /// their refusal alone.
  bool can_open = false;
  /// Whether it is there only where names are guarded.
  bool for_guard = false;
  /// Whether the calls are what user namespaces are made and furnished with.
  bool for_namespaces = false;
};

/// Choices that a policy has.
struct FilterOptions {
  /// Lets the command create unix sockets, and so talk to every service whose socket it can reach.
  bool allow_unix_sockets = false;
  /// Lets user namespaces, and within them others, be made, and mounts in these.
  bool allow_namespaces = false;
  /// Hands over what makes names, and what takes away symbolic links, for a guard to judge.
  bool guard_names = false;
  /// System calls that fail with EPERM whatever their arguments, but for those that fail anyway.
  std::set<std::string, std::less<>> denied = {};
  /// System calls of rules that `can_open` which are left alone.
  std::set<std::string, std::less<>> opened = {};
};

/// All that is not simply allowed. Names are valid for as long as the program and `options` are.
std::vector<Rule> default_rules(const FilterOptions& options);

}  // namespace srt::seccomp
