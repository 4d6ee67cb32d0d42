#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/policy.h"
#include "tests/support/sbpl/profile.h"

/// Policies by hand, and their profiles evaluated.
namespace srt::seatbelt {

/// A policy whose anchors are `${cwd}` (kCwd) and `${home}` (kHome).
inline constexpr glob::AnchorId kCwd = 0;
inline constexpr glob::AnchorId kHome = 1;

inline ir::Policy empty_policy() {
  using Piece = Template::Piece;
  ir::Policy policy;
  const ParameterId cwd = policy.intern(
      Parameter{"cwd", Parameter::Source::working_directory, Parameter::Type::path, {}});
  const ParameterId home =
      policy.intern(Parameter{"home", Parameter::Source::home, Parameter::Type::path, {}});
  policy.intern(Template{{{Piece::Kind::parameter, {}, cwd}}});
  policy.intern(Template{{{Piece::Kind::parameter, {}, home}}});
  return policy;
}

/// `text` beneath an anchor or the root directory, itself and everything beneath it.
inline glob::PathPattern tree(std::optional<glob::AnchorId> anchor, const std::string& text) {
  glob::PathPattern pattern{anchor, {}, true};
  if (!text.empty()) pattern.atoms.push_back({glob::Atom::Kind::literal, text});
  return pattern;
}

inline void add(ir::Policy& policy, Effect effect, ir::Operation operation, glob::PathSet paths) {
  ir::Rule rule{effect, operation, std::move(paths), false, false, {}, {}, {}};
  rule.text = spell(policy, rule);
  policy.rules.push_back(std::move(rule));
}

inline void add(ir::Policy& policy, Effect effect, ir::Operation operation,
                glob::PathPattern pattern) {
  add(policy, effect, operation, glob::PathSet{std::move(pattern), {}, {}});
}

/// Values of `-D` for anchors as expanded: the root directory is "".
inline test::sbpl::Profile::Parameters parameters(const std::string& cwd, const std::string& home) {
  const auto passed = [](const std::string& path) { return path.empty() ? "/" : path; };
  return {{"CWD", passed(cwd)}, {"HOME", passed(home)}, {"PROXY_PORT", "4321"}};
}

}  // namespace srt::seatbelt
