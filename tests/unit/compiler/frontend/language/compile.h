#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/front_end.h"

namespace srt::language {

/// A text of the policy language after the front end.
struct Compiled {
  SourceSet sources;
  Diagnostics diagnostics;
  ir::Policy policy;

  explicit Compiled(std::string_view text) {
    const FileId file = sources.add("test.srt", std::string(text));
    policy = language::read_policy(sources, file, diagnostics);
  }

  std::string messages() const { return render(diagnostics, sources); }

  /// The rules as statements.
  std::vector<std::string> rules() const {
    std::vector<std::string> texts;
    for (const ir::Rule& rule : policy.rules) texts.push_back(rule.text);
    return texts;
  }
};

}  // namespace srt::language
