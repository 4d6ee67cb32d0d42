#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/language/ast.h"

namespace srt::language {

/// A pattern of a statement, from a list where it was used by the list's name.
struct ListedPattern {
  ast::Word pattern;
  Span origin;  ///< where the statement has it: the pattern, or the `$name` of its list
};

/// The lists that `let` makes in one file.
class ListScope {
 public:
  explicit ListScope(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  /// Adds a list. Reports a name that is taken or cannot be one.
  void declare(const ast::Let& let);

  /// Completes the lists, in which those above them can be named.
  void define();

  /// The patterns with those of lists in the place of their names.
  std::vector<ListedPattern> expand(const std::vector<ast::Word>& patterns);

  /// Warns of lists that nothing uses.
  void report_unused();

 private:
  struct List {
    ast::Word name;
    std::vector<ast::Word> patterns;  // without names of lists once it is complete
    bool used = false;
    bool complete = false;
  };

  const List* look_up(const ast::Word& word, std::string_view name);

  Diagnostics& diagnostics_;
  std::vector<List> lists_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::size_t count_ = 0;
};

}  // namespace srt::language
