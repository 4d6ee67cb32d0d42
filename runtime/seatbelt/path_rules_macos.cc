#include "runtime/seatbelt/path_rules.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace srt {
namespace {

// The other spelling of what lies in one of the three directories, else the path itself.
std::string without_private(const std::string& path) {
  constexpr std::string_view kPrivate = "/private";
  for (const std::string_view place : {"/tmp", "/var", "/etc"}) {
    const std::string whole = std::string(kPrivate).append(place);
    if (path == whole || path.starts_with(whole + '/')) return path.substr(kPrivate.size());
  }
  return path;
}

// The rule further down of two, of which either may be none.
std::uint32_t later(std::uint32_t a, std::uint32_t b) {
  if (a == PathTable::kNoRule || b == PathTable::kNoRule) return std::min(a, b);
  return std::max(a, b);
}

}  // namespace

PathRules::PathRules(const Bundle& bundle) : bundle_(bundle) {
  tell_ = std::all_of(bundle.rules.begin(), bundle.rules.end(), [](const Bundle::Rule& rule) {
    return !is_file_operation(rule.operation) || rule.targets == Targets::all();
  });
}

std::optional<Access> PathRules::access(const std::vector<std::string>& anchors,
                                        const std::string& path) const {
  if (!tell_) return std::nullopt;
  const PathTable& table = bundle_.paths;
  std::vector<std::string> plain_anchors;
  for (const std::string& anchor : anchors) plain_anchors.push_back(without_private(anchor));
  const PathTable::Verdict first = table.verdict(table.find(path, anchors));
  const PathTable::Verdict second = table.verdict(table.find(without_private(path), plain_anchors));
  const auto allows = [&](Operation operation, std::uint32_t rule) {
    const Effect effect =
        rule == PathTable::kNoRule ? bundle_.default_of(operation) : bundle_.rules[rule].effect;
    return effect == Effect::allow;
  };
  if (!allows(Operation::read, later(first.read_rule, second.read_rule))) return Access::none;
  const bool writes = allows(Operation::write, later(first.write_rule, second.write_rule));
  return writes ? Access::write : Access::read;
}

bool PathRules::may_change(const std::vector<std::string>& anchors,
                           const std::string& directory) const {
  if (const std::optional<Access> told = access(anchors, directory)) {
    return *told == Access::write;
  }
  return ::access(directory.empty() ? "/" : directory.c_str(), W_OK) == 0;
}

}  // namespace srt
