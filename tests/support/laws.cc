#include "tests/support/laws.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/front_end.h"
#include "compiler/frontend/language/format.h"
#include "compiler/frontend/settings/migrate.h"
#include "compiler/ir/equal.h"

namespace srt::test {
namespace {

// Nothing lies in it: a fuzzer's `use` reads no files.
constexpr const char* kNoFiles = "/nonexistent";

// A text and what the front ends make of it.
struct Read {
  static Read policy(std::string text) {
    Read out;
    const FileId file = out.sources.add("policy.srt", std::move(text));
    out.policy_ = language::read_policy(out.sources, file, out.diagnostics, {kNoFiles});
    return out;
  }

  static Read settings(std::string text) {
    Read out;
    const FileId file = out.sources.add("settings.json", std::move(text));
    out.policy_ = settings::read_policy(out.sources, file, out.diagnostics);
    return out;
  }

  bool is_refused() const { return diagnostics.has_errors(); }
  std::string messages() const { return render(diagnostics, sources); }

  SourceSet sources;
  Diagnostics diagnostics;
  ir::Policy policy_;
};

// Text between quotes: `\` takes the next character as it is.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '$') out += '\\';
    out += c;
  }
  return out + '"';
}

// A word as it was written, in quotes where it has to be.
std::string word(const std::string& text) {
  // Quotes only delimit; a backslash at the end would take the closing one.
  const std::size_t last = text.find_last_not_of('\\');
  const std::size_t backslashes = text.size() - (last == std::string::npos ? 0 : last + 1);
  return backslashes % 2 == 1 ? text : '"' + text + '"';
}

std::string spelled_limit(const ir::LimitSetting& limit) {
  const LimitInfo& info = kLimits[static_cast<std::size_t>(limit.limit)];
  const std::string_view unit = info.unit == Unit::bytes     ? "B"
                                : info.unit == Unit::seconds ? "s"
                                                             : "";
  return fmt::format("limit {} {}{}", info.name, limit.value, unit);
}

std::string spelled_parameter(const ir::Policy& policy, const Parameter& parameter) {
  const bool is_path = parameter.type == Parameter::Type::path;
  std::string out = fmt::format("param {}: {}", parameter.name, to_string(parameter.type));
  if (!parameter.fallback) return out;
  if (!is_path) return out + " = " + quoted(parameter.fallback->pieces.at(0).text);
  const std::string path = ir::spell(policy, *parameter.fallback);
  return out + " = \"" + (path.empty() ? "/" : path) + '"';
}

std::string spelled_rule(const ir::Rule& rule) {
  std::string out = rule.text;
  if (!rule.because.empty()) out += " because " + quoted(rule.because);
  if (!rule.accepted) return out;
  out += " accept looser";
  if (rule.accepted->targets != Targets::all()) {
    out += rule.accepted->targets.linux ? " on linux" : " on macos";
  }
  return out + " because " + quoted(rule.accepted->because);
}

std::string spelled_option(const ir::OptionSetting& option) {
  const ir::OptionInfo& info = ir::info(option.kind);
  if (info.value == ir::OptionValue::none) return fmt::format("option {}", info.name);
  return fmt::format("option {} = {}", info.name, quoted(option.value));
}

// The numbers 0, 1, … in the order of `key`, and for each number its place in that order.
template <typename Key>
std::vector<std::uint32_t> sorted_by(std::size_t count, Key key) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return key(a) < key(b); });
  return order;
}

std::vector<std::uint32_t> inverse(const std::vector<std::uint32_t>& order) {
  std::vector<std::uint32_t> out(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) out[order[i]] = i;
  return out;
}

template <typename T>
std::vector<T> reordered(std::vector<T> items, const std::vector<std::uint32_t>& order) {
  std::vector<T> out;
  for (const std::uint32_t i : order) out.push_back(std::move(items[i]));
  return out;
}

// Parameters in the order of their names, anchors in that of their spellings.
ir::Policy renumbered(ir::Policy policy) {
  const auto parameters =
      sorted_by(policy.parameters.size(), [&](auto i) { return policy.parameters[i].name; });
  const auto anchors = sorted_by(policy.anchors.size(),
                                 [&](auto i) { return ir::spell(policy, policy.anchors[i]); });
  const auto new_parameter = inverse(parameters);
  const auto new_anchor = inverse(anchors);
  const auto renumber = [&](Template& text) {
    for (Template::Piece& piece : text.pieces) {
      if (piece.kind == Template::Piece::Kind::parameter) {
        piece.parameter = new_parameter[piece.parameter];
      }
    }
  };
  const auto move_anchor = [&](glob::PathPattern& pattern) {
    if (pattern.anchor) pattern.anchor = new_anchor[*pattern.anchor];
  };
  policy.parameters = reordered(std::move(policy.parameters), parameters);
  policy.anchors = reordered(std::move(policy.anchors), anchors);
  for (Template& anchor : policy.anchors) renumber(anchor);
  for (Parameter& parameter : policy.parameters) {
    if (parameter.fallback) renumber(*parameter.fallback);
  }
  for (ir::Rule& rule : policy.rules) {
    if (auto* text = std::get_if<Template>(&rule.subject)) renumber(*text);
    auto* paths = std::get_if<glob::PathSet>(&rule.subject);
    if (paths == nullptr) continue;
    move_anchor(paths->pattern);
    for (glob::PathPattern& except : paths->except) move_anchor(except);
    if (paths->within) move_anchor(*paths->within);
  }
  return policy;
}

