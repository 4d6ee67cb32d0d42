#include <algorithm>
#include <optional>
#include <utility>

#include "compiler/optimize/optimize.h"
#include "compiler/optimize/runs.h"

namespace srt::optimize {
namespace {

using glob::Atom;
using Kind = glob::Atom::Kind;

// The atoms with literals taken apart into bytes, so that patterns can be held against each other.
std::vector<Atom> apart(const std::vector<Atom>& atoms) {
  std::vector<Atom> out;
  for (const Atom& atom : atoms) {
    if (atom.kind != Kind::literal) {
      out.push_back(atom);
      continue;
    }
    for (const char byte : atom.bytes) out.push_back({Kind::literal, std::string(1, byte), {}});
  }
  return out;
}

std::vector<Atom> together(const std::vector<Atom>& atoms) {
  std::vector<Atom> out;
  for (const Atom& atom : atoms) {
    if (atom.kind == Kind::literal && !out.empty() && out.back().kind == Kind::literal) {
      out.back().bytes += atom.bytes;
    } else {
      out.push_back(atom);
    }
  }
  return out;
}

// The characters that an atom stands for, where it is one in ASCII or a set of such. Of others
// macOS knows more than one form.
std::optional<glob::CharacterSet> characters(const Atom& atom) {
  constexpr glob::CodePoint kLast = 0x7F;
  if (atom.kind == Kind::literal && static_cast<unsigned char>(atom.bytes[0]) <= kLast) {
    const auto c = static_cast<glob::CodePoint>(atom.bytes[0]);
    if (c == '/') return std::nullopt;
    return glob::CharacterSet{{{c, c}}};
  }
  if (atom.kind == Kind::set && !atom.set.ranges.empty() &&
      atom.set.ranges.back().second <= kLast) {
    return atom.set;
  }
  return std::nullopt;
}

glob::CharacterSet united(const glob::CharacterSet& a, const glob::CharacterSet& b) {
  std::vector<std::pair<glob::CodePoint, glob::CodePoint>> all = a.ranges;
  all.insert(all.end(), b.ranges.begin(), b.ranges.end());
  std::sort(all.begin(), all.end());
  glob::CharacterSet out;
  for (const auto& range : all) {
    if (!out.ranges.empty() && range.first <= out.ranges.back().second + 1) {
      out.ranges.back().second = std::max(out.ranges.back().second, range.second);
    } else {
      out.ranges.push_back(range);
    }
  }
  return out;
}

// One pattern for both where they differ in one character.
std::optional<glob::PathPattern> merged(const glob::PathPattern& a, const glob::PathPattern& b) {
  if (a.is_plain() || b.is_plain() || a.anchor != b.anchor || a.subtree != b.subtree) return {};
  std::vector<Atom> left = apart(a.atoms);
  const std::vector<Atom> right = apart(b.atoms);
  const auto [at, other] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  if (at == left.end() || other == right.end()) return std::nullopt;
  if (!std::equal(at + 1, left.end(), other + 1, right.end())) return std::nullopt;
  const auto first = characters(*at);
  const auto second = characters(*other);
  if (!first || !second) return std::nullopt;
  *at = {Kind::set, {}, united(*first, *second)};
  return glob::PathPattern{a.anchor, together(left), a.subtree};
}

// Whether both come of one pattern, so that no refusal can tell them apart. What an exception
// leaves out depends on the whole pattern.
bool are_alternatives(const ir::Rule& a, const ir::Rule& b) {
  const auto is_whole = [](const ir::Rule& rule) {
    return rule.paths().except.empty() && !rule.paths().within;
  };
  return is_file_operation(a.operation) && a.origin == b.origin && are_alike(a, b) &&
         a.targets == b.targets && a.implied == b.implied && is_whole(a) && is_whole(b);
}

}  // namespace

Outcome merged_siblings(ir::Policy policy, Tables& /*tables*/) {
  const std::vector<std::size_t> runs = runs_of(policy);
  std::vector<bool> is_dropped(policy.rules.size());
  bool changed = false;
  for (std::size_t i = 0; i + 1 < policy.rules.size(); ++i) {
    ir::Rule& rule = policy.rules[i];
    ir::Rule& next = policy.rules[i + 1];
    if (runs[i] != runs[i + 1] || !are_alternatives(rule, next)) continue;
    std::optional<glob::PathPattern> both = merged(rule.paths().pattern, next.paths().pattern);
    if (!both) continue;
    std::get<glob::PathSet>(next.subject).pattern = *std::move(both);
    next.text = ir::spell(policy, next);
    is_dropped[i] = changed = true;
  }
  return without(std::move(policy), is_dropped);
}

}  // namespace srt::optimize
