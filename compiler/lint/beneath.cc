#include "compiler/lint/beneath.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "compiler/glob/algebra.h"

namespace srt::lint {
namespace {

// A name without wildcards and without an ending, as directories mostly have.
bool ends_like_directory(const glob::PathPattern& pattern) {
  if (pattern.atoms.empty() || pattern.atoms.back().kind != glob::Atom::Kind::literal) return false;
  const std::string_view bytes = pattern.atoms.back().bytes;
  const std::size_t slash = bytes.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == bytes.size()) return false;
  const std::string_view name = bytes.substr(slash + 1);
  return name.find('.', 1) == std::string_view::npos;
}

}  // namespace

void check_beneath(const Subject& subject, Diagnostics& diagnostics) {
  const std::vector<ir::Rule>& rules = subject.policy.rules;
  for (const ir::Rule& rule : rules) {
    if (!is_file_operation(rule.operation) || rule.effect == Effect::deny ||
        !is_written(subject, rule) || subject.policy.is_settings ||
        subject.policy.default_of(rule.operation) == Effect::allow) {
      continue;
    }
    const glob::PathPattern& pattern = rule.paths().pattern;
    if (pattern.subtree || !ends_like_directory(pattern)) continue;
    glob::PathSet beneath = rule.paths();
    beneath.pattern.subtree = true;
    const bool is_granted = std::any_of(rules.begin(), rules.end(), [&](const ir::Rule& other) {
      return &other != &rule && other.operation == rule.operation &&
             other.effect == Effect::allow && glob::is_subset(beneath, other.paths());
    });
    if (is_granted) continue;
    diagnostics.report(Diag::nothing_beneath, rule.origin, rule.text).help =
        fmt::format("did you mean `{}`?", ir::spell(subject.policy, beneath));
  }
}

}  // namespace srt::lint
