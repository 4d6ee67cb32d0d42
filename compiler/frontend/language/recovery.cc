#include "compiler/frontend/language/recovery.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "compiler/ir/reserved_words.h"
#include "grammar/language/PolicyLexer.h"
#include "grammar/language/PolicyParser.h"

namespace srt::language {
namespace {

using grammar::PolicyLexer;
using grammar::PolicyParser;

constexpr std::string_view kSpacesAroundEquals =
    "write `param name = default`, with spaces around `=`";

// What a rule of the grammar stands for in messages, for the rules that can fail to go on.
std::string_view expectation(std::size_t rule) {
  switch (rule) {
    case PolicyParser::RuleName:
      return "a name in quotes";
    case PolicyParser::RuleParameterName:
      return "the name of a parameter";
    case PolicyParser::RuleParameterType:
      return "the type of the parameter";
    case PolicyParser::RuleDefaultValue:
      return "a default after `=`";
    case PolicyParser::RuleLetName:
      return "the name of a list";
    case PolicyParser::RuleLetStatement:
      return "`=` and the patterns of the list";
    case PolicyParser::RuleEffect:
      return "`allow` or `deny`";
    case PolicyParser::RuleDefaultStatement:
    case PolicyParser::RuleRuleStatement:
    case PolicyParser::RuleExpectStatement:
      return "an operation";
    case PolicyParser::RulePattern:
      return "a pattern";
    case PolicyParser::RuleSubject:
      return "what is expected to be allowed or denied";
    case PolicyParser::RuleReasonText:
      return "a reason in quotes";
    case PolicyParser::RuleTlsNameValue:
      return "`any` after `tls-name`";
    case PolicyParser::RuleAccepted:
      return "`looser` after `accept`";
    case PolicyParser::RuleAcceptanceReason:
      return "`because` and why it is accepted";
    case PolicyParser::RuleModuleName:
      return "a module or a file";
    case PolicyParser::RuleCeilingName:
      return "the file of a policy that grants all that this one may";
    case PolicyParser::RuleSetStatement:
      return "`env NAME = \"value\"` after `set`";
    case PolicyParser::RuleVariableName:
      return "the name of a variable";
    case PolicyParser::RuleVariableValue:
      return "a value in quotes";
    case PolicyParser::RuleLimitName:
      return "what to limit";
    case PolicyParser::RuleLimitValue:
      return "the value of the limit";
    case PolicyParser::RuleOptionName:
      return "the name of an option";
    case PolicyParser::RuleOptionValue:
      return "a value after `=`";
    case PolicyParser::RuleTarget:
      return "`linux` or `macos`";
    case PolicyParser::RuleBlock:
    case PolicyParser::RuleBraced:
      return "`}`";
    case PolicyParser::RuleLineEnd:
      return "the end of the statement";
    default:
      return "a statement";
  }
}

bool ends_line(std::size_t type) {
  return type == PolicyLexer::NEWLINE || type == PolicyLexer::SEMICOLON ||
         type == antlr4::Token::EOF;
}

// Whether `context` is part of a rule of this kind.
bool is_within(const antlr4::tree::ParseTree* context, std::size_t rule) {
  for (; context != nullptr; context = context->parent) {
    const auto* of_rule = dynamic_cast<const antlr4::ParserRuleContext*>(context);
    if (of_rule != nullptr && of_rule->getRuleIndex() == rule) return true;
  }
  return false;
}

class StatementRecovery : public antlr4::DefaultErrorStrategy {
 public:
  StatementRecovery(const SourceSet& sources, const Offsets& offsets, Problems& problems)
      : sources_(sources), offsets_(offsets), problems_(problems) {}

  void reportError(antlr4::Parser* parser, const antlr4::RecognitionException& error) override {
    if (inErrorRecoveryMode(parser)) return;
    beginErrorCondition(parser);
    const antlr4::Token& found = *error.getOffendingToken();
    const auto* context = dynamic_cast<const antlr4::ParserRuleContext*>(error.getCtx());
    const std::size_t rule =
        context != nullptr ? context->getRuleIndex() : std::size_t{PolicyParser::RuleFile};
    report(found, rule, *parser);
  }

