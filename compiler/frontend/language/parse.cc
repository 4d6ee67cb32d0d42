#include "compiler/frontend/language/parse.h"

#include <antlr4-runtime.h>
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>

#include "compiler/frontend/limits.h"
#include "compiler/source/edit_distance.h"
#include "grammar/language/PolicyLexer.h"
#include "grammar/language/PolicyParser.h"

namespace srt::language {
namespace {

using grammar::PolicyLexer;
using grammar::PolicyParser;

constexpr std::array<std::string_view, 6> kStatements = {"policy", "param", "default",
                                                         "allow",  "deny",  "use"};

constexpr std::string_view kCloseQuote = "end it with `\"`";

// What a rule of the grammar stands for in messages, for the rules that can fail to go on.
std::string_view expectation(std::size_t rule) {
  switch (rule) {
    case PolicyParser::RuleName:
      return "a name in quotes";
    case PolicyParser::RuleParameterName:
      return "the name of a parameter";
    case PolicyParser::RuleDefaultValue:
      return "a default after `=`";
    case PolicyParser::RuleEffect:
      return "`allow` or `deny`";
    case PolicyParser::RuleDefaultStatement:
    case PolicyParser::RuleRuleStatement:
      return "`read`, `write` or `connect`";
    case PolicyParser::RulePattern:
      return "a pattern";
    case PolicyParser::RuleReasonText:
      return "a reason in quotes";
    case PolicyParser::RuleModuleName:
      return "the name of a module";
    case PolicyParser::RuleBlock:
      return "`}`";
    case PolicyParser::RuleLineEnd:
      return "the end of the statement";
    default:
      return "a statement";
  }
}

// A newline stands before the text that ANTLR reads, and a byte order mark is left out of it.
class Offsets {
 public:
  Offsets(FileId file, std::string_view text)
      : file_(file),
        skipped_(text.starts_with("\xEF\xBB\xBF") ? 3 : 0),
        size_(static_cast<std::uint32_t>(text.size())) {}

  std::size_t skipped() const { return skipped_; }

  Span span(const antlr4::Token& first, const antlr4::Token& last) const {
    return {file_, offset(first.getStartIndex()), offset(last.getStopIndex() + 1)};
  }
  Span span(const antlr4::Token& token) const {
    if (token.getType() != PolicyLexer::NEWLINE) return span(token, token);
    // Without the empty lines and comments that belong to it.
    const std::uint32_t begin = offset(token.getStartIndex());
    return {file_, begin, std::min(begin + 1, size_)};
  }

 private:
  std::uint32_t offset(std::size_t index) const {
    const std::size_t in_text = index == 0 ? 0 : index - 1;
    return std::min(static_cast<std::uint32_t>(in_text) + skipped_, size_);
  }

  FileId file_;
  std::uint32_t skipped_;
  std::uint32_t size_;
};

// Takes the messages about what cannot be read, as far as they are worth reading.
class Problems {
 public:
  explicit Problems(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  template <typename... Args>
  Diagnostic& report(Diag diag, Span span, const Args&... args) {
    ++count_;
    if (count_ <= kMaxUnreadable) return diagnostics_.report(diag, span, args...);
    if (count_ == kMaxUnreadable + 1) {
      diagnostics_.report(Diag::too_many_errors, span, kMaxUnreadable);
    }
    return ignored_;
  }

 private:
  Diagnostics& diagnostics_;
  std::size_t count_ = 0;
  Diagnostic ignored_ = {};
};

// Reports a statement that cannot be read once, in our words, and goes on at its end.
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

  void recover(antlr4::Parser* parser, std::exception_ptr) override {
    for (std::size_t type = parser->getInputStream()->LA(1); !ends_statement(type);
         type = parser->getInputStream()->LA(1)) {
      parser->consume();
    }
  }

  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    throw antlr4::InputMismatchException(parser);
  }

  void sync(antlr4::Parser*) override {}

 private:
  static bool ends_statement(std::size_t type) {
    return type == PolicyLexer::NEWLINE || type == PolicyLexer::SEMICOLON ||
           type == antlr4::Token::EOF;
  }

  void report(const antlr4::Token& found, std::size_t rule, antlr4::Parser& parser) {
    const Span span = offsets_.span(found);
    const std::string_view text = sources_.text(span);
    if (found.getType() == PolicyLexer::UNCLOSED_STRING) {
      problems_.report(Diag::unclosed_quote, span).help = kCloseQuote;
      return;
    }
    if (found.getType() == PolicyLexer::LBRACE) {
      problems_.report(Diag::unclosed_brace, span).help =
          "close it with `}` before any space, or quote the pattern";
      return;
    }
    const std::string seen = ends_statement(found.getType())          ? "the end of the line"
                             : found.getType() == PolicyLexer::STRING ? "a text in quotes"
                                                                      : fmt::format("`{}`", text);
    Diagnostic& diagnostic = problems_.report(Diag::syntax, span, expectation(rule), seen);
    diagnostic.help = help(found.getType(), rule, text, parser);
  }

