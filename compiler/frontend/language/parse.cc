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

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

}  // namespace srt::language
