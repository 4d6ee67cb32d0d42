#include "compiler/frontend/settings/migrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "compiler/frontend/limits.h"
#include "compiler/frontend/settings/glob_text.h"
#include "compiler/glob/algebra.h"

namespace srt::settings {
namespace {

using glob::Atom;
using glob::PathPattern;
using glob::PathSet;
using ir::Operation;
using ir::Rule;

// Where a line of the output is broken.
constexpr std::size_t kLineWidth = 100;

PathSet matches_of(PathPattern pattern) {
  pattern.subtree = false;
  return {std::move(pattern), {}, {}};
}

PathSet all_of(const PathPattern& pattern) { return {pattern, {}, {}}; }

// A string of the language: quotes only delimit, `\` takes the next character as it is. There are
// no line ends in one.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '$') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out + '"';
}

bool has_line_end(std::string_view text) {
  return text.find_first_of("\r\n") != std::string_view::npos;
}

void append_atom(std::vector<Atom>& atoms, const Atom& atom) {
  if (atom.kind == Atom::Kind::literal) {
    append_literal(atoms, atom.bytes);
  } else {
    atoms.push_back(atom);
  }
}

// The patterns without `**` beside text that together match what `pattern` does: any text has
// either no `/`, or a part before its first one, whole components, and a part behind its last one.
std::vector<PathPattern> without_text(const PathPattern& pattern) {
  std::vector<PathPattern> patterns(
      1, {.anchor = pattern.anchor, .atoms = {}, .subtree = pattern.subtree});
  for (const Atom& atom : pattern.atoms) {
    if (atom.kind != Atom::Kind::text) {
      for (PathPattern& one : patterns) append_atom(one.atoms, atom);
      continue;
    }
    const std::size_t count = patterns.size();
    for (std::size_t i = 0; i < count; ++i) {
      PathPattern across = patterns[i];
      across.atoms.push_back({.kind = Atom::Kind::run});
      across.atoms.push_back({.kind = Atom::Kind::segments});
      append_literal(across.atoms, "/");
      across.atoms.push_back({.kind = Atom::Kind::run});
      patterns.push_back(std::move(across));
      patterns[i].atoms.push_back({.kind = Atom::Kind::run});
    }
  }
  return patterns;
}

class PolicyWriter {
 public:
  PolicyWriter(const ir::Policy& policy, Inexact inexact, Diagnostics& diagnostics)
      : policy_(policy), inexact_(inexact), diagnostics_(diagnostics) {}

  std::string write() {
    const std::vector<Rule> rules = spellable_rules();
    for (std::size_t i = 0; i < rules.size();) i = write_statement(rules, i);
    write_variables();
    for (const ir::OptionSetting& option : policy_.options) write_option(option);
    return std::move(out_);
  }

 private:
  // All rules in an order and of a kind that the language has.
  std::vector<Rule> spellable_rules() {
    std::vector<Rule> rules;
    std::vector<Rule> late;
    const std::size_t first_late = end_of_read_grants();
    for (std::size_t i = 0; i < policy_.rules.size(); ++i) {
      Rule rule = policy_.rules[i];
      if (rule.has_paths()) drop_condition(rule);
      const bool is_late = rule.operation == Operation::read && i >= first_late;
      (is_late ? late : rules).push_back(std::move(rule));
    }
    // Rules of other operations do not mind where those about reads stand.
    std::vector<Rule> ordered = order(std::move(late));
    const auto after_reads = std::find_if(rules.rbegin(), rules.rend(), [](const Rule& rule) {
                               return rule.operation == Operation::read;
                             }).base();
    rules.insert(after_reads, std::make_move_iterator(ordered.begin()),
                 std::make_move_iterator(ordered.end()));
    return rules;
  }

  // Behind the last grant to read there are denies only, some with exceptions.
  std::size_t end_of_read_grants() const {
    const auto last =
        std::find_if(policy_.rules.rbegin(), policy_.rules.rend(), [](const Rule& rule) {
          return rule.operation == Operation::read && rule.effect == Effect::allow;
        });
    return static_cast<std::size_t>(last.base() - policy_.rules.begin());
  }