  static std::string help(std::size_t found, std::size_t rule, std::string_view text,
                          antlr4::Parser& parser) {
    switch (rule) {
      case PolicyParser::RuleName:
        return fmt::format("write `policy \"{}\"`", found == PolicyLexer::ATOM ? text : "name");
      case PolicyParser::RuleReasonText:
        return "write `because \"…\"`";
      case PolicyParser::RulePattern:
        if (found == PolicyLexer::COMMA || ends_statement(found)) return {};
        return fmt::format("quote a reserved word to use it as a pattern: `\"{}\"`", text);
      case PolicyParser::RuleLineEnd:
        return help_after_statement(found, *parser.getContext());
      default:
        return {};
    }
  }

  // `line_end` is what is not there; its elder sibling is the statement that it should end.
  static std::string help_after_statement(std::size_t found,
                                          const antlr4::ParserRuleContext& line_end) {
    if (found == PolicyLexer::EXISTING) return "`existing` stands before `because`";
    const auto& siblings = line_end.parent->children;
    auto* statement = dynamic_cast<antlr4::ParserRuleContext*>(siblings[siblings.size() - 2]);
    switch (statement->getStart()->getType()) {
      case PolicyLexer::ALLOW:
      case PolicyLexer::DENY:
        return "separate patterns with commas, and quote a pattern that contains spaces";
      case PolicyLexer::PARAM:
        return "write `param name = default`, with spaces around `=`";
      default:
        return "one statement stands on one line; `;` separates two";
    }
  }

  const SourceSet& sources_;
  const Offsets& offsets_;
  Problems& problems_;
};

// Turns the statements that ANTLR could read into ours.
class Builder {
 public:
  Builder(const SourceSet& sources, const Offsets& offsets, Problems& problems)
      : sources_(sources), offsets_(offsets), problems_(problems) {}

  ast::File build(PolicyParser::FileContext& context) {
    for (PolicyParser::StatementContext* statement : context.statement()) {
      if (!is_broken(*statement)) add(*statement);
    }
    return std::move(file_);
  }

 private:
  static bool is_broken(const antlr4::ParserRuleContext& context) {
    if (context.exception != nullptr) return true;
    for (const antlr4::tree::ParseTree* child : context.children) {
      const auto* rule = dynamic_cast<const antlr4::ParserRuleContext*>(child);
      if (rule != nullptr && is_broken(*rule)) return true;
    }
    return false;
  }

  void add(PolicyParser::StatementContext& s) {
    statement_ = offsets_.span(*s.getStart(), *s.getStop());
    if (auto* policy = s.policyStatement()) {
      ast::Word name = word(*policy->name());
      name.text = unescape(name.text);
      add(ast::PolicyName{std::move(name)});
    } else if (auto* param = s.paramStatement()) {
      std::optional<ast::Word> fallback;
      if (param->defaultValue() != nullptr) fallback = word(*param->defaultValue());
      add(ast::ParameterDeclaration{word(*param->parameterName()), std::move(fallback)});
    } else if (auto* fallback = s.defaultStatement()) {
      if (fallback->operation() == nullptr) return refuse(*fallback->otherOperation(), "default");
      add(ast::Default{operation(*fallback->operation()), effect(*fallback->effect())});
    } else if (auto* rule = s.ruleStatement()) {
      add_rules(*rule);
    } else if (auto* use = s.useStatement()) {
      add(ast::Use{word(*use->moduleName())});
    } else if (auto* later = s.laterStatement()) {
      refuse(*later->getStart());
    } else if (auto* unknown = s.unknownStatement()) {
      refuse_statement(*unknown->getStart());
    }
  }

  void add_rules(PolicyParser::RuleStatementContext& rule) {
    if (rule.operation() == nullptr) {
      return refuse(*rule.otherOperation(), to_string(effect(*rule.effect())));
    }
    if (rule.laterModifier() != nullptr) return refuse(*rule.laterModifier()->getStart());
    ast::RuleList rules = {effect(*rule.effect()), operation(*rule.operation()), {}, {}, {}};
    for (PolicyParser::PatternContext* pattern : rule.patterns()->pattern()) {
      rules.patterns.push_back(word(*pattern));
    }
    if (auto* existing = rule.EXISTING()) rules.existing = offsets_.span(*existing->getSymbol());
    if (rule.reason() != nullptr) rules.because = unescape(word(*rule.reason()->reasonText()).text);
    add(std::move(rules));
  }

