#pragma once

#include <optional>
#include <vector>

#include "compiler/verify/sbpl/policy_rules.h"
#include "compiler/verify/sbpl/rules.h"
#include "compiler/verify/sbpl/search.h"

namespace srt::verify::sbpl {

/// Steps that one proof may take: about two seconds' worth. Profiles of ordinary policies take a
/// hundredth.
inline constexpr std::size_t kMaxSteps = 200'000'000;

/// How a profile answers questions that it decides alike.
struct ProfileRules {
  std::vector<Question> questions;
  Rules rules;
};

/// A path about which the profile decides otherwise than the policy has it.
struct Fault {
  enum class Kind : std::uint8_t {
    looser,   ///< it may be done, and the policy denies it
    tighter,  ///< it may not, and nothing said so
    moved,    ///< the directory may be moved, and with it what is denied below
    depends,  ///< it depends on where directories are, which the path does not tell
  };
  Kind kind;
  Question question;
  Word path;
  std::optional<glob::AnchorId> above;      ///< a directory that the path is taken to lie above
  std::optional<std::size_t> policy_rule;   ///< what decided, in the policy
  std::optional<std::size_t> profile_line;  ///< and in the profile; none where a default did
};

struct Proof {
  bool is_complete = true;  ///< else the budget ended it
  std::vector<Fault> faults;
};

/// Holds the answers of a profile against those of the policy, for every path and all values of the
/// directories. A pair of rules that would decide about a path, one of each side, is looked at
/// together with those later rules alone that turn out to matter, so that the effort grows with the
/// square of the rules and not with the product of their automata.
Proof prove_profile(const PolicyRules& policy, const std::vector<ProfileRules>& profile,
                    const Leaves& leaves);

}  // namespace srt::verify::sbpl