  // A deny that holds under a condition on where directories lie holds without it.
  void drop_condition(Rule& rule) {
    auto& paths = std::get<PathSet>(rule.subject);
    if (!paths.within) return;
    const std::string where = ir::spell(policy_, *paths.within);
    report(rule, fmt::format("it holds only inside `{}`", where));
    paths.within.reset();
    comments_.emplace_back(rule.text, fmt::format("also where it is not inside `{}`", where));
  }

  void report(const Rule& rule, const std::string& why) {
    if (inexact_ == Inexact::tighter) return;
    diagnostics_.report(Diag::not_in_language, rule.origin, rule.text, why).help =
        "`srtc migrate --tighter` writes a policy that denies more";
  }

  // Puts denies, of which some have exceptions, into an order in which each exception is a grant
  // behind the denies that leave it out and before those that do not.
  std::vector<Rule> order(std::vector<Rule> denies) {
    std::vector<Rule> grants = exceptions(denies);
    std::vector<Rule> ordered;
    const auto pending = [](const Rule& deny, const Rule& grant) {
      return std::find(deny.paths().except.begin(), deny.paths().except.end(),
                       grant.paths().pattern) != deny.paths().except.end();
    };
    while (!denies.empty() || !grants.empty()) {
      // A grant is due when no deny that leaves it out is to come.
      const auto due = std::find_if(grants.begin(), grants.end(), [&](const Rule& grant) {
        return std::none_of(denies.begin(), denies.end(),
                            [&](const Rule& deny) { return pending(deny, grant); });
      });
      if (due != grants.end()) {
        ordered.push_back(std::move(*due));
        grants.erase(due);
        continue;
      }
      // A deny may come when no grant that it would have to close again is to come.
      const auto next = std::find_if(denies.begin(), denies.end(), [&](const Rule& deny) {
        return std::all_of(grants.begin(), grants.end(), [&](const Rule& grant) {
          return pending(deny, grant) ||
                 !glob::intersects(grant.paths(), all_of(deny.paths().pattern));
        });
      });
      if (next != denies.end()) {
        ordered.push_back(plain(std::move(*next)));
        denies.erase(next);
        continue;
      }
      report(grants.front(), "denies that leave it out and denies that do not exclude each other");
      comments_.emplace_back(grants.front().text, "stays denied where a glob denies it");
      grants.erase(grants.begin());
    }
    return ordered;
  }

  // The exceptions of denies as grants, but for those that are exceptions in some arrangements of
  // the parameters only.
  std::vector<Rule> exceptions(const std::vector<Rule>& denies) {
    std::vector<Rule> grants;
    std::vector<PathPattern> left_out;
    for (const Rule& deny : denies) {
      for (const PathPattern& except : deny.paths().except) {
        if (std::find(left_out.begin(), left_out.end(), except) != left_out.end()) continue;
        const Rule& granted = grant_of(except);
        if (!glob::is_subset(matches_of(except), all_of(deny.paths().pattern))) {
          report(deny,
                 fmt::format("`{}` is left out in some places only", ir::spell(policy_, except)));
          comments_.emplace_back(deny.text, fmt::format("also for `{}`, wherever it lies",
                                                        ir::spell(policy_, except)));
          left_out.push_back(except);
          std::erase_if(grants, [&](const Rule& grant) { return grant.paths().pattern == except; });
          continue;
        }
        const bool is_there = std::any_of(grants.begin(), grants.end(), [&](const Rule& grant) {
          return grant.paths().pattern == except;
        });
        if (!is_there) grants.push_back(granted);
      }
    }
    return grants;
  }

  const Rule& grant_of(const PathPattern& pattern) const {
    return *std::find_if(policy_.rules.begin(), policy_.rules.end(), [&](const Rule& rule) {
      return rule.operation == Operation::read && rule.effect == Effect::allow &&
             rule.paths().pattern == pattern;
    });
  }

  static Rule plain(Rule rule) {
    std::get<PathSet>(rule.subject).except.clear();
    return rule;
  }

