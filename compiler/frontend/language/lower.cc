#include "compiler/frontend/language/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/frontend/language/lists.h"
#include "compiler/frontend/language/names.h"
#include "compiler/frontend/language/parameters.h"
#include "compiler/frontend/language/parse.h"
#include "compiler/frontend/language/path_pattern.h"
#include "compiler/frontend/language/values.h"
#include "compiler/frontend/limits.h"
#include "compiler/frontend/variable_name.h"
#include "compiler/glob/algebra.h"

namespace srt::language {
namespace {

// What limits are held against: everything that statements become.
std::size_t size_of(const ir::Policy& policy) {
  return policy.rules.size() + policy.variables.size() + policy.limits.size() +
         policy.options.size() + policy.expectations.size();
}

// The operations for which a policy says what holds where no rule matches.
bool has_settable_default(ir::Operation operation) {
  return operation == ir::Operation::read || operation == ir::Operation::write ||
         operation == ir::Operation::connect || operation == ir::Operation::env ||
         operation == ir::Operation::bind;
}

// A pattern of a rule statement: paths before their parameters are looked up, or what is complete.
struct ReadPattern {
  Span origin;
  std::vector<PathSpelling> paths = {};
  std::vector<ir::Subject> subjects = {};
  std::optional<ast::Word> net = {};  // of hosts or ports, with parameters
};

// What a rule statement speaks of.
struct ReadStatement {
  std::vector<ReadPattern> patterns = {};
  std::vector<PathSpelling> except = {};
  std::vector<PathSpelling> within = {};
};

class Lowering {
 public:
  Lowering(const ast::File& file, Uses& uses, std::optional<std::uint32_t> use, ir::Policy& policy,
           Diagnostics& diagnostics)
      : file_(file),
        uses_(uses),
        use_(use),
        policy_(policy),
        diagnostics_(diagnostics),
        parameters_(policy, diagnostics),
        lists_(diagnostics) {}

  void run() {
    for (const ast::Statement& statement : file_.statements) {
      if (const auto* declaration = std::get_if<ast::ParameterDeclaration>(&statement.content)) {
        parameters_.declare(*declaration);
      } else if (const auto* let = std::get_if<ast::Let>(&statement.content)) {
        lists_.declare(*let);
      }
    }
    lists_.define();
    if (!read_patterns()) return;
    parameters_.define();
    for (const ast::Statement& statement : file_.statements) {
      statement_ = &statement;
      std::visit([&](const auto& content) { add(content); }, statement.content);
    }
    parameters_.report_unused();
    lists_.report_unused();
  }

 private:
  // Reads the patterns of all rules: how they use a parameter decides what it stands for. False
  // when they are too many.
  bool read_patterns() {
    std::size_t count = size_of(policy_);
    const auto is_too_much = [&](Span span) {
      if (count <= kMaxRules) return false;
      diagnostics_.report(Diag::too_many_rules, span, count, kMaxRules);
      return true;
    };
    for (const ast::Statement& statement : file_.statements) {
      const auto* rules = std::get_if<ast::RuleList>(&statement.content);
      if (rules == nullptr) {
        if (const auto* limits = std::get_if<ast::LimitList>(&statement.content)) {
          count += limits->entries.size();
        } else {
          ++count;
        }
        if (is_too_much(statement.span)) return false;
        continue;
      }
      ReadStatement& read = rules_.emplace_back();
      if (rules->except) read.except = read_condition(*rules, *rules->except);
      if (rules->within) read.within = read_condition(*rules, *rules->within);
      for (const ListedPattern& listed : lists_.expand(rules->patterns)) {
        read.patterns.push_back(read_pattern(rules->operation, listed));
        const ReadPattern& pattern = read.patterns.back();
        count += pattern.subjects.size() + (pattern.net ? 1 : 0) +
                 pattern.paths.size() * std::max<std::size_t>(read.within.size(), 1);
        if (is_too_much(statement.span)) return false;
      }
    }
    return true;
  }

