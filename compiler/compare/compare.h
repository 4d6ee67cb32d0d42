#pragma once

#include <string>
#include <vector>

#include "compiler/ir/policy.h"
#include "runtime/base/target.h"

/// What one policy allows and another denies, as sets and not by samples: what is said to be equal
/// is equal for all values of the parameters, in any arrangement of their directories.
namespace srt::compare {

/// How a part of what can be asked for changes from the old policy to the new one.
enum class Change : std::uint8_t {
  wider,     ///< the new policy allows it, the old one denies it
  narrower,  ///< the other way round
  other,     ///< it is neither more nor less: a variable's value, a proxy's address
};

constexpr std::string_view to_string(Change change) {
  return change == Change::wider ? "wider" : change == Change::narrower ? "narrower" : "other";
}

/// One set of requests on which the policies differ, or one setting.
struct Difference {
  Change change;
  std::string operation;              ///< `read`, `connect`, …, or `limit`, `option`, `set env`
  std::string pattern;                ///< exact: what lies beneath is spelled `/**`
  std::vector<std::string> inside{};  ///< only where these match too
  std::vector<std::string> except{};  ///< but not where one of these matches
  std::string note{};                 ///< what is meant where the pattern alone does not say it
  std::string example{};              ///< a short request of the set, or empty
  std::string where{};                ///< the directories that the example needs, or empty
  Targets targets = Targets::all();

  friend bool operator==(const Difference&, const Difference&) = default;
};

/// How the new policy relates to the old one.
enum class Relation : std::uint8_t { equal, wider, narrower, incomparable };

constexpr std::string_view to_string(Relation relation) {
  switch (relation) {
    case Relation::equal:
      return "equal";
    case Relation::wider:
      return "wider";
    case Relation::narrower:
      return "narrower";
    case Relation::incomparable:
      break;
  }
  return "incomparable";
}

struct Comparison {
  Targets targets = Targets::all();     ///< that were looked at
  std::vector<Difference> differences;  ///< by operation, wider ones first
  /// Of which there are more differences than are listed.
  std::vector<std::pair<std::string, Change>> more;
  /// The operations about which not everything could be said within the budget; there may be more
  /// differences than are listed.
  std::vector<std::string> unfinished;

  bool has(Change change) const;
  /// What is unfinished counts as both wider and narrower.
  Relation relation() const;
};

/// Compares two policies on `targets`. Neither has errors.
Comparison compare(const ir::Policy& before, const ir::Policy& after, Targets targets);

/// The relation in the first line, then a line for each difference, with its example below it.
std::string to_text(const Comparison& comparison);

/// The same as one JSON object: `relation`, `differences`, `unfinished`.
std::string to_json(const Comparison& comparison);

/// A difference without its example: `read ~/.ssh/** except …`. Of a long list the first are shown.
std::string spell(const Difference& difference);

}  // namespace srt::compare
