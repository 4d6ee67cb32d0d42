#include <algorithm>

#include "compiler/glob/canonical.h"
#include "compiler/optimize/optimize.h"

namespace srt::optimize {
namespace {

// A wildcard pattern stays one: plain paths are kept in lanes of their own.
glob::PathPattern spelled(const glob::PathPattern& pattern) {
  glob::PathPattern out = glob::canonical(pattern);
  return out.is_plain() == pattern.is_plain() ? out : pattern;
}

glob::PathSet spelled(const glob::PathSet& paths) {
  glob::PathSet out = {spelled(paths.pattern), {}, {}};
  for (const glob::PathPattern& except : paths.except) {
    glob::PathPattern next = spelled(except);
    const bool is_known = std::find(out.except.begin(), out.except.end(), next) != out.except.end();
    if (!is_known) out.except.push_back(std::move(next));
  }
  if (paths.within) out.within = spelled(*paths.within);
  return out;
}

}  // namespace

Outcome canonical_spelling(ir::Policy policy, Tables& /*tables*/) {
  bool changed = false;
  for (ir::Rule& rule : policy.rules) {
    if (!is_file_operation(rule.operation)) continue;
    auto& paths = std::get<glob::PathSet>(rule.subject);
    glob::PathSet next = spelled(paths);
    if (next == paths || !glob::same_paths(next, paths)) continue;
    paths = std::move(next);
    changed = true;
  }
  return {std::move(policy), changed};
}

}  // namespace srt::optimize
