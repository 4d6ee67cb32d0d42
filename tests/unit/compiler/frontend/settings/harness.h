#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/front_end.h"
#include "compiler/ir/policy.h"
#include "compiler/source/source.h"

/// What every test of the settings formats needs: a text read, and what came of it.
namespace srt::settings {

/// A settings file after `read_policy`.
struct Compiled {
  explicit Compiled(std::string text) {
    file = sources.add("settings.json", std::move(text));
    policy = settings::read_policy(sources, file, diagnostics);
  }

  /// The messages as `id: text @ bytes they underline`, in the order they were found.
  std::vector<std::string> messages() const {
    std::vector<std::string> all;
    for (const Diagnostic& d : diagnostics.all()) {
      all.push_back(kind(d.diag).id + ": " + d.text + " @ " + std::string(sources.text(d.span)));
    }
    return all;
  }

  /// The rules that the file itself spells, as statements.
  std::vector<std::string> rules() const {
    std::vector<std::string> all;
    for (const ir::Rule& rule : policy.rules) {
      if (rule.origin.file == file) all.push_back(rule.text);
    }
    return all;
  }

  SourceSet sources;
  Diagnostics diagnostics;
  FileId file;
  ir::Policy policy;
};

}  // namespace srt::settings