  // Empty where there is none, or where it is refused.
  std::vector<PathSpelling> read_condition(const ast::RuleList& statement,
                                           const ast::RuleList::Condition& condition) {
    std::vector<PathSpelling> out;
    if (statement.effect != Effect::deny || !is_file_operation(statement.operation)) {
      diagnostics_.report(Diag::misplaced_condition, condition.span).help =
          "write a rule of the other effect below this one: the last match decides";
      return out;
    }
    for (const ListedPattern& listed : lists_.expand(condition.patterns)) {
      for (PathSpelling& spelling : read_pattern(statement.operation, listed).paths) {
        out.push_back(std::move(spelling));
      }
    }
    return out;
  }

  ReadPattern read_pattern(ir::Operation operation, const ListedPattern& listed) {
    const auto& [text, span] = listed.pattern;
    ReadPattern out = {listed.origin};
    switch (operation) {
      case ir::Operation::unix:
        if (text == "*" || text.starts_with('@')) {
          read_names(out, listed.pattern);
          break;
        }
        [[fallthrough]];
      case ir::Operation::read:
      case ir::Operation::write:
        out.paths = parse_path_pattern(text, span, diagnostics_);
        for (const PathSpelling& spelling : out.paths) parameters_.note(spelling);
        break;
      case ir::Operation::connect:
        read_net(out, listed.pattern, net::parse_host_pattern, Diag::bad_host);
        break;
      case ir::Operation::bind:
        read_net(out, listed.pattern, net::parse_port_range, Diag::bad_port);
        break;
      case ir::Operation::env:
      case ir::Operation::syscall:
      case ir::Operation::mach:
        read_names(out, listed.pattern);
        if (operation == ir::Operation::env) refuse_assignment(listed.pattern);
        break;
    }
    return out;
  }

  template <typename Parse>
  void read_net(ReadPattern& out, const ast::Word& pattern, Parse parse, Diag diag) {
    if (pattern.text.find("${") != std::string::npos) {
      out.net = pattern;
      return;
    }
    std::size_t at = 0;
    auto subject = parse(pattern.text, &at);
    if (subject) {
      out.subjects.emplace_back(*std::move(subject));
      return;
    }
    Span span = pattern.span;
    span.begin += static_cast<std::uint32_t>(at);
    diagnostics_.report(diag, span, subject.error().message).help = subject.error().help;
  }

  void read_names(ReadPattern& out, const ast::Word& pattern) {
    if (refuse_parameters(pattern.text, pattern.span, diagnostics_)) return;
    for (NamePattern& name : parse_names(pattern.text, pattern.span, diagnostics_)) {
      out.subjects.emplace_back(std::move(name));
    }
  }

  void refuse_assignment(const ast::Word& pattern) {
    const std::size_t equals = pattern.text.find('=');
    if (equals == std::string::npos) return;
    diagnostics_.report(Diag::bad_variable_name, pattern.span, pattern.text).help =
        fmt::format("to give it a value write `set env {} = \"{}\"`",
                    pattern.text.substr(0, equals), pattern.text.substr(equals + 1));
  }

  void add(const ast::PolicyName& statement) {
    if (policy_name_) {
      diagnostics_.report(Diag::duplicate_policy, statement_->span, *policy_name_).help =
          "remove one of the two";
      return;
    }
    policy_name_ = statement.name.text;
    if (uses_.is_policy()) policy_.name = statement.name.text;
  }

  void add(const ast::ParameterDeclaration&) {}  // done before the rules
  void add(const ast::Let&) {}                   // likewise

  void add(const ast::Default& statement) {
    const std::string_view name = ir::to_string(statement.operation);
    if (!has_settable_default(statement.operation)) {
      diagnostics_.report(Diag::no_default, statement_->span, name).help =
          fmt::format("write `{} {} *` above the other rules", to_string(statement.effect), name);
      return;
    }
    if (!uses_.is_policy()) {
      diagnostics_.report(Diag::default_in_module, statement_->span).help =
          "write it in the policy that uses the file";
      return;
    }
    if (!is_new(fmt::format("default {}", name), Diag::duplicate_default, name)) return;
    policy_.defaults[static_cast<std::size_t>(statement.operation)] = statement.effect;
  }

