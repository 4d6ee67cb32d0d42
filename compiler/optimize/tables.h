#pragma once

#include <list>
#include <vector>

#include "compiler/ir/path_table.h"

namespace srt::optimize {

/// The automata about files of the policies that passes and the proof look at. Each is built once:
/// what a pass asks about is mostly what the proof, or the backend, asks about too.
class Tables {
 public:
  /// The table of the rules that hold on `target`, by their numbers in `policy`. The reference
  /// holds as long as the object.
  const Result<PathTable>& of(const ir::Policy& policy, Target target);

 private:
  struct Entry {
    std::vector<ir::Rule> rules;  // as they hold on Linux
    std::array<Effect, 2> defaults;
    Result<PathTable> table;
  };

  std::list<Entry> known_;
};

}  // namespace srt::optimize
