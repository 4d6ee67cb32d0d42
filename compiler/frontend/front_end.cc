#include "compiler/frontend/front_end.h"

#include <algorithm>
#include <string_view>

namespace srt {
// Behind comments, as settings have them. Settings are an object, but a list is better told so than
// read as a statement.
bool is_settings(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.starts_with("//")) {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else if (text.starts_with("/*")) {
      const std::size_t end = text.find("*/", 2);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    } else {
      return text.starts_with('{') || text.starts_with('[');
    }
  }
}

namespace {

// The policy of a file with what every policy has.
ir::Policy read_whole(SourceSet& sources, FileId file, Diagnostics& diagnostics,
                      const ReadOptions& options) {
  ir::Policy policy = is_settings(sources.file(file).text())
                          ? settings::read_policy(sources, file, diagnostics)
                          : language::read_policy(sources, file, diagnostics, options);
  const auto written = static_cast<std::ptrdiff_t>(policy.rules.size());
  language::append_module(sources, "std.world", policy, diagnostics);
  std::rotate(policy.rules.begin(), policy.rules.begin() + written, policy.rules.end());
  language::append_module(sources, "std.self", policy, diagnostics);
  ir::add_implied_reads(policy);
  return policy;
}

}  // namespace

ir::Policy read_policy(SourceSet& sources, FileId file, Diagnostics& diagnostics,
                       const ReadOptions& options) {
  ir::Policy policy = read_whole(sources, file, diagnostics, options);
  for (ir::Ceiling& ceiling : policy.ceilings) {
    ceiling.policy =
        std::make_shared<const ir::Policy>(read_whole(sources, ceiling.file, diagnostics, options));
  }
  return policy;
}

}  // namespace srt
