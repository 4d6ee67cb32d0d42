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
using ir::Rule;

// Where a line of the output is broken.
constexpr std::size_t kLineWidth = 100;

// A string of the language: quotes only delimit, `\` takes the next character as it is. There are
// no line ends in one.
std::string string_literal(std::string_view text) {
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
    for (std::size_t i = 0; i < policy_.rules.size();) i = write_statement(i);
    write_variables();
    for (const ir::OptionSetting& option : policy_.options) write_option(option);
    return std::move(out_);
  }

 private:
  // Writes the rules from `first` on that one statement can hold. Returns the first of the rest.
  std::size_t write_statement(std::size_t first) {
    const std::vector<Rule>& rules = policy_.rules;
    const Rule& rule = rules[first];
    std::vector<std::string> patterns;
    std::size_t next = first;
    for (; next < rules.size() && have_one_statement(rules[next], rule); ++next) {
      for (std::string& spelling : spellings(rules[next])) patterns.push_back(std::move(spelling));
    }
    const std::string begin =
        fmt::format("{} {} ", to_string(rule.effect), to_string(rule.operation));
    std::string modifiers = rule.existing ? " existing" : "";
    if (!rule.because.empty()) modifiers += " because " + string_literal(rule.because);
    const std::string indent(begin.size(), ' ');
    for (const std::string& condition : conditions(rule)) {
      write_line(begin + joined(patterns, indent) + condition + modifiers, rule.targets);
    }
    return next;
  }

  static bool have_one_statement(const Rule& a, const Rule& b) {
    const auto key = [](const Rule& rule) {
      return std::tuple(rule.effect, rule.operation, rule.existing, std::string_view(rule.because),
                        rule.targets.linux, rule.targets.macos);
    };
    if (key(a) != key(b)) return false;
    if (!a.has_paths() || !b.has_paths()) return true;
    return a.paths().except == b.paths().except && a.paths().within == b.paths().within;
  }

  // With commas between them, the lines not much longer than kLineWidth.
  static std::string joined(const std::vector<std::string>& patterns, const std::string& indent) {
    std::string out;
    std::size_t width = indent.size();
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      if (i > 0 && width + patterns[i].size() > kLineWidth) {
        out += ",\n" + indent;
        width = indent.size();
      } else if (i > 0) {
        out += ", ";
      }
      out += patterns[i];
      width += patterns[i].size() + 2;
    }
    return out;
  }

  // ` except P, Q within R`: one for each pattern that the enclosing one becomes.
  std::vector<std::string> conditions(const Rule& rule) const {
    if (!rule.has_paths()) return {""};
    std::vector<std::string> left_out;
    for (const PathPattern& except : rule.paths().except) {
      for (const PathPattern& pattern : without_text(except)) {
        left_out.push_back(ir::spell(policy_, pattern));
      }
    }
    std::string except;
    if (!left_out.empty()) except = " except " + joined(left_out, "       ");
    if (!rule.paths().within) return {except};
    std::vector<std::string> out;
    for (const PathPattern& pattern : without_text(*rule.paths().within)) {
      out.push_back(except + " within " + ir::spell(policy_, pattern));
    }
    return out;
  }

  // The patterns of the statement that the rule becomes. Together they match no less than the rule.
  std::vector<std::string> spellings(const Rule& rule) {
    std::vector<std::string> out;
    Rule bare = rule;
    bare.existing = false;
    const std::size_t begin =
        fmt::format("{} {} ", to_string(rule.effect), to_string(rule.operation)).size();
    const auto spell = [&] { out.push_back(ir::spell(policy_, bare).substr(begin)); };
    if (!rule.has_paths()) {
      spell();
      return out;
    }
    const glob::PathSet& all = rule.paths();
    bool is_exact = true;
    for (PathPattern& pattern : without_text(all.pattern)) {
      // What one of several patterns covers may lie below an exception that another covers.
      const bool is_part = all.except.empty() || pattern == all.pattern ||
                           glob::is_subset(PathSet{pattern, all.except, all.within}, all);
      is_exact = is_exact && is_part;
      bare.subject = PathSet{std::move(pattern), {}, {}};
      spell();
    }
    if (!is_exact) report_inexact(rule);
    return out;
  }

  void report_inexact(const Rule& rule) {
    if (inexact_ == Inexact::tighter) {
      out_ += fmt::format("# Tighter than the settings below the exceptions of `{}`.\n",
                          ir::spell(policy_, rule.paths().pattern));
      return;
    }
    diagnostics_
        .report(Diag::not_in_language, rule.origin, rule.text,
                "it has `**` beside text, and exceptions")
        .help = "`srtc migrate --tighter` writes a policy that denies more";
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
      write_line(fmt::format("set env {} = {}", variable.name, string_literal(variable.value)),
                 variable.targets);
    }
  }

  void write_option(const ir::OptionSetting& option) {
    const ir::OptionInfo& info = ir::info(option.kind);
    std::string statement = fmt::format("option {}", info.name);
    if (has_line_end(option.value)) {
      diagnostics_.report(Diag::not_in_language, option.origin, statement,
                          "its value has two lines");
      return;
    }
    if (info.value == ir::OptionValue::text || info.value == ir::OptionValue::url) {
      statement += " = " + string_literal(option.value);
    } else if (info.value != ir::OptionValue::none) {
      statement += " = " + option.value;
    }
    write_line(statement, option.targets);
  }

  const ir::Policy& policy_;
  Inexact inexact_;
  Diagnostics& diagnostics_;
  std::string out_;
};

}  // namespace

std::string write_policy(const ir::Policy& policy, Inexact inexact, Diagnostics& diagnostics) {
  return PolicyWriter(policy, inexact, diagnostics).write();
}

}  // namespace srt::settings
