#include "compiler/verify/path_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "compiler/glob/predecessors.h"
#include "runtime/base/printable.h"

namespace srt::verify {
namespace {

// The states from which some byte or mark leads to a match.
std::vector<bool> live_states(const glob::Dfa& dfa) {
  return glob::Predecessors(dfa, [](glob::Alphabet::Symbol) { return true; })
      .lead_to([&](std::uint32_t state) { return dfa.label[state] != 0; });
}

// What tells two directories known at launch apart: names and what stands behind them.
std::string spelling_of(const ir::Policy& policy, const Template& anchor) {
  std::string out = ir::spell(policy, anchor);
  for (const Template::Piece& piece : anchor.pieces) {
    if (piece.kind != Template::Piece::Kind::parameter) continue;
    const Parameter& parameter = policy.parameters[piece.parameter];
    if (parameter.source != Parameter::Source::declared) continue;
    out += fmt::format(" ({}{})", to_string(parameter.type),
                       parameter.fallback ? " = " + ir::spell(policy, *parameter.fallback) : "");
  }
  return out;
}

std::vector<Mark> marks_of(const ir::Policy& policy, const Bundle& bundle) {
  std::vector<Mark> out;
  for (const Template& anchor : policy.anchors) {
    out.push_back(
        {spelling_of(policy, anchor), static_cast<glob::AnchorId>(out.size()), std::nullopt});
  }
  ir::Policy named;
  named.parameters = bundle.parameters;
  for (std::uint32_t i = 0; i < bundle.anchors.size(); ++i) {
    const std::string spelling = spelling_of(named, bundle.anchors[i]);
    const auto known = std::find_if(out.begin(), out.end(), [&](const Mark& mark) {
      return mark.spelling == spelling && !mark.table;
    });
    if (known == out.end()) {
      out.push_back({spelling, std::nullopt, i});
    } else {
      known->table = i;
    }
  }
  return out;
}

// The lower, the better it looks in a path.
int looks(unsigned char byte) {
  if (byte >= 'a' && byte <= 'z') return 0;
  if (byte >= '0' && byte <= '9') return 1;
  if (byte >= 'A' && byte <= 'Z') return 2;
  return byte > ' ' && byte < 0x7F ? 3 : 4;
}

}  // namespace

Spelling step(Spelling from, Letter letter) {
  if (from == Spelling::broken) return from;
  if (letter.is_mark) return from == Spelling::slash ? Spelling::broken : from;
  const bool is_slash = letter.value == '/';
  if (from == Spelling::component) return is_slash ? Spelling::slash : from;
  if (from == Spelling::root) return is_slash ? Spelling::slash : Spelling::broken;
  return is_slash ? Spelling::broken : Spelling::component;
}

std::optional<std::size_t> PathSides::place_of(Operation operation) const {
  if (kind_ == TableKind::sockets) {
    return operation == Operation::unix ? std::optional<std::size_t>(0) : std::nullopt;
  }
  if (operation == Operation::read) return 0;
  return operation == Operation::write ? std::optional<std::size_t>(1) : std::nullopt;
}

Operation PathSides::operation_at(std::size_t place) const {
  if (kind_ == TableKind::sockets) return Operation::unix;
  return place == 0 ? Operation::read : Operation::write;
}

Result<PathSides> PathSides::make(const ir::Policy& policy, const Bundle& bundle, TableKind kind) {
  PathSides out;
  out.policy_ = &policy;
  out.bundle_ = &bundle;
  out.table_ = kind == TableKind::files ? &bundle.paths : &bundle.sockets;
  out.kind_ = kind;
  if (out.table_->mark_count != bundle.anchors.size()) {
    return Error{"the table is not about the bundle's directories", "compile the policy again"};
  }
  if (const auto flaw = out.table_->flaw(bundle.rules.size())) {
    return Error{"the table is damaged: " + *flaw, "compile the policy again"};
  }
  out.marks_ = marks_of(policy, bundle);
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    const ir::Rule& rule = policy.rules[i];
    const std::optional<std::size_t> place = out.place_of(rule.operation);
    if (!rule.targets.linux || !rule.has_paths() || !place) continue;
    const glob::PathSet* set = &rule.paths();
    const glob::Alphabet alphabet({&set, 1}, policy.anchors.size());
    Result<glob::Dfa> dfa = glob::compile(*set, alphabet);
    if (!dfa) return Error{dfa.error().message + ": `" + rule.text + "`", dfa.error().help};
    std::vector<bool> live = live_states(*dfa);
    out.rules_.push_back(
        {i, *place, rule.effect, rule.existing, alphabet, std::move(*dfa), std::move(live)});
  }
  return out;
}

