#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/ir/path_table.h"
#include "compiler/ir/policy.h"
#include "compiler/optimize/tables.h"
#include "runtime/base/result.h"

/// Fewer and simpler rules that mean the same. "The same" is more than the same decisions: a rule
/// stays where anyone can see that it is there, in the reason of a refusal as in what a launch
/// makes of a link (docs/decisions/007-what-the-optimizer-may-drop.md).
namespace srt::optimize {

/// What a pass makes of a policy.
struct Outcome {
  ir::Policy policy;
  bool changed = false;
};

/// Spells a pattern in the one way that other passes and the backends know it by.
Outcome canonical_spelling(ir::Policy policy, Tables& tables);
/// Drops a rule that is said again before another effect comes in between.
Outcome duplicates(ir::Policy policy, Tables& tables);
/// Drops a rule about names that a later one covers, whatever its effect.
Outcome dead_rules(ir::Policy policy, Tables& tables);
/// Drops a rule that others of its effect, around it, make needless: one about files where no state
/// of the automata names it, on any target; of others where one rule covers it. `/a/*` beside
/// `/a/*/**` is one.
Outcome redundant_rules(ir::Policy policy, Tables& tables);
/// Makes one rule out of the alternatives of a pattern that differ in one character.
Outcome merged_siblings(ir::Policy policy, Tables& tables);
/// Drops grants of what is granted by default, above the first deny.
Outcome default_elimination(ir::Policy policy, Tables& tables);

struct Pass {
  std::string_view name;  ///< of `-O no-NAME`
  Outcome (*run)(ir::Policy, Tables&);
};

/// All passes in the order in which they run.
inline constexpr std::array<Pass, 6> kPasses = {{
    {"redundant", redundant_rules},     // first: the proof asks about the same automata
    {"duplicates", duplicates},         // what is left of them is about no files
    {"dead", dead_rules},               // behind duplicates, of which both are dead
    {"spelling", canonical_spelling},   // before what compares patterns atom by atom
    {"siblings", merged_siblings},      // of what is left
    {"defaults", default_elimination},  // last: what stands above the first deny is known
}};

/// Which passes run.
class Switches {
 public:
  static Switches none();

  /// Reads the value of `-O`: `0`, or `no-PASS`. An error says what was meant.
  Status apply(std::string_view value);

  void switch_off(std::size_t pass) { on_[pass] = false; }
  bool is_on(std::size_t pass) const { return on_[pass]; }

 private:
  std::array<bool, kPasses.size()> on_ = {true, true, true, true, true, true};
};

/// Called after each pass that ran, with its number and what it made.
using Observer = std::function<void(std::size_t pass, const ir::Policy& policy)>;

/// An optimized policy, and the automata about its files on Linux, for whoever lowers it.
struct Optimized {
  ir::Policy policy;
  Result<PathTable> paths;
};

/// Runs the passes, and proves that the result decides as `policy` does, for all values of the
/// parameters, on both targets. `policy` itself where that takes too long to prove. An error, which
/// is one of this program and not of the policy, where it does not hold.
Result<Optimized> optimize(const ir::Policy& policy, const Switches& switches = {},
                           const Observer& observer = {});

}  // namespace srt::optimize
