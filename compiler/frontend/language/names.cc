#include "compiler/frontend/language/names.h"

#include <algorithm>
#include <string>
#include <utility>

#include "compiler/frontend/language/braces.h"
#include "compiler/frontend/language/character_class.h"
#include "compiler/frontend/limits.h"

namespace srt::language {
namespace {

// The text as `NamePattern` has it: an escape only where the byte would be syntax.
std::optional<std::string> without_escapes(const Alternative& pattern, FileId file,
                                           Diagnostics& diagnostics) {
  constexpr std::string_view kSyntax = "*?[]\\!^-";
  std::string out;
  for (std::size_t i = 0; i < pattern.text.size();) {
    if (pattern.text[i] != '\\') {
      out += pattern.text[i++];
      continue;
    }
    const auto escape = parse_escape(pattern, file, i, diagnostics);
    if (!escape) return std::nullopt;
    const char byte = static_cast<char>(escape->byte);
    if (kSyntax.find(byte) != std::string_view::npos) out += '\\';
    out += byte;
    i += escape->length;
  }
  return out;
}

}  // namespace

std::vector<NamePattern> parse_names(std::string_view text, Span span, Diagnostics& diagnostics) {
  if (text.size() > kMaxPatternBytes) {
    diagnostics.report(Diag::pattern_too_long, span, text.size(), kMaxPatternBytes).help =
        "shorten it";
    return {};
  }
  std::vector<NamePattern> all;
  for (const Alternative& alternative : expand_braces(text, span, diagnostics)) {
    const auto plain = without_escapes(alternative, span.file, diagnostics);
    if (!plain) return {};
    Result<NamePattern> name = NamePattern::parse(*plain);
    if (!name) {
      diagnostics.report(Diag::bad_name, span, name.error().message).help = name.error().help;
      return {};
    }
    all.push_back(*std::move(name));
  }
  return all;
}

bool refuse_parameters(std::string_view text, Span span, Diagnostics& diagnostics) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '$' && text[i + 1] == '{') {
      const std::size_t close = std::min(text.find('}', i), text.size() - 1);
      const auto begin = span.begin + static_cast<std::uint32_t>(i);
      const std::string_view use = text.substr(i, close + 1 - i);
      diagnostics
          .report(Diag::misplaced_parameter,
                  {span.file, begin, begin + static_cast<std::uint32_t>(use.size())}, use)
          .help =
          "parameters stand in paths, hosts and ports; write the text itself, or a list: "
          "`let name = …` and `$name`";
      return true;
    }
  }
  return false;
}

bool names_several(Operation operation, std::string_view subject) {
  // Addresses stand in brackets, and neither hosts nor ports know escapes.
  const bool is_net = operation == Operation::connect || operation == Operation::bind;
  const std::string_view syntax = is_net ? "*" : "*?[{";
  for (std::size_t i = 0; i < subject.size(); ++i) {
    if (subject.substr(i).starts_with("${")) {
      i = std::min(subject.find('}', i), subject.size() - 1);
    } else if (subject[i] == '\\' && !is_net) {
      ++i;
    } else if (syntax.find(subject[i]) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace srt::language