std::uint32_t PathSides::step(const PathRule& rule, std::uint32_t state, Letter letter) const {
  if (!letter.is_mark) {
    return rule.dfa.step(state, rule.alphabet.byte(static_cast<unsigned char>(letter.value)));
  }
  const Mark& mark = marks_[letter.value];
  return mark.policy ? rule.dfa.step(state, rule.alphabet.mark(*mark.policy)) : state;
}

PathTable::State PathSides::step(const PathTable::Lane& lane, PathTable::State state,
                                 Letter letter) const {
  if (!letter.is_mark) {
    return table_->next(lane, state, static_cast<unsigned char>(letter.value));
  }
  const Mark& mark = marks_[letter.value];
  if (!mark.table) return state;
  const std::size_t symbols = std::size_t{table_->class_count} + table_->mark_count;
  return lane.next[state * symbols + table_->class_count + *mark.table];
}

std::vector<Letter> PathSides::letters(const std::vector<const PathRule*>& rules) const {
  // Bytes that look best come first, and stand for all that are not told apart from them.
  static const std::array<unsigned char, 255> kByLooks = [] {
    std::array<unsigned char, 255> out{};
    std::iota(out.begin(), out.end(), static_cast<unsigned char>(1));
    std::stable_sort(out.begin(), out.end(),
                     [](unsigned char a, unsigned char b) { return looks(a) < looks(b); });
    return out;
  }();
  // The class of each byte among those of the automata so far: a class of both is a class of one
  // and of the other.
  std::array<std::uint32_t, 256> classes{};
  for (std::size_t byte = 0; byte < classes.size(); ++byte) classes[byte] = table_->classes[byte];
  classes['/'] = 256;
  std::uint32_t count = 257;
  for (const PathRule* rule : rules) {
    std::vector<std::uint32_t> joint(std::size_t{count} * rule->alphabet.class_count());
    std::uint32_t next = 0;
    for (std::size_t byte = 1; byte < classes.size(); ++byte) {
      const std::uint32_t other = rule->alphabet.byte(static_cast<unsigned char>(byte));
      std::uint32_t& both =
          joint[std::size_t{classes[byte]} * rule->alphabet.class_count() + other];
      if (both == 0) both = ++next;
      classes[byte] = both - 1;
    }
    count = next;
  }
  std::vector<Letter> out;
  std::vector<bool> seen(count);
  for (const unsigned char byte : kByLooks) {
    if (seen[classes[byte]]) continue;
    seen[classes[byte]] = true;
    out.push_back({byte, false});
  }
  for (std::uint32_t i = 0; i < marks_.size(); ++i) out.push_back({i, true});
  return out;
}

std::string PathSides::spell(const Word& word) const {
  std::string path;
  std::string where;
  for (const Letter letter : word) {
    if (!letter.is_mark) {
      path += static_cast<char>(letter.value);
      continue;
    }
    where += fmt::format("{}`{}` is `{}`", where.empty() ? " where " : " and ",
                         marks_[letter.value].spelling, path.empty() ? "/" : printable(path));
  }
  return (path.empty() ? "/" : printable(path)) + where;
}

std::optional<PathDifference> find_difference(const PathSides& sides,
                                              const std::vector<std::uint32_t>& rules,
                                              const PathTable::Position& lanes) {
  for (const bool later : {false, true}) {
    for (const std::size_t place : {std::size_t{0}, std::size_t{1}}) {
      const PathSides::Ruling policy =
          sides.of_policy(place, later, [&](std::size_t i) { return rules[i]; });
      const PathSides::Ruling table =
          sides.of_table(place, later, [&](std::size_t i) { return lanes[i]; });
      if (policy.effect != table.effect) return PathDifference{place, policy, table, later};
      if (policy.effect == Effect::deny || sides.operation_at(0) == sides.operation_at(1)) break;
    }
  }
  return std::nullopt;
}

std::optional<PathDifference> find_difference(const PathSides& sides, const Word& word) {
  std::vector<std::uint32_t> rules(sides.rules().size());
  PathTable::Position lanes = sides.table().start();
  for (const Letter letter : word) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      rules[i] = sides.step(sides.rules()[i], rules[i], letter);
    }
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      lanes[i] = sides.step(sides.table().lanes[i], lanes[i], letter);
    }
  }
  return find_difference(sides, rules, lanes);
}

}  // namespace srt::verify