  template <typename Content>
  void add(Content content) {
    // In place: moved as a whole, GCC 12 takes the alternatives that are absent for uninitialized.
    ast::Statement& statement = file_.statements.emplace_back();
    statement.span = statement_;
    statement.content = std::move(content);
  }

  void refuse(const antlr4::Token& token) {
    problems_.report(Diag::unsupported, offsets_.span(token), text(token));
  }

  // An operation that there is not, or not yet.
  void refuse(PolicyParser::OtherOperationContext& context, std::string_view before) {
    const antlr4::Token& token = *context.getStart();
    if (token.getType() == PolicyLexer::LATER_OPERATION) return refuse(token);
    const std::string_view seen = text(token);
    Diagnostic& diagnostic = problems_.report(Diag::unknown_operation, offsets_.span(token), seen);
    if (const auto near = closest(seen, kOperationNames)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *near);
    } else {
      diagnostic.help = fmt::format("write `{0} read`, `{0} write` or `{0} connect`", before);
    }
  }

  void refuse_statement(const antlr4::Token& token) {
    const Span span = offsets_.span(token);
    if (token.getType() == PolicyLexer::UNCLOSED_STRING) {
      problems_.report(Diag::unclosed_quote, span).help = kCloseQuote;
      return;
    }
    const std::string_view seen = text(token);
    problems_.report(Diag::unknown_statement, span, seen).help =
        help_for_statement(token.getType(), seen);
  }

  static std::string help_for_statement(std::size_t type, std::string_view seen) {
    switch (type) {
      case PolicyLexer::READ:
      case PolicyLexer::WRITE:
      case PolicyLexer::CONNECT:
        return fmt::format("write `allow {0}` or `deny {0}`", seen);
      case PolicyLexer::EXISTING:
      case PolicyLexer::BECAUSE:
        return "a statement goes on in the next line only after a comma";
      default:
        break;
    }
    if (seen.starts_with("//")) return "a comment begins with `#`";
    if (const auto near = closest(seen, kStatements)) {
      return fmt::format("did you mean `{}`?", *near);
    }
    return fmt::format("a statement begins with {}", fmt::join(quoted(), ", "));
  }

  static std::vector<std::string> quoted() {
    std::vector<std::string> words;
    for (const std::string_view statement : kStatements) {
      words.push_back(fmt::format("`{}`", statement));
    }
    return words;
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

  static Effect effect(PolicyParser::EffectContext& context) {
    return context.ALLOW() != nullptr ? Effect::allow : Effect::deny;
  }

  static ir::Operation operation(PolicyParser::OperationContext& context) {
    if (context.READ() != nullptr) return ir::Operation::read;
    return context.WRITE() != nullptr ? ir::Operation::write : ir::Operation::connect;
  }

  const SourceSet& sources_;
  const Offsets& offsets_;
  Problems& problems_;
  ast::File file_;
  Span statement_;
};

// The first brace that is too deep inside an atom. The generated lexer is recursive in braces, so
// this is looked for before it runs.
std::optional<std::uint32_t> find_deep_brace(std::string_view text) {
  std::uint32_t depth = 0;
  for (std::uint32_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '{':
        if (++depth > kMaxBraceDepth) return i;
        break;
      case '}':
        if (depth > 0) --depth;
        break;
      case '\\':
        ++i;
        break;
      case ' ':
      case '\t':
      case '\r':
      case '\n':
      case '\f':
      case '\v':
      case '"':
        depth = 0;
        break;
      default:
        break;
    }
  }
  return std::nullopt;
}

// One character for each byte, so that ANTLR's character indices are byte offsets.
std::string widened(std::string_view bytes) {
  std::string out = "\n";
  out.reserve(bytes.size() + 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | byte >> 6);
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  out += '\n';
  return out;
}

}  // namespace

ast::File parse(const SourceSet& sources, FileId file, Diagnostics& diagnostics) {
  const std::string_view text = sources.file(file).text();
  if (const auto at = find_deep_brace(text)) {
    diagnostics.report(Diag::nested_too_deep, {file, *at, *at + 1}, kMaxBraceDepth);
    return {};
  }
  const Offsets offsets(file, text);
  Problems problems(diagnostics);
  antlr4::ANTLRInputStream input(widened(text.substr(offsets.skipped())));
  PolicyLexer lexer(&input);
  lexer.removeErrorListeners();
  antlr4::CommonTokenStream tokens(&lexer);
  PolicyParser parser(&tokens);
  parser.removeErrorListeners();
  parser.setErrorHandler(std::make_shared<StatementRecovery>(sources, offsets, problems));
  return Builder(sources, offsets, problems).build(*parser.file());
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

}  // namespace srt::language
