#include "compiler/frontend/language/builder.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/frontend/language/parse.h"
#include "compiler/source/edit_distance.h"
#include "grammar/language/PolicyLexer.h"

namespace srt::language {
namespace {

using grammar::PolicyLexer;
using grammar::PolicyParser;

constexpr std::array<std::string_view, 13> kStatements = {
    "policy", "param", "let",   "default", "allow",  "deny", "use",
    "within", "set",   "limit", "option",  "expect", "on"};
constexpr std::array kTargetNames = {to_string(Target::linux), to_string(Target::macos)};

std::string listed(std::span<const std::string_view> words) {
  return fmt::format("`{}`", fmt::join(words, "`, `"));
}

// "did you mean" where one of `words` is near to `seen`, else all of them.
std::string choice(std::string_view seen, std::span<const std::string_view> words,
                   std::string_view otherwise) {
  const auto near = closest(seen, words);
  return near ? fmt::format("did you mean `{}`?", *near)
              : fmt::format("{} {}", otherwise, listed(words));
}

bool is_broken(const antlr4::ParserRuleContext& context) {
  if (context.exception != nullptr) return true;
  for (const antlr4::tree::ParseTree* child : context.children) {
    const auto* rule = dynamic_cast<const antlr4::ParserRuleContext*>(child);
    if (rule != nullptr && is_broken(*rule)) return true;
  }
  return false;
}

class Builder {
 public:
  Builder(const SourceSet& sources, const Offsets& offsets, Problems& problems)
      : sources_(sources), offsets_(offsets), problems_(problems) {}

  ast::File build(PolicyParser::FileContext& file) {
    for (antlr4::tree::ParseTree* child : file.children) {
      if (auto* statement = dynamic_cast<PolicyParser::StatementContext*>(child)) {
        add(*statement);
      } else if (auto* on = dynamic_cast<PolicyParser::OnStatementContext*>(child)) {
        add_block(*on);
      } else if (auto* stray = dynamic_cast<PolicyParser::StrayBraceContext*>(child)) {
        report(Diag::unknown_statement, *stray->getStart()).help =
            "it closes no block; in a pattern write `\\}`";
      }
    }
    return std::move(file_);
  }

 private:
  void add_block(PolicyParser::OnStatementContext& on) {
    if (on.target() == nullptr || is_broken(*on.target()) || on.block() == nullptr) return;
    const std::optional<Target> known = target(*on.target());
    if (!known) return;
    targets_ = Targets::only(*known);
    in_block_ = true;
    for (PolicyParser::BlockStatementContext* statement : on.block()->blockStatement()) {
      if (statement->statement() != nullptr) {
        add(*statement->statement());
      } else if (statement->nestedBlock() != nullptr) {
        problems_.report(Diag::nested_block, offsets_.span(*statement->getStart())).help =
            "close the block before, and write this one below it";
      }
    }
    targets_ = Targets::all();
    in_block_ = false;
  }

  void add(PolicyParser::StatementContext& s) {
    if (is_broken(s)) return;
    statement_ = offsets_.span(*s.getStart(), *s.getStop());
    if (auto* policy = s.policyStatement()) {
      ast::Word name = word(*policy->name());
      name.text = unescape(name.text);
      if (is_outside_block(s)) add(ast::PolicyName{std::move(name)});
    } else if (auto* param = s.paramStatement()) {
      if (is_outside_block(s)) add_parameter(*param);
    } else if (auto* let = s.letStatement()) {
      if (is_outside_block(s)) add(ast::Let{word(*let->letName()), words(*let->patterns())});
    } else if (auto* fallback = s.defaultStatement()) {
      if (is_outside_block(s)) add_default(*fallback);
    } else if (auto* rule = s.ruleStatement()) {
      add_rules(*rule);
    } else if (auto* use = s.useStatement()) {
      if (is_outside_block(s)) add(ast::Use{word(*use->moduleName())});
    } else if (auto* ceiling = s.ceilingStatement()) {
      if (is_outside_block(s)) add(ast::Ceiling{word(*ceiling->ceilingName())});
    } else if (auto* set = s.setStatement()) {
      add(ast::SetVariable{word(*set->variableName()), word(*set->variableValue())});
    } else if (auto* limits = s.limitStatement()) {
      ast::LimitList list;
      for (PolicyParser::LimitEntryContext* entry : limits->limitEntry()) {
        list.entries.push_back({word(*entry->limitName()), word(*entry->limitValue())});
      }
      add(std::move(list));
    } else if (auto* option = s.optionStatement()) {
      std::optional<ast::Word> value;
      if (option->optionValue() != nullptr) value = word(*option->optionValue());
      add(ast::Option{word(*option->optionName()), std::move(value)});
    } else if (auto* expect = s.expectStatement()) {
      if (expect->operation() == nullptr) return refuse(*expect->otherOperation(), "expect deny");
      add(ast::Expect{effect(*expect->effect()), operation(*expect->operation()),
                      word(*expect->subject())});
    } else if (auto* unknown = s.unknownStatement()) {
      refuse_statement(*unknown->getStart());
    }
  }

