#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/language/ast.h"
#include "compiler/source/source.h"

namespace srt::language {

/// The modules and files that a policy uses, and those in them.
class Uses {
 public:
  /// With a `root` only files that lie in this directory, links resolved, can be used.
  Uses(SourceSet& sources, Diagnostics& diagnostics, std::string root)
      : sources_(sources), diagnostics_(diagnostics), root_(std::move(root)) {}

  /// Begins the policy itself.
  void begin(FileId file);

  /// Begins what `use` names in the file begun last; nothing after an error, which is reported.
  /// What is begun has to be ended.
  std::optional<FileId> begin(const ast::Word& module);
  void end() { stack_.pop_back(); }

  /// The text of a file that the one begun last names for another end than to insert it; nothing
  /// after an error, which is reported.
  std::optional<FileId> find(const ast::Word& file);

  /// Whether what was begun last is a built-in module.
  bool is_built_in() const { return sources_.file(stack_.back().file).is_built_in(); }

  /// Whether what was begun last is the policy itself.
  bool is_policy() const { return stack_.size() == 1; }

  /// The statements of a file that was begun. What cannot be read is reported the first time.
  const ast::File& statements(FileId file);

 private:
  struct Begun {
    FileId file;
    std::string real;  // empty where there is none: standard input, modules
  };

  std::optional<Begun> open(const ast::Word& module);
  std::optional<Begun> open_file(const ast::Word& module);

  SourceSet& sources_;
  Diagnostics& diagnostics_;
  std::string root_;
  std::vector<Begun> stack_;
  std::map<std::string, FileId> files_;  // by real path, or by a module's name
  std::map<FileId, ast::File> parsed_;
  std::size_t count_ = 0;
};

/// The source of a built-in module, added to `sources` where it is not there yet.
FileId module_source(SourceSet& sources, std::string_view name);

}  // namespace srt::language
