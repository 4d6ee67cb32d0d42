#include "compiler/frontend/language/lower.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/frontend/front_end.h"
#include "compiler/frontend/language/modules.h"
#include "compiler/frontend/language/parameters.h"
#include "compiler/frontend/language/path_pattern.h"
#include "compiler/frontend/limits.h"
#include "compiler/source/edit_distance.h"

namespace srt::language {
namespace {

class Lowering {
 public:
  Lowering(const ast::File& file, SourceSet& sources, ir::Policy& policy, Diagnostics& diagnostics)
      : file_(file),
        sources_(sources),
        policy_(policy),
        diagnostics_(diagnostics),
        parameters_(policy, diagnostics) {}

  void run() {
    for (const ast::Statement& statement : file_.statements) {
      if (const auto* declaration = std::get_if<ast::ParameterDeclaration>(&statement.content)) {
        parameters_.declare(*declaration);
      }
    }
    if (!read_paths()) return;
    parameters_.define();
    for (const ast::Statement& statement : file_.statements) {
      std::visit([&](const auto& content) { add(content, statement.span); }, statement.content);
    }
  }

 private:
  // Reads the path patterns of all rules: how they use a parameter decides what it stands for.
  // False when they are too many.
  bool read_paths() {
    std::size_t count = policy_.rules.size();
    for (const ast::Statement& statement : file_.statements) {
      const auto* rules = std::get_if<ast::RuleList>(&statement.content);
      if (rules == nullptr) continue;
      for (const ast::Word& pattern : rules->patterns) {
        if (rules->operation == ir::Operation::connect) {
          ++count;
          continue;
        }
        paths_.push_back(parse_path_pattern(pattern.text, pattern.span, diagnostics_));
        for (const PathSpelling& spelling : paths_.back()) parameters_.note(spelling);
        count += paths_.back().size();
      }
      if (count > kMaxRules) {
        diagnostics_.report(Diag::too_many_rules, statement.span, count, kMaxRules);
        return false;
      }
    }
    return true;
  }

  void add(const ast::PolicyName& statement, Span span) {
    if (policy_name_) {
      diagnostics_.report(Diag::duplicate_policy, span, policy_.name).help =
          "remove one of the two";
      return;
    }
    policy_name_ = span;
    policy_.name = statement.name.text;
  }

  void add(const ast::ParameterDeclaration&, Span) {}  // done before the rules

  void add(const ast::Default& statement, Span span) {
    const auto operation = static_cast<std::size_t>(statement.operation);
    if (default_set_[operation]) {
      diagnostics_.report(Diag::duplicate_default, span, ir::to_string(statement.operation)).help =
          "remove one of the two";
      return;
    }
    default_set_[operation] = true;
    policy_.defaults[operation] = statement.effect;
  }

  void add(const ast::RuleList& statement, Span) {
    if (statement.existing &&
        (statement.effect == Effect::allow || statement.operation == ir::Operation::connect)) {
      diagnostics_.report(Diag::misplaced_existing, *statement.existing).help = "remove it";
    }
    for (const ast::Word& pattern : statement.patterns) {
      if (statement.operation == ir::Operation::connect) {
        add_host(statement, pattern);
        continue;
      }
      for (const PathSpelling& spelling : paths_[next_path_++]) {
        if (auto resolved = parameters_.resolve(spelling, statement.effect)) {
          add_rule(statement, pattern.span, glob::PathSet{*std::move(resolved), {}, {}});
        }
      }
    }
  }

  void add_host(const ast::RuleList& statement, const ast::Word& pattern) {
    std::size_t at = 0;
    Result<net::HostPattern> host = net::parse_host_pattern(pattern.text, &at);
    if (host) return add_rule(statement, pattern.span, *std::move(host));
    Span span = pattern.span;
    span.begin += static_cast<std::uint32_t>(at);
    diagnostics_.report(Diag::bad_host, span, host.error().message).help = host.error().help;
  }

  template <typename Subject>
  void add_rule(const ast::RuleList& statement, Span origin, Subject subject) {
    ir::Rule rule = {statement.effect,
                     statement.operation,
                     std::move(subject),
                     statement.existing.has_value(),
                     false,
                     statement.because,
                     origin,
                     {}};
    rule.text = ir::spell(policy_, rule);
    policy_.rules.push_back(std::move(rule));
  }

  void add(const ast::Use& statement, Span) {
    const ast::Word& module = statement.module;
    const std::vector<std::string_view> names = module_names();
    if (std::find(names.begin(), names.end(), module.text) != names.end()) {
      append_module(sources_, module.text, policy_, diagnostics_);
    } else if (module.text.find('/') != std::string::npos || module.text.ends_with(".srt")) {
      diagnostics_.report(Diag::use_of_file, module.span).help =
          "write the rules of that file here";
    } else {
      const auto near = closest(module.text, names);
      diagnostics_.report(Diag::unknown_module, module.span, module.text).help =
          near ? fmt::format("did you mean `{}`?", *near)
               : fmt::format("the modules are `{}`", fmt::join(names, "`, `"));
    }
  }

  const ast::File& file_;
  SourceSet& sources_;
  ir::Policy& policy_;
  Diagnostics& diagnostics_;
  ParameterScope parameters_;
  std::vector<std::vector<PathSpelling>> paths_;  // for each path pattern of the file, in order
  std::size_t next_path_ = 0;
  std::optional<Span> policy_name_;
  std::array<bool, ir::kOperations.size()> default_set_ = {};
};

}  // namespace

void lower(const ast::File& file, SourceSet& sources, ir::Policy& policy,
           Diagnostics& diagnostics) {
  Lowering(file, sources, policy, diagnostics).run();
}

}  // namespace srt::language