  void add(const ast::RuleList& statement) {
    check_modifiers(statement);
    ReadStatement& read = rules_[next_rule_++];
    const std::vector<glob::PathPattern> except = resolve(read.except);
    const std::vector<glob::PathPattern> within = resolve(read.within);
    std::vector<glob::PathPattern> patterns;
    for (ReadPattern& pattern : read.patterns) {
      for (const PathSpelling& spelling : pattern.paths) {
        auto resolved = parameters_.resolve(spelling, statement.effect);
        if (!resolved) continue;
        patterns.push_back(*resolved);
        if (within.empty())
          add_rule(statement, pattern.origin, glob::PathSet{*resolved, except, {}});
        for (const glob::PathPattern& enclosure : within) {
          add_rule(statement, pattern.origin, glob::PathSet{*resolved, except, enclosure});
        }
      }
      if (pattern.net) {
        if (auto resolved = parameters_.resolve(*pattern.net, statement.operation)) {
          add_rule(statement, pattern.origin, *std::move(resolved));
        }
      }
      for (ir::Subject& subject : pattern.subjects) {
        add_rule(statement, pattern.origin, std::move(subject));
      }
    }
    check_conditions(statement, patterns, except, within);
  }

  // Reports conditions that limit none of the patterns. The common way to one is an `except` that
  // lies in a place of which the pattern matches some names only.
  void check_conditions(const ast::RuleList& statement,
                        const std::vector<glob::PathPattern>& patterns,
                        const std::vector<glob::PathPattern>& except,
                        const std::vector<glob::PathPattern>& within) {
    const auto none = [&](const std::vector<glob::PathPattern>& conditions, auto limits) {
      if (patterns.empty() || conditions.empty()) return false;
      return std::ranges::none_of(patterns, [&](const glob::PathPattern& pattern) {
        return std::ranges::any_of(conditions, [&](const glob::PathPattern& condition) {
          return limits(pattern, condition);
        });
      });
    };
    if (none(except, [](const glob::PathPattern& pattern, glob::PathPattern condition) {
          condition.subtree = false;
          return glob::intersects({pattern, {}, {}}, {std::move(condition), {}, {}});
        })) {
      diagnostics_.report(Diag::idle_condition, statement.except->span, "except").help =
          "the pattern itself has to match it: from `./**/*.key`, `./test/**/*.key` can be left "
          "out, `./test` cannot";
    }
    if (none(within, [](const glob::PathPattern& pattern, const glob::PathPattern& condition) {
          return !glob::is_empty({pattern, {}, condition});
        })) {
      diagnostics_.report(Diag::idle_condition, statement.within->span, "within").help =
          "name a directory above what the pattern matches; as it is the rule never matches";
    }
  }

  // The patterns of a condition, which mean exactly what they spell.
  std::vector<glob::PathPattern> resolve(const std::vector<PathSpelling>& spellings) {
    std::vector<glob::PathPattern> out;
    for (const PathSpelling& spelling : spellings) {
      if (auto pattern = parameters_.resolve(spelling, Effect::allow)) {
        out.push_back(*std::move(pattern));
      }
    }
    return out;
  }

  void check_modifiers(const ast::RuleList& statement) {
    const bool allows = statement.effect == Effect::allow;
    const auto refuse = [&](const std::optional<Span>& modifier, bool fits, Diag diag) {
      if (modifier && !fits) diagnostics_.report(diag, *modifier).help = "remove it";
    };
    refuse(statement.existing, !allows && is_file_operation(statement.operation),
           Diag::misplaced_existing);
    refuse(statement.publish, allows && statement.operation == ir::Operation::bind,
           Diag::misplaced_publish);
    refuse(statement.any_tls_name, allows && statement.operation == ir::Operation::connect,
           Diag::misplaced_tls_name);
    if (!statement.accepted) return;
    const Targets& holds = statement_->targets;
    const Targets& accepted = statement.accepted->targets;
    const bool meet = (holds.linux && accepted.linux) || (holds.macos && accepted.macos);
    if (!meet) {
      diagnostics_.report(Diag::acceptance_elsewhere, statement.accepted_span).help =
          "leave out the target: `accept looser because \"…\"`";
    }
  }

  void add_rule(const ast::RuleList& statement, Span origin, ir::Subject subject) {
    ir::Rule rule = {statement.effect,
                     statement.operation,
                     std::move(subject),
                     statement.existing.has_value(),
                     false,
                     statement.because,
                     origin,
                     {}};
    rule.targets = statement_->targets;
    rule.publish = statement.publish.has_value();
    rule.any_tls_name = statement.any_tls_name.has_value();
    rule.accepted = statement.accepted;
    rule.built_in = uses_.is_built_in();
    rule.use = use_;
    rule.text = ir::spell(policy_, rule);
    policy_.rules.push_back(std::move(rule));
  }

