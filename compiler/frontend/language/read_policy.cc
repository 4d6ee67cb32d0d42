#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <string>

#include "compiler/frontend/front_end.h"
#include "compiler/frontend/language/lower.h"
#include "compiler/frontend/language/modules.h"
#include "compiler/frontend/language/parse.h"

#include "compiler/frontend/limits.h"
#include "runtime/base/utf8.h"

namespace srt::language {
namespace {

// What the parser can be given. Reports what is wrong with the text as a whole.
bool is_readable(std::string_view text, FileId file, Diagnostics& diagnostics) {
  const auto byte_at = [&](std::size_t at) {
    const auto begin = static_cast<std::uint32_t>(at);
    return Span{file, begin, begin + 1};
  };
  if (text.size() > kMaxPolicyBytes) {
    diagnostics.report(Diag::input_too_large, Span{file, 0, 0}, text.size(), kMaxPolicyBytes);
  } else if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    diagnostics.report(Diag::nul_byte, byte_at(nul)).help = "a policy is a text file";
  } else if (const auto bad = find_invalid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(text[*bad]);
    diagnostics.report(Diag::bad_utf8, byte_at(*bad), byte).help =
        fmt::format("a policy is UTF-8; in a pattern write the byte as `\\x{:02x}`", byte);
  } else {
    return true;
  }
  return false;
}

}  // namespace

ir::Policy read_policy(SourceSet& sources, FileId file, Diagnostics& diagnostics) {
  ir::Policy policy;
  if (!is_readable(sources.file(file).text(), file, diagnostics)) return policy;
  const std::size_t reported = diagnostics.all().size();
  const ast::File statements = parse(sources, file, diagnostics);
  if (statements.statements.empty() && diagnostics.all().size() == reported) {
    diagnostics.report(Diag::empty_policy, Span{file, 0, 0}).help =
        "a policy without rules says so with its name: `policy \"name\"`";
  }
  lower(statements, sources, policy, diagnostics);
  return policy;
}

void append_module(SourceSet& sources, std::string_view name, ir::Policy& policy,
                   Diagnostics& diagnostics) {
  const std::string_view text = module_text(name);
  assert(!text.empty());
  // A module that is used again has its text in the set already.
  const auto used = std::find_if(policy.rules.begin(), policy.rules.end(), [&](const auto& rule) {
    const SourceFile& source = sources.file(rule.origin.file);
    return source.name() == name && source.text() == text;
  });
  const FileId file = used != policy.rules.end()
                          ? used->origin.file
                          : sources.add(std::string(name), std::string(text));
  lower(parse(sources, file, diagnostics), sources, policy, diagnostics);
}

}  // namespace srt::language
