#include "compiler/compare/others.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "compiler/backend/syscalls.h"
#include "proxy/upstream/upstream.h"

namespace srt::compare {
namespace {

void add(Comparison& out, Change change, std::string operation, std::string pattern,
         std::string note = {}) {
  Difference difference{change, std::move(operation), std::move(pattern)};
  difference.note = std::move(note);
  out.differences.push_back(std::move(difference));
}

std::string_view unit_of(Limit limit) {
  switch (kLimits[static_cast<std::size_t>(limit)].unit) {
    case Unit::bytes:
      return "B";
    case Unit::seconds:
      return "s";
    case Unit::count:
      break;
  }
  return "";
}

std::string spell(Limit limit, const std::optional<std::uint64_t>& value) {
  return value ? fmt::format("{}{}", *value, unit_of(limit)) : "none";
}

Limits limits_of(const ir::Policy& policy) {
  Limits out{};
  for (const ir::LimitSetting& setting : policy.limits) {
    out[static_cast<std::size_t>(setting.limit)] = setting.value;
  }
  return out;
}

void compare_limits(const Frame& frame, Comparison& out) {
  const Limits before = limits_of(frame.before);
  const Limits after = limits_of(frame.after);
  for (std::size_t i = 0; i < kLimits.size(); ++i) {
    if (before[i] == after[i]) continue;
    const bool is_wider = before[i] && (!after[i] || *after[i] > *before[i]);
    const Limit limit = kLimits[i].limit;
    add(out, is_wider ? Change::wider : Change::narrower, "limit", std::string(to_string(limit)),
        fmt::format("{} before, now {}", spell(limit, before[i]), spell(limit, after[i])));
  }
}

// Whether an option opens something: what it takes away is nothing.
bool opens(ir::OptionKind kind) {
  switch (kind) {
    case ir::OptionKind::pty:
    case ir::OptionKind::apple_events:
    case ir::OptionKind::nested:
    case ir::OptionKind::http_proxy_port:
    case ir::OptionKind::socks_proxy_port:
      return true;
    case ir::OptionKind::upstream_proxy:
    case ir::OptionKind::no_proxy:
      break;
  }
  return false;
}

void compare_options(const Frame& frame, Target target, Comparison& out) {
  for (const ir::OptionInfo& info : ir::kOptions) {
    if (!info.targets.has(target)) continue;
    const auto before = frame.before.option(info.kind, target);
    const auto after = frame.after.option(info.kind, target);
    if (before == after) continue;
    const Change change = !opens(info.kind) || (before && after) ? Change::other
                          : after                                ? Change::wider
                                                                 : Change::narrower;
    const auto spell = [](const std::optional<std::string>& value) {
      if (!value) return std::string("not set");
      return value->empty() ? "set" : "`" + net::without_credentials(*value) + "`";
    };
    add(out, change, "option", std::string(info.name),
        fmt::format("{} before, now {}", spell(before), spell(after)));
  }
}

std::map<std::string, std::string> variables_of(const ir::Policy& policy) {
  std::map<std::string, std::string> out;
  for (const ir::SetVariable& variable : policy.variables) out[variable.name] = variable.value;
  return out;
}

void compare_variables(const Frame& frame, Comparison& out) {
  const std::map<std::string, std::string> before = variables_of(frame.before);
  const std::map<std::string, std::string> after = variables_of(frame.after);
  std::set<std::string> names;
  for (const auto* variables : {&before, &after}) {
    for (const auto& [name, value] : *variables) names.insert(name);
  }
  for (const std::string& name : names) {
    const auto old_value = before.find(name);
    const auto new_value = after.find(name);
    if (old_value == before.end()) {
      add(out, Change::other, "set env", name, "not set before");
    } else if (new_value == after.end()) {
      add(out, Change::other, "set env", name, "no longer set");
    } else if (old_value->second != new_value->second) {
      add(out, Change::other, "set env", name, "to another value");
    }
  }
}

}  // namespace

void compare_syscalls(const Frame& frame, Comparison& out) {
  const seccomp::FilterOptions before = filter_options(frame.before);
  const seccomp::FilterOptions after = filter_options(frame.after);
  const auto find = [&](Change change, const seccomp::FilterOptions& more,
                        const seccomp::FilterOptions& less) {
    std::set<std::string> found;
    // Of what the sandbox keeps closed only what is opened is open.
    for (const std::string& name : more.opened) {
      if (!less.opened.contains(name) && is_closed_by_itself(name)) found.insert(name);
    }
    for (const std::string& name : less.denied) {
      if (!more.denied.contains(name) && !is_closed_by_itself(name)) found.insert(name);
    }
    for (const std::string& name : found) add(out, change, "syscall", name);
  };
  find(Change::wider, after, before);
  find(Change::narrower, before, after);
}

void compare_settings(const Frame& frame, Target target, Comparison& out) {
  compare_limits(frame, out);
  compare_options(frame, target, out);
  compare_variables(frame, out);
}

}  // namespace srt::compare