  void add(const ast::SetVariable& statement) {
    const std::string name = unescape(statement.name.text);
    if (!is_variable_name(name)) {
      diagnostics_.report(Diag::bad_variable_name, statement.name.span, name).help =
          "names are letters, digits and `_`, no digit first; write spaces around `=`";
      return;
    }
    const ast::Word& value = statement.value;
    if (refuse_parameters(value.text, value.span, diagnostics_)) return;
    if (!is_new_here("set env " + name)) return;
    policy_.variables.push_back({name, unescape(value.text), statement_->targets});
  }

  void add(const ast::LimitList& statement) {
    for (const ast::LimitList::Entry& entry : statement.entries) {
      const auto limit = read_limit(entry, diagnostics_);
      if (!limit || !is_new_here("limit " + entry.name.text, entry.name.span)) continue;
      policy_.limits.push_back({limit->first, limit->second, entry.name.span, statement_->targets});
      policy_.limits.back().origin.end = entry.value.span.end;
    }
  }

  void add(const ast::Option& statement) {
    auto option = read_option(statement, diagnostics_);
    if (!option || !is_new_here("option " + statement.name.text)) return;
    policy_.options.push_back(
        {option->first, std::move(option->second), statement_->span, statement_->targets});
  }

  void add(const ast::Expect& statement) {
    if (statement.subject.text.empty()) {
      diagnostics_.report(Diag::empty_subject, statement.subject.span).help =
          "write what is asked for, as in `expect deny read ~/.ssh/id`";
      return;
    }
    if (names_several(statement.operation, statement.subject.text)) {
      const bool is_net =
          statement.operation == Operation::connect || statement.operation == Operation::bind;
      diagnostics_.report(Diag::expected_pattern, statement.subject.span, statement.subject.text)
          .help = is_net ? "write one that it matches"
                         : "write one that it matches; `\\*` is the character";
      return;
    }
    parameters_.note_text(statement.subject.text);
    policy_.expectations.push_back({statement.effect, statement.operation, statement.subject.text,
                                    statement_->span, statement_->targets});
  }

  void add(const ast::Use& statement) {
    const std::optional<FileId> file = uses_.begin(statement.module);
    if (!file) return;
    policy_.uses.push_back({statement.module.span, *file});
    const auto use = static_cast<std::uint32_t>(policy_.uses.size() - 1);
    Lowering(uses_.statements(*file), uses_, use, policy_, diagnostics_).run();
    uses_.end();
  }

  void add(const ast::Ceiling& statement) {
    const std::optional<FileId> file = uses_.find(statement.file);
    if (file) policy_.ceilings.push_back({statement_->span, *file});
  }

  // Whether this file sets `what` for the first time: in a block what holds everywhere can be set
  // anew, twice in one place it cannot.
  bool is_new_here(const std::string& what, std::optional<Span> span = std::nullopt) {
    const Targets& targets = statement_->targets;
    const std::string key = fmt::format("{} {}{}", what, targets.linux, targets.macos);
    if (!set_.contains(key)) return set_.insert(key).second;
    diagnostics_.report(Diag::already_set, span.value_or(statement_->span), what).help =
        "remove one of the two";
    return false;
  }

  bool is_new(const std::string& key, Diag diag, std::string_view name) {
    if (set_.insert(key).second) return true;
    diagnostics_.report(diag, statement_->span, name).help = "remove one of the two";
    return false;
  }

  const ast::File& file_;
  Uses& uses_;
  std::optional<std::uint32_t> use_;  // what brought this file
  ir::Policy& policy_;
  Diagnostics& diagnostics_;
  ParameterScope parameters_;
  ListScope lists_;
  std::vector<ReadStatement> rules_;  // for each rule statement, in order
  std::size_t next_rule_ = 0;
  const ast::Statement* statement_ = nullptr;
  std::optional<std::string> policy_name_;
  std::set<std::string> set_;
};

}  // namespace

void lower(FileId file, Uses& uses, ir::Policy& policy, Diagnostics& diagnostics) {
  Lowering(uses.statements(file), uses, std::nullopt, policy, diagnostics).run();
}

}  // namespace srt::language
