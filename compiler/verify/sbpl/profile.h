#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/verify/sbpl/formula.h"
#include "runtime/base/effect.h"
#include "runtime/base/result.h"

/// Seatbelt profiles as they are read back.
namespace srt::verify::sbpl {

/// A filter of a rule: a set of paths, or something about other subjects, which is spelled only.
struct Filter {
  FormulaPtr paths;     ///< none where it is not about paths
  std::string spelled;  ///< the same for the same filter, however the text puts it
};

/// `(allow OPERATION… FILTER…)`.
struct ProfileRule {
  Effect effect;
  std::vector<std::string> operations;
  std::vector<Filter> filters;  ///< none where it is about every subject
  std::size_t line;
};

struct Profile {
  std::vector<ProfileRule> rules;  ///< of two that match the later decides
};

/// The directories by the names that the launcher passes them under, and those that other things,
/// a port or a name, are passed under.
struct ProfileNames {
  std::map<std::string, glob::AnchorId, std::less<>> directories;
};

/// Reads a profile for all values of its parameters at once: `text` is run as the program that it
/// is, with directories, and questions about them, left open. Adds the automata of its filters to
/// `leaves`. What is outside the subset, or asks what cannot be answered for all values, is an
/// error with its position.
Result<Profile> read_profile(std::string_view text, const ProfileNames& names, Leaves& leaves);

}  // namespace srt::verify::sbpl