  bool is_outside_block(PolicyParser::StatementContext& s) {
    if (!in_block_) return true;
    report(Diag::misplaced_in_block, *s.getStart()).help =
        "write it outside: a block holds rules, `set`, `limit`, `option` and `expect`";
    return false;
  }

  void add_parameter(PolicyParser::ParamStatementContext& param) {
    ast::Word name = word(*param.parameterName());
    std::optional<ast::Word> type;
    if (param.parameterType() != nullptr) type = word(*param.parameterType());
    const bool glued = name.text.size() > 1 && name.text.ends_with(':');
    if (glued) {
      name.text.pop_back();
      --name.span.end;
    }
    if (glued != (type && param.COLON() == nullptr)) {
      const Span at = type ? type->span : Span{name.span.file, name.span.end, name.span.end + 1};
      problems_
          .report(Diag::syntax, at, type ? "the end of the statement" : "a type after `:`",
                  type ? fmt::format("`{}`", type->text) : "none")
          .help = type ? fmt::format("write `param {} = {}`, or `param {}: type`", name.text,
                                     type->text, name.text)
                       : fmt::format("write `param {0}: path` or `param {0}: text`", name.text);
      return;
    }
    std::optional<ast::Word> fallback;
    if (param.defaultValue() != nullptr) fallback = word(*param.defaultValue());
    add(ast::ParameterDeclaration{std::move(name), std::move(type), std::move(fallback)});
  }

  void add_default(PolicyParser::DefaultStatementContext& statement) {
    if (statement.operation() == nullptr) return refuse(*statement.otherOperation(), "default");
    add(ast::Default{operation(*statement.operation()), effect(*statement.effect())});
  }

  void add_rules(PolicyParser::RuleStatementContext& rule) {
    if (rule.operation() == nullptr) {
      return refuse(*rule.otherOperation(), to_string(effect(*rule.effect())));
    }
    ast::RuleList rules;
    rules.effect = effect(*rule.effect());
    rules.operation = operation(*rule.operation());
    rules.patterns = words(*rule.patterns());
    PolicyParser::ModifiersContext& modifiers = *rule.modifiers();
    if (auto* exceptions = modifiers.exceptions()) {
      rules.except = condition(*exceptions, *exceptions->patterns());
    }
    if (auto* enclosure = modifiers.enclosure()) {
      rules.within = condition(*enclosure, *enclosure->patterns());
    }
    if (auto* existing = modifiers.EXISTING()) {
      rules.existing = offsets_.span(*existing->getSymbol());
    }
    if (auto* publish = modifiers.PUBLISH()) rules.publish = offsets_.span(*publish->getSymbol());
    if (auto* name = modifiers.tlsName()) {
      const ast::Word value = word(*name->tlsNameValue());
      if (value.text != "any") {
        problems_.report(Diag::bad_tls_name, value.span, value.text).help = "write `tls-name any`";
        return;
      }
      rules.any_tls_name = offsets_.span(*name->getStart(), *name->getStop());
    }
    if (modifiers.reason() != nullptr) rules.because = text_of(*modifiers.reason()->reasonText());
    if (auto* acceptance = modifiers.acceptance()) {
      rules.accepted = accepted(*acceptance);
      if (!rules.accepted) return;
      rules.accepted_span = offsets_.span(*acceptance->getStart(), *acceptance->getStop());
    }
    add(std::move(rules));
  }

  std::optional<ir::Acceptance> accepted(PolicyParser::AcceptanceContext& context) {
    const ast::Word what = word(*context.accepted());
    if (what.text != "looser") {
      problems_.report(Diag::bad_acceptance, what.span, what.text).help = "write `accept looser`";
      return std::nullopt;
    }
    ir::Acceptance out = {Targets::all(), text_of(*context.acceptanceReason()->reasonText())};
    if (context.target() == nullptr) return out;
    const std::optional<Target> only = target(*context.target());
    if (!only) return std::nullopt;
    out.targets = Targets::only(*only);
    return out;
  }