  // Writes the rules from `first` on that one statement can hold. Returns the first of the rest.
  std::size_t write_statement(const std::vector<Rule>& rules, std::size_t first) {
    const auto key = [](const Rule& rule) {
      return std::tuple(rule.effect, rule.operation, rule.existing, std::string_view(rule.because),
                        rule.targets.linux, rule.targets.macos);
    };
    const Rule& rule = rules[first];
    std::vector<std::string> patterns;
    std::size_t next = first;
    for (; next < rules.size() && key(rules[next]) == key(rule); ++next) {
      if (next > first && has_comment(rules[next])) break;
      for (std::string& spelling : spellings(rules[next])) patterns.push_back(std::move(spelling));
    }
    const std::string begin =
        fmt::format("{} {} ", to_string(rule.effect), to_string(rule.operation));
    std::string statement = begin;
    std::size_t width = begin.size();
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      if (i > 0 && width + patterns[i].size() > kLineWidth) {
        statement += ",\n" + std::string(begin.size(), ' ');
        width = begin.size();
      } else if (i > 0) {
        statement += ", ";
      }
      statement += patterns[i];
      width += patterns[i].size() + 2;
    }
    if (rule.existing) statement += " existing";
    if (!rule.because.empty()) statement += " because " + quoted(rule.because);
    write_comments(rule);
    write_line(statement, rule.targets);
    return next;
  }

  bool has_comment(const Rule& rule) const {
    return std::any_of(comments_.begin(), comments_.end(),
                       [&](const auto& comment) { return rule.text == comment.first; });
  }

  void write_comments(const Rule& rule) {
    for (const auto& [text, comment] : comments_) {
      if (text == rule.text) out_ += fmt::format("# Tighter than the settings: {}.\n", comment);
    }
    std::erase_if(comments_, [&](const auto& comment) { return rule.text == comment.first; });
  }

  // The patterns of the statement that the rule becomes.
  std::vector<std::string> spellings(const Rule& rule) const {
    std::vector<std::string> out;
    const std::size_t begin =
        fmt::format("{} {} ", to_string(rule.effect), to_string(rule.operation)).size();
    Rule bare = rule;
    bare.existing = false;
    const auto spell = [&] { out.push_back(ir::spell(policy_, bare).substr(begin)); };
    if (!rule.has_paths()) {
      spell();
      return out;
    }
    for (PathPattern& pattern : without_text(rule.paths().pattern)) {
      bare.subject = PathSet{std::move(pattern), {}, {}};
      spell();
    }
    return out;
  }

  void write_line(const std::string& statement, Targets targets) {
    if (targets == Targets::all()) {
      out_ += statement + '\n';
    } else {
      out_ += fmt::format("on {} {{ {} }}\n", targets.linux ? "linux" : "macos", statement);
    }
  }

  void write_variables() {
    for (const ir::SetVariable& variable : policy_.variables) {
      if (has_line_end(variable.value)) {
        diagnostics_.report(Diag::not_in_language, Span{0, 0, 0},
                            fmt::format("set env {}", variable.name), "its value has two lines");
        continue;
      }
      write_line(fmt::format("set env {} = {}", variable.name, quoted(variable.value)),
                 variable.targets);
    }
  }

  void write_option(const ir::OptionSetting& option) {
    const ir::OptionInfo& info = ir::info(option.kind);
    std::string statement = fmt::format("option {}", info.name);
    if (info.value == ir::OptionValue::text || info.value == ir::OptionValue::url) {
      statement += " = " + quoted(option.value);
    } else if (info.value != ir::OptionValue::none) {
      statement += " = " + option.value;
    }
    write_line(statement, option.targets);
  }

  const ir::Policy& policy_;
  Inexact inexact_;
  Diagnostics& diagnostics_;
  std::string out_;
  // By the text of a rule, what is to be said of its statement.
  std::vector<std::pair<std::string, std::string>> comments_;
};

}  // namespace

std::string write_policy(const ir::Policy& policy, Inexact inexact, Diagnostics& diagnostics) {
  return PolicyWriter(policy, inexact, diagnostics).write();
}

}  // namespace srt::settings