  // To the end of the statement: of one in a block not beyond the block's `}`, of a block that was
  // not entered to behind it.
  void recover(antlr4::Parser* parser, std::exception_ptr) override {
    antlr4::IntStream& input = *parser->getInputStream();
    if (auto* block = dynamic_cast<PolicyParser::BlockContext*>(parser->getContext());
        block != nullptr && block->LBRACE() != nullptr) {
      // What follows a statement of it is none; the rest of the block is left out.
      while (input.LA(1) != PolicyLexer::RBRACE && input.LA(1) != antlr4::Token::EOF) {
        parser->consume();
      }
      if (input.LA(1) == PolicyLexer::RBRACE) parser->consume();
      return;
    }
    const bool in_block = is_within(parser->getContext(), PolicyParser::RuleBlock);
    const bool before_block =
        !in_block && is_within(parser->getContext(), PolicyParser::RuleOnStatement);
    for (std::size_t type = input.LA(1); !ends_line(type); type = input.LA(1)) {
      if (in_block && type == PolicyLexer::RBRACE) return;
      if (before_block && type == PolicyLexer::LBRACE) skip_to_brace(*parser);
      parser->consume();
    }
  }

  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    throw antlr4::InputMismatchException(parser);
  }

  void sync(antlr4::Parser*) override {}

 private:
  // To before the next `}`, where there is one.
  static void skip_to_brace(antlr4::Parser& parser) {
    antlr4::IntStream& input = *parser.getInputStream();
    while (input.LA(2) != PolicyLexer::RBRACE && input.LA(2) != antlr4::Token::EOF) {
      parser.consume();
    }
  }

  void report(const antlr4::Token& found, std::size_t rule, antlr4::Parser& parser) {
    const Span span = offsets_.span(found);
    const std::string_view text = sources_.text(span);
    if (found.getType() == PolicyLexer::UNCLOSED_STRING) {
      problems_.report(Diag::unclosed_quote, span).help = kCloseQuote;
      return;
    }
    if (found.getType() == PolicyLexer::LBRACE && rule != PolicyParser::RuleTarget) {
      problems_.report(Diag::unclosed_brace, span).help =
          "close it with `}` before any space, or quote the pattern";
      return;
    }
    const std::string seen = ends_line(found.getType())               ? "the end of the line"
                             : found.getType() == PolicyLexer::STRING ? "a text in quotes"
                                                                      : fmt::format("`{}`", text);
    auto* block = dynamic_cast<PolicyParser::BlockContext*>(parser.getContext());
    const std::string_view expected =
        block == nullptr ? expectation(rule) : in_block(*block, found);
    Diagnostic& diagnostic = problems_.report(Diag::syntax, span, expected, seen);
    diagnostic.help = help(found.getType(), rule, text, parser);
  }

  // What a block lacks: its `{`, the end of a statement, or its `}`.
  static std::string_view in_block(PolicyParser::BlockContext& block, const antlr4::Token& found) {
    if (block.LBRACE() == nullptr) return "`{` and the statements of the block";
    return ends_line(found.getType()) ? "`}`" : "the end of the statement";
  }

