#include "compiler/verify/sbpl/policy_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "compiler/backend/moves.h"

namespace srt::verify::sbpl {
namespace {

using glob::Atom;
using glob::PathPattern;
using glob::PathSet;
using ir::Rule;

constexpr std::string_view kPrivate = "/private";

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool spans(const Atom& atom) {
  return atom.kind == Atom::Kind::segments || atom.kind == Atom::Kind::text;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

// The first component of a pattern from the root directory, where it is text alone.
std::optional<std::string> first_component(const PathPattern& pattern) {
  if (pattern.anchor || pattern.atoms.empty() || pattern.atoms[0].kind != Atom::Kind::literal) {
    return std::nullopt;
  }
  const std::string& text = pattern.atoms[0].bytes;
  const std::size_t end = text.find('/', 1);
  if (end != std::string::npos) return text.substr(0, end);
  const bool ends = pattern.atoms.size() == 1 || pattern.atoms[1].kind == Atom::Kind::segments;
  return ends ? std::optional(text) : std::nullopt;
}

// Directories that are links into /private on every Mac.
bool is_linked(std::string_view component) {
  return component == "/tmp" || component == "/var" || component == "/etc";
}

// Whether the first component may be one of those among others.
bool is_partly_linked(const PathPattern& pattern) {
  return !pattern.anchor && !pattern.atoms.empty() && !spans(pattern.atoms[0]) &&
         !first_component(pattern);
}

PathPattern in_private(PathPattern pattern) {
  pattern.atoms[0].bytes.insert(0, kPrivate);
  return pattern;
}

// The pattern without the /private that a link would lead into.
PathPattern by_link(PathPattern pattern) {
  const std::optional<std::string> first = first_component(pattern);
  if (first != kPrivate) return pattern;
  PathPattern rest = pattern;
  rest.atoms[0].bytes.erase(0, kPrivate.size());
  if (rest.atoms[0].bytes.empty()) return pattern;
  const std::optional<std::string> second = first_component(rest);
  return second && is_linked(*second) ? rest : pattern;
}

template <typename F>
PathSet map_patterns(PathSet set, F&& change) {
  set.pattern = change(std::move(set.pattern));
  for (PathPattern& except : set.except) except = change(std::move(except));
  if (set.within) set.within = change(std::move(*set.within));
  return set;
}

// Text outside ASCII, with the letter before it, as any text: it can be spelled in several ways.
PathPattern widened(PathPattern pattern) {
  std::vector<Atom> out;
  const auto any_text = [&out] {
    out.push_back({Atom::Kind::character});
    out.push_back({Atom::Kind::run});
  };
  for (const Atom& atom : pattern.atoms) {
    const bool is_wide_set = atom.kind == Atom::Kind::set && !atom.set.is_ascii();
    if (is_wide_set) any_text();
    if (atom.kind != Atom::Kind::literal) {
      if (!is_wide_set) out.push_back(atom);
      continue;
    }
    std::string text;
    for (std::size_t i = 0; i < atom.bytes.size();) {
      if (is_ascii(atom.bytes[i])) {
        text += atom.bytes[i++];
        continue;
      }
      if (!text.empty() && text.back() != '/') text.pop_back();
      if (!text.empty()) out.push_back({Atom::Kind::literal, text});
      text.clear();
      any_text();
      while (i < atom.bytes.size() && !is_ascii(atom.bytes[i])) ++i;
    }
    if (!text.empty()) out.push_back({Atom::Kind::literal, text});
  }
  pattern.atoms = std::move(out);
  return pattern;
}

std::string key_of(const PathPattern& pattern) {
  std::string out = pattern.anchor ? fmt::format("{}", *pattern.anchor) : "";
  for (const Atom& atom : pattern.atoms) {
    out += fmt::format("\x01{}{}", static_cast<int>(atom.kind), atom.bytes);
    for (const auto& [first, last] : atom.set.ranges) out += fmt::format(" {}-{}", first, last);
  }
  return out + (pattern.subtree ? "\x02" : "\x03");
}

std::string key_of(const PathSet& set) {
  std::string out = "policy " + key_of(set.pattern);
  for (const PathPattern& except : set.except) out += "\x04" + key_of(except);
  return set.within ? out + "\x05" + key_of(*set.within) : out;
}

class Maker {
 public:
  Maker(const ir::Policy& policy, const std::function<bool(const Span&)>& is_reported,
        Leaves& leaves)
      : policy_(policy), is_reported_(is_reported), leaves_(leaves) {}

  Result<PolicyRules> run(const ir::Policy& smaller) {
    for (const Rule& rule : smaller.rules) kept_.insert({rule.origin.file, rule.origin.begin});
    for (const Operation operation : {Operation::read, Operation::write}) {
      const bool is_read = operation == Operation::read;
      Rules& rules = is_read ? out_.reads : out_.writes;
      Rules& open = is_read ? out_.open_reads : out_.open_writes;
      rules.otherwise = open.otherwise = policy_.default_of(operation);
      for (std::size_t i = 0; i < policy_.rules.size(); ++i) {
        if (policy_.rules[i].operation == operation) add(i, rules, open);
      }
    }
    out_.above_denied = any_of(std::move(above_));
    out_.above_readable = any_of(std::move(above_readable_));
    out_.pins = any_of(std::move(pins_));
    out_.vacancies = any_of(std::move(vacancies_));
    if (failure_) return *failure_;
    return std::move(out_);
  }

 private:
  LeafId leaf_of(const PathSet& set) {
    const Result<LeafId> id =
        leaves_.get(key_of(set), [&] { return Automaton::of(set, leaves_.mark_count()); });
    if (id) return *id;
    if (!failure_) failure_ = id.error();
    return 0;
  }

  // Calls `use` for the set in all spellings: of what lies in /tmp the one in /private too. What
  // the other spelling is of only where the path lies there is given with a limit.
  template <typename F>
  void for_spellings(const PathSet& given, bool is_wide, bool is_deny, F&& use) {
    const PathSet set = map_patterns(given, by_link);
    use(set, always());
    const std::optional<std::string> first = first_component(set.pattern);
    const auto linked = [&](const PathPattern& pattern) {
      const std::optional<std::string> component = first_component(pattern);
      return component && is_linked(is_wide ? lowered(*component) : *component)
                 ? in_private(pattern)
                 : pattern;
    };
    if (first && is_linked(is_wide ? lowered(*first) : *first)) {
      use(map_patterns(set, linked), always());
    } else if (is_deny && is_partly_linked(set.pattern)) {
      std::vector<FormulaPtr> places;
      for (const std::string_view place : {"/private/tmp", "/private/var", "/private/etc"}) {
        places.push_back(
            leaf(leaf_of({{{}, {{Atom::Kind::literal, std::string(place)}}, true}, {}, {}})));
      }
      PathSet moved = set;
      moved.pattern = in_private(std::move(moved.pattern));
      use(moved, any_of(std::move(places)));
    }
  }

  FormulaPtr exact(const PathSet& set, bool is_deny) {
    std::vector<FormulaPtr> out;
    for_spellings(set, false, is_deny, [&](const PathSet& one, const FormulaPtr& limit) {
      out.push_back(all_of({leaf(leaf_of(one)), limit}));
    });
    return any_of(std::move(out));
  }

  // What differs from the set's paths in case, or where they have text outside ASCII.
  FormulaPtr folded_of(const PathSet& set) {
    std::vector<FormulaPtr> out;
    const PathSet wide = map_patterns(set, widened);
    for_spellings(wide, true, true, [&](const PathSet& one, const FormulaPtr& limit) {
      out.push_back(all_of({folded(leaf_of(one)), limit}));
    });
    return any_of(std::move(out));
  }

  static PathSet beneath(PathPattern pattern) {
    pattern.subtree = true;
    return {std::move(pattern), {}, {}};
  }

  void add(std::size_t index, Rules& rules, Rules& open) {
    const Rule& rule = policy_.rules[index];
    const PathSet& set = rule.paths();
    const bool is_deny = rule.effect == Effect::deny;
    rules.clauses.push_back({rule.effect, is_deny ? strict_deny(set) : exact(set, false), index});
    if (is_deny) {
      open.clauses.push_back({rule.effect, wide_deny(rule), index});
      add_followed(rule, index, rules, open);
      add_pins(rule);
      return;
    }
    if (rule.operation == Operation::read) {
      for_spellings(set, false, false, [&](const PathSet& one, const FormulaPtr&) {
        above_readable_.push_back(leaf(above(leaf_of(one), "with marks " + key_of(one), true)));
      });
    }
    FormulaPtr granted = never();
    if (!is_reported_(rule.origin)) {
      // An exception holds for all its spellings.
      std::vector<FormulaPtr> parts = {exact(set, false)};
      for (const PathPattern& except : set.except) parts.push_back(no(folded_of(beneath(except))));
      granted = all_of(std::move(parts));
    }
    open.clauses.push_back({rule.effect, std::move(granted), index});
  }

  // What differs from a denied name in case only is the same name. Of a character out of a set, and
  // where a rule depends on directories, no more is asked for than what is written.
  FormulaPtr strict_deny(const PathSet& set) {
    const auto has_set = [](const PathPattern& pattern) {
      return std::any_of(pattern.atoms.begin(), pattern.atoms.end(),
                         [](const Atom& atom) { return atom.kind == Atom::Kind::set; });
    };
    const FormulaPtr written = exact(set, true);
    if (set.within || !set.except.empty() || has_set(set.pattern)) return written;
    std::vector<FormulaPtr> out = {written};
    for_spellings(set, false, true, [&](const PathSet& one, const FormulaPtr& limit) {
      const bool is_moved = first_component(one.pattern) == kPrivate;
      // That directory is there, so that paths have its own spelling.
      const FormulaPtr there =
          is_moved ? leaf(leaf_of(beneath({{}, {{Atom::Kind::literal, std::string(kPrivate)}}})))
                   : always();
      out.push_back(all_of({folded(leaf_of(one)), limit, there}));
    });
    return any_of(std::move(out));
  }

  FormulaPtr wide_deny(const Rule& rule) {
    const PathSet& set = rule.paths();
    if (is_reported_(rule.origin)) return folded_of({set.pattern, {}, {}});
    PathSet whole = {set.pattern, {}, set.within};
    if (set.except.empty()) return folded_of(whole);
    // Exceptions hold as they are written.
    const FormulaPtr excepted = all_of({exact(whole, true), no(exact(set, true))});
    return all_of({folded_of(whole), no(excepted)});
  }

  // A deny that directories can be moved out of holds wherever they can be moved to.
  void add_followed(const Rule& rule, std::size_t index, Rules& rules, Rules& open) {
    if (reach_when_moved(policy_, rule) != Reach::followed) return;
    const PathSet& set = rule.paths();
    const PathSet tail = {tail_of(set.pattern), {}, {}};
    add_above(tail);
    std::vector<FormulaPtr> none;
    for (const PathPattern& except : set.except) none.push_back(no(exact(beneath(except), true)));
    std::vector<FormulaPtr> places;
    for (const PathPattern& place : writable_beyond(policy_, rule)) {
      places.push_back(exact({place, {}, {}}, false));
    }
    const FormulaPtr there = any_of(std::move(places));
    if (!set.within) {
      std::vector<FormulaPtr> parts = none;
      parts.push_back(exact(tail, true));
      parts.push_back(there);
      rules.clauses.push_back({rule.effect, all_of(std::move(parts)), index});
    }
    if (rule.operation == Operation::read) none.push_back(there);
    none.push_back(folded_of(tail));
    open.clauses.push_back({rule.effect, all_of(std::move(none)), index});
  }

  LeafId above(LeafId id, const std::string& key, bool with_marks) {
    return *leaves_.get("above " + key,
                        [&]() -> Result<Automaton> { return leaves_[id].above(with_marks); });
  }

  void add_above(const PathSet& set) {
    for_spellings(map_patterns(set, widened), true, true,
                  [&](const PathSet& one, const FormulaPtr&) {
                    above_.push_back(folded(above(leaf_of(one), key_of(one), false)));
                  });
  }

  void add_pins(const Rule& rule) {
    const PathSet& set = rule.paths();
    add_above({set.pattern, {}, {}});
    const Reach reach = reach_when_moved(policy_, rule);
    const bool is_kept = kept_.contains({rule.origin.file, rule.origin.begin});
    if (set.within || !is_kept || reach == Reach::lost) return;
    if (set.pattern.anchor && reach == Reach::stays) {
      out_.pinned_anchors[*set.pattern.anchor] = leaves_.outside(*set.pattern.anchor);
    }
    // Something is denied below, whatever is excepted.
    for_spellings(
        {set.pattern, {}, {}}, false, true, [&](const PathSet& one, const FormulaPtr& limit) {
          const LeafId id = leaf_of(one);
          if (failure_) return;
          const LeafId pinned = *leaves_.get("pins " + key_of(one), [&]() -> Result<Automaton> {
            return leaves_[id].pins(elsewhere(one.pattern, leaves_[id]));
          });
          // The system keeps its own directory in place (System Integrity Protection).
          const LeafId system =
              leaf_of({{{}, {{Atom::Kind::literal, std::string(kPrivate)}}}, {}, {}});
          pins_.push_back(all_of({leaf(pinned), limit, no(leaf(system))}));
          if (!rule.existing) vacancies_.push_back(pins_.back());
        });
  }

  // Where the automaton is in a directory that the command can move another one to: below the place
  // from which the pattern spans directories, in one whose name it does not speak of. None where it
  // spans none: then a directory out of its reach serves.
  static std::optional<std::uint32_t> elsewhere(const PathPattern& pattern,
                                                const Automaton& automaton) {
    if (std::none_of(pattern.atoms.begin(), pattern.atoms.end(), spans)) return std::nullopt;
    std::uint32_t state = 0;
    if (pattern.anchor) state = automaton.step_mark(state, *pattern.anchor);
    for (const Atom& atom : pattern.atoms) {
      if (atom.kind != Atom::Kind::literal) break;
      for (const char c : atom.bytes) state = automaton.step(state, static_cast<unsigned char>(c));
    }
    for (const char c : {'/', '\x01', '\x01'}) {
      state = automaton.step(state, static_cast<unsigned char>(c));
    }
    return state;
  }

  const ir::Policy& policy_;
  const std::function<bool(const Span&)>& is_reported_;
  Leaves& leaves_;
  PolicyRules out_;
  std::set<std::pair<FileId, std::uint32_t>> kept_;
  std::vector<FormulaPtr> above_;
  std::vector<FormulaPtr> above_readable_;
  std::vector<FormulaPtr> pins_;
  std::vector<FormulaPtr> vacancies_;
  std::optional<Error> failure_;
};

}  // namespace

Result<PolicyRules> make_policy_rules(const ir::Policy& policy, const ir::Policy& smaller,
                                      const std::function<bool(const Span&)>& is_reported,
                                      Leaves& leaves) {
  return Maker(policy, is_reported, leaves).run(smaller);
}

}  // namespace srt::verify::sbpl