  std::optional<Target> target(PolicyParser::TargetContext& context) {
    const std::string_view seen = text(*context.getStart());
    for (const Target known : kTargets) {
      if (to_string(known) == seen) return known;
    }
    report(Diag::unknown_target, *context.getStart()).help =
        choice(seen, kTargetNames, "it is one of");
    return std::nullopt;
  }

  template <typename Content>
  void add(Content content) {
    // In place: moved as a whole, GCC 12 takes the alternatives that are absent for uninitialized.
    ast::Statement& statement = file_.statements.emplace_back();
    statement.span = statement_;
    statement.targets = targets_;
    statement.in_block = in_block_;
    statement.content = std::move(content);
  }

  // Reports with the token's text as the message's argument.
  Diagnostic& report(Diag diag, const antlr4::Token& token) {
    return problems_.report(diag, offsets_.span(token), text(token));
  }

  // An operation that there is not.
  void refuse(PolicyParser::OtherOperationContext& context, std::string_view before) {
    const antlr4::Token& token = *context.getStart();
    Diagnostic& diagnostic = report(Diag::unknown_operation, token);
    if (const auto near = closest(text(token), kOperationNames)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *near);
    } else {
      diagnostic.help = fmt::format("write `{} read`, or one of {} for `read`", before,
                                    listed(std::span(kOperationNames).subspan(1)));
    }
  }

  void refuse_statement(const antlr4::Token& token) {
    if (token.getType() == PolicyLexer::UNCLOSED_STRING) {
      problems_.report(Diag::unclosed_quote, offsets_.span(token)).help = kCloseQuote;
      return;
    }
    report(Diag::unknown_statement, token).help = help_for_statement(token.getType(), text(token));
  }

  static std::string help_for_statement(std::size_t type, std::string_view seen) {
    switch (type) {
      case PolicyLexer::READ:
      case PolicyLexer::WRITE:
      case PolicyLexer::CONNECT:
      case PolicyLexer::BIND:
      case PolicyLexer::UNIX:
      case PolicyLexer::ENV:
      case PolicyLexer::SYSCALL:
      case PolicyLexer::MACH:
        return fmt::format("write `allow {0}` or `deny {0}`", seen);
      case PolicyLexer::EXCEPT:
      case PolicyLexer::EXISTING:
      case PolicyLexer::PUBLISH:
      case PolicyLexer::TLS_NAME:
      case PolicyLexer::BECAUSE:
      case PolicyLexer::ACCEPT:
        return "a statement goes on in the next line only after a comma";
      case PolicyLexer::LBRACE:
        return "a block begins with `on linux {` or `on macos {`";
      default:
        break;
    }
    if (seen.starts_with("//")) return "a comment begins with `#`";
    return choice(seen, kStatements, "a statement begins with");
  }

  std::string_view text(const antlr4::Token& token) const {
    return sources_.text(offsets_.span(token));
  }

  ast::Word word(antlr4::ParserRuleContext& context) const {
    Span span = offsets_.span(*context.getStart());
    if (context.getStart()->getType() == PolicyLexer::STRING) {
      ++span.begin;
      --span.end;
    }
    return {std::string(sources_.text(span)), span};
  }

  std::vector<ast::Word> words(PolicyParser::PatternsContext& patterns) const {
    std::vector<ast::Word> out;
    for (PolicyParser::PatternContext* pattern : patterns.pattern()) out.push_back(word(*pattern));
    return out;
  }

  ast::RuleList::Condition condition(antlr4::ParserRuleContext& context,
                                     PolicyParser::PatternsContext& patterns) const {
    return {words(patterns), offsets_.span(*context.getStart(), *context.getStop())};
  }

  std::string text_of(PolicyParser::ReasonTextContext& reason) const {
    return unescape(word(reason).text);
  }

  static Effect effect(PolicyParser::EffectContext& context) {
    return context.ALLOW() != nullptr ? Effect::allow : Effect::deny;
  }

  ir::Operation operation(PolicyParser::OperationContext& context) const {
    return *operation_named(text(*context.getStart()));
  }

  const SourceSet& sources_;
  const Offsets& offsets_;
  Problems& problems_;
  ast::File file_;
  Span statement_;
  Targets targets_ = Targets::all();
  bool in_block_ = false;
};

}  // namespace

ast::File build(PolicyParser::FileContext& file, const SourceSet& sources, const Offsets& offsets,
                Problems& problems) {
  return Builder(sources, offsets, problems).build(file);
}

}  // namespace srt::language
