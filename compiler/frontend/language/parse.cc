#include "compiler/frontend/language/parse.h"

#include <antlr4-runtime.h>

#include <cstdint>

#include "compiler/frontend/language/builder.h"
#include "compiler/frontend/language/problems.h"
#include "compiler/frontend/language/recovery.h"
#include "compiler/frontend/limits.h"
#include "grammar/language/PolicyLexer.h"
#include "grammar/language/PolicyParser.h"

namespace srt::language {
namespace {

using Kind = Token::Kind;

using grammar::PolicyLexer;
using grammar::PolicyParser;

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

// Line ends hold the comments at the start of the lines that they lead to.
void add_line_ends(std::vector<Token>& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text[0] == '\n' ? 1 : std::min(text.find('\n'), text.size());
    const auto kind = text[0] == '\n' ? Kind::newline : Kind::comment;
    out.push_back({kind, text.substr(0, end)});
    text.remove_prefix(end);
  }
}

void add_token(std::vector<Token>& out, const antlr4::Token& token, std::string_view text) {
  switch (token.getType()) {
    case PolicyLexer::SPACE:
      return;
    case PolicyLexer::NEWLINE:
      return add_line_ends(out, text);
    case PolicyLexer::COMMENT:
      out.push_back({Kind::comment, text.substr(text.find('#'))});
      return;
    case PolicyLexer::COMMA:
      out.push_back({Kind::comma, text});
      return;
    case PolicyLexer::SEMICOLON:
      out.push_back({Kind::semicolon, text});
      return;
    case PolicyLexer::LBRACE:
      out.push_back({Kind::open, text});
      return;
    case PolicyLexer::RBRACE:
      out.push_back({Kind::close, text});
      return;
    default:
      out.push_back({Kind::word, text});
  }
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
  parser.setErrorHandler(statement_recovery(sources, offsets, problems));
  return build(*parser.file(), sources, offsets, problems);
}

std::vector<Token> tokenize(const SourceSet& sources, FileId file) {
  const std::string_view text = sources.file(file).text();
  const Offsets offsets(file, text);
  antlr4::ANTLRInputStream input(widened(text.substr(offsets.skipped())));
  PolicyLexer lexer(&input);
  lexer.removeErrorListeners();
  std::vector<Token> out;
  for (const auto& token : lexer.getAllTokens()) {
    add_token(out, *token, sources.text(offsets.span(*token, *token)));
  }
  return out;
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
