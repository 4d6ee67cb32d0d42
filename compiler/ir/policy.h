#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/glob/pattern.h"
#include "compiler/source/source.h"
#include "proxy/hosts/host_pattern.h"
#include "runtime/base/effect.h"
#include "runtime/base/operation.h"
#include "runtime/bundle/parameters.h"

/// The one representation between front ends and backends: an ordered list of rules of which the
/// last that matches a request decides.
namespace srt::ir {

using srt::kOperations;
using srt::Operation;
using srt::operation_named;
using srt::to_string;

/// `(effect, operation, pattern, origin)`, as in `deny read ~/.ssh`. A statement with several
/// patterns gives one rule each.
struct Rule {
  Effect effect;
  Operation operation;
  std::variant<glob::PathSet, net::HostPattern> subject;  ///< a host pattern for `connect`
  bool existing = false;  ///< a deny of what exists when the run starts only
  bool implied = false;   ///< the read that a write grant brings; its origin is the grant's
  std::string because;    ///< the reason a refusal gives, or empty
  Span origin;            ///< the pattern in its source
  std::string text;       ///< the rule as a statement of the policy language

  const glob::PathSet& paths() const { return std::get<glob::PathSet>(subject); }
  const net::HostPattern& hosts() const { return std::get<net::HostPattern>(subject); }
};

/// A variable that the command gets, whatever the caller's environment holds.
struct SetVariable {
  std::string name;
  std::string value;
};

/// A compiled policy. Rules stand in the order in which they were written, modules inserted where
/// they are used, `std.world` first and `std.self` last.
struct Policy {
  std::string name;  ///< may be empty
  std::vector<Parameter> parameters;
  std::vector<Template> anchors;  ///< no two are equal
  std::array<Effect, kOperations.size()> defaults = {
      kOperations[0].default_effect, kOperations[1].default_effect, kOperations[2].default_effect};
  std::vector<Rule> rules;
  std::vector<SetVariable> variables;
  std::vector<TmpCandidate> tmp_candidates;  ///< tried before the caller's `TMPDIR`, in order

  Effect default_of(Operation operation) const {
    return defaults[static_cast<std::size_t>(operation)];
  }

  /// The id of a parameter with this name, added when there is none yet.
  ParameterId intern(const Parameter& parameter);
  /// The id of an anchor with this template, added when there is none yet.
  glob::AnchorId intern(const Template& anchor);
};

/// Puts before the first `read` rule what the write grants need: under `default read deny` each
/// `allow write P` brings `allow read P` at the lowest rank. Where reads are allowed by default the
/// policy stays as it is, since such a rule could not decide anything.
void add_implied_reads(Policy& policy);

/// A template as the policy language spells it: `${cwd}/..`.
std::string spell(const Policy& policy, const Template& text);
/// A pattern as the policy language spells it, quoted where it has to be. `within` and `except` of
/// a set have no spelling there; `spell` adds them in words: `… except ~/.config, within ./`.
std::string spell(const Policy& policy, const glob::PathPattern& pattern);
std::string spell(const Policy& policy, const glob::PathSet& paths);
/// The rule as a statement: `deny read ~/.ssh`. This is `Rule::text` of every rule.
std::string spell(const Policy& policy, const Rule& rule);

}  // namespace srt::ir