std::string breach(std::string_view law, std::string_view text, std::string_view more = {}) {
  return fmt::format("{}:\n{}\n{}", law, text, more);
}

std::string breach_of_layout(const Read& read) {
  const std::string text = language::format(read.sources, 0);
  const Read again = Read::policy(text);
  if (again.is_refused()) return breach("fmt printed what is refused", text, again.messages());
  if (!ir::equal_but_for_places(read.policy_, again.policy_)) {
    return breach("fmt changed what the policy says", text);
  }
  const std::string twice = language::format(again.sources, 0);
  return twice == text ? "" : breach("fmt changed its own layout", text, twice);
}

std::string breach_of_spelling(const Read& read) {
  const std::string text = spelled(read.policy_);
  const Read again = Read::policy(text);
  if (again.is_refused()) return breach("spelled rules are refused", text, again.messages());
  if (say_the_same(read.policy_, again.policy_)) return "";
  return breach("spelled rules say something else", text, spelled(again.policy_));
}

// What is spelled by others that together match the same: `**` beside text, and a path without what
// lies beneath it.
bool is_spelled_by_others(const glob::PathPattern& pattern) {
  return (pattern.is_plain() && !pattern.subtree) ||
         std::any_of(pattern.atoms.begin(), pattern.atoms.end(),
                     [](const glob::Atom& atom) { return atom.kind == glob::Atom::Kind::text; });
}

bool is_spelled_by_others(const ir::Rule& rule) {
  if (!rule.has_paths()) return false;
  const auto& [pattern, except, within] = rule.paths();
  return is_spelled_by_others(pattern) || (within && is_spelled_by_others(*within)) ||
         std::any_of(except.begin(), except.end(),
                     [](const glob::PathPattern& one) { return is_spelled_by_others(one); });
}

// What the policy language has no words for: where temporary files go, and line ends in reasons.
ir::Policy sayable(ir::Policy policy) {
  policy.tmp_candidates.clear();
  for (ir::Rule& rule : policy.rules) {
    for (char& c : rule.because) {
      if (c == '\n' || c == '\r') c = ' ';
    }
  }
  return policy;
}

}  // namespace

std::string spelled(const ir::Policy& policy) {
  std::string out = "policy " + quoted(policy.name) + '\n';
  const auto add = [&](const std::string& statement, Targets targets) {
    out += targets == Targets::all()
               ? statement + '\n'
               : fmt::format("on {} {{ {} }}\n", targets.linux ? "linux" : "macos", statement);
  };
  for (const Parameter& parameter : policy.parameters) {
    if (parameter.source == Parameter::Source::declared) {
      add(spelled_parameter(policy, parameter), Targets::all());
    }
  }
  for (const auto& operation : kOperations) {
    const auto& effect = policy.defaults[static_cast<std::size_t>(operation.operation)];
    if (!effect) continue;
    add(fmt::format("default {} {}", operation.name, to_string(*effect)), Targets::all());
  }
  for (const ir::Rule& rule : policy.rules) add(spelled_rule(rule), rule.targets);
  for (const ir::SetVariable& variable : policy.variables) {
    add(fmt::format("set env {} = {}", variable.name, quoted(variable.value)), variable.targets);
  }
  for (const ir::LimitSetting& limit : policy.limits) add(spelled_limit(limit), limit.targets);
  for (const ir::OptionSetting& option : policy.options) {
    add(spelled_option(option), option.targets);
  }
  for (const ir::Expectation& expected : policy.expectations) {
    add(fmt::format("expect {} {} {}", to_string(expected.effect), to_string(expected.operation),
                    word(expected.subject)),
        expected.targets);
  }
  return out;
}

bool say_the_same(ir::Policy a, ir::Policy b) {
  return ir::equal_but_for_places(renumbered(std::move(a)), renumbered(std::move(b)));
}

std::string breach_of_policy_laws(std::string_view text) {
  const Read read = Read::policy(std::string(text));
  // The messages of every refusal can be shown.
  if (read.is_refused()) return read.messages().empty() ? "a refusal without a message" : "";
  std::string found = breach_of_layout(read);
  return found.empty() ? breach_of_spelling(read) : found;
}

std::string breach_of_settings_laws(std::string_view text) {
  const Read read = Read::settings(std::string(text));
  if (read.is_refused()) return read.messages().empty() ? "a refusal without a message" : "";
  Diagnostics said;
  const std::string policy = settings::write_policy(read.policy_, settings::Inexact::refuse, said);
  if (said.has_errors()) return render(said, read.sources).empty() ? "refused in silence" : "";
  const Read again = Read::policy(policy.empty() ? "policy \"\"" : policy);
  if (again.is_refused()) return breach("migrate wrote what is refused", policy, again.messages());
  for (const ir::Rule& rule : read.policy_.rules) {
    if (is_spelled_by_others(rule)) return {};
  }
  if (say_the_same(sayable(read.policy_), again.policy_)) return "";
  return breach("migrate changed what the settings say", policy);
}

}  // namespace srt::test