  static std::string help(std::size_t found, std::size_t rule, std::string_view text,
                          antlr4::Parser& parser) {
    const bool is_reserved = ir::is_reserved(text);
    switch (rule) {
      case PolicyParser::RuleName:
        return fmt::format("write `policy \"{}\"`", found == PolicyLexer::ATOM ? text : "name");
      case PolicyParser::RuleReasonText:
        return "write `because \"…\"`";
      case PolicyParser::RuleAcceptanceReason:
        return "write `accept looser because \"…\"`";
      case PolicyParser::RuleAcceptance:
        return "write `accept looser because \"…\"`";
      case PolicyParser::RuleTlsNameValue:
        return "write `tls-name any`";
      case PolicyParser::RuleAccepted:
        return "write `accept looser because \"…\"`";
      case PolicyParser::RuleSetStatement:
        return "write `set env NAME = \"value\"`, with spaces around `=`";
      case PolicyParser::RuleVariableValue:
        return found == PolicyLexer::ATOM ? fmt::format("write `\"{}\"`", text) : "";
      case PolicyParser::RuleLimitName:
      case PolicyParser::RuleLimitValue:
        return "write `limit memory 2GiB, files 1024`";
      case PolicyParser::RuleLetStatement:
        return "write `let name = pattern, pattern`, with spaces around `=`";
      case PolicyParser::RuleTarget:
        return "write `on linux { … }` or `on macos { … }`";
      case PolicyParser::RulePattern:
      case PolicyParser::RuleSubject:
      case PolicyParser::RuleDefaultValue:
      case PolicyParser::RuleOptionValue:
      case PolicyParser::RuleVariableName:
        return is_reserved
                   ? fmt::format("quote a reserved word to use it as a pattern: `\"{}\"`", text)
                   : "";
      case PolicyParser::RuleParameterName:
      case PolicyParser::RuleLetName:
        return is_reserved ? "reserved words name nothing; choose another name" : "";
      case PolicyParser::RuleBlock:
        return help_in_block(*dynamic_cast<PolicyParser::BlockContext*>(parser.getContext()),
                             found);
      case PolicyParser::RuleLineEnd:
        return help_after_statement(found, *parser.getContext());
      default:
        return {};
    }
  }

  static std::string help_in_block(PolicyParser::BlockContext& block, std::size_t found) {
    if (block.LBRACE() == nullptr) return "write `on linux { … }`, the braces apart";
    if (ends_line(found)) return "a block ends with `}`";
    return help_behind(found, *block.blockStatement().back());
  }

  // `line_end` is what is not there; its elder sibling is the statement that it should end.
  static std::string help_after_statement(std::size_t found,
                                          const antlr4::ParserRuleContext& line_end) {
    const auto& siblings = line_end.parent->children;
    if (siblings.size() < 2) return {};
    auto* statement = dynamic_cast<antlr4::ParserRuleContext*>(siblings[siblings.size() - 2]);
    return statement == nullptr ? "" : help_behind(found, *statement);
  }

  static std::string help_behind(std::size_t found, antlr4::ParserRuleContext& statement) {
    switch (found) {
      case PolicyLexer::EXCEPT:
        return "`except` stands first behind the patterns";
      case PolicyLexer::WITHIN:
        return "`within` stands behind the patterns and `except`, before `existing`";
      case PolicyLexer::EXISTING:
        return "`existing` stands before `because`";
      case PolicyLexer::PUBLISH:
        return "`publish` stands before `because`";
      case PolicyLexer::TLS_NAME:
        return "`tls-name any` stands before `because`";
      case PolicyLexer::BECAUSE:
        return "`because` stands last, but for `accept looser because \"…\"`";
      case PolicyLexer::COLON:
        return "write `param name: type`";
      default:
        break;
    }
    switch (statement.getStart()->getType()) {
      case PolicyLexer::ALLOW:
      case PolicyLexer::DENY:
      case PolicyLexer::LET:
        return "separate patterns with commas, and quote a pattern that contains spaces";
      case PolicyLexer::PARAM:
        return std::string(kSpacesAroundEquals);
      case PolicyLexer::LIMIT:
        return "write the unit behind the number, as in `2GiB`, and a comma between two limits";
      case PolicyLexer::OPTION:
        return "write `option name = value`, with spaces around `=`";
      case PolicyLexer::EXPECT:
        return "an `expect` has one subject; quote one that contains spaces";
      default:
        return "one statement stands on one line; `;` separates two";
    }
  }

  const SourceSet& sources_;
  const Offsets& offsets_;
  Problems& problems_;
};

}  // namespace

std::shared_ptr<antlr4::ANTLRErrorStrategy> statement_recovery(const SourceSet& sources,
                                                               const Offsets& offsets,
                                                               Problems& problems) {
  return std::make_shared<StatementRecovery>(sources, offsets, problems);
}

}  // namespace srt::language
