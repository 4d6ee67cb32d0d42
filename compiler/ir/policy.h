#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/glob/pattern.h"
#include "compiler/ir/options.h"
#include "compiler/source/source.h"
#include "proxy/hosts/host_pattern.h"
#include "runtime/base/effect.h"
#include "runtime/base/limit.h"
#include "runtime/base/name_pattern.h"
#include "runtime/base/operation.h"
#include "runtime/base/target.h"
#include "runtime/bundle/parameters.h"

/// The one representation between front ends and backends: an ordered list of rules of which the
/// last that matches a request decides.
namespace srt::ir {

using srt::kOperations;
using srt::Operation;
using srt::operation_named;
using srt::to_string;

/// What a rule speaks of: files or sockets by their paths (`read`, `write`, `unix`), hosts
/// (`connect`), ports (`bind`), or names (`env`, `syscall`, `mach`, and of `unix` the abstract
/// sockets, with their `@`, and `*` for all). A name of `syscall` that begins with `@` is a group.
/// A template is the spelling of a host pattern or of ports that name parameters.
using Subject =
    std::variant<glob::PathSet, net::HostPattern, net::PortRange, NamePattern, Template>;

/// `accept looser on macos because "…"`: where a rule may come out looser than it is written.
struct Acceptance {
  Targets targets;
  std::string because;
};

/// `(effect, operation, pattern, origin)`, as in `deny read ~/.ssh`. A statement with several
/// patterns gives one rule each.
struct Rule {
  Effect effect;
  Operation operation;
  Subject subject;
  bool existing = false;  ///< a deny of what exists when the run starts only
  bool implied = false;   ///< the read that a write grant brings; its origin is the grant's
  std::string because;    ///< the reason a refusal gives, or empty
  Span origin;            ///< the pattern in its source
  std::string text;       ///< the rule as a statement of the policy language; of an implied one
                          ///< with what brought it behind
  Targets targets = Targets::all();  ///< where it holds: those of its `on` block
  bool publish = false;              ///< of `bind`: the port can be reached from the host
  bool any_tls_name = false;         ///< of `connect`: the name inside TLS may be another one
  std::optional<Acceptance> accepted = std::nullopt;
  bool built_in = false;  ///< of a built-in module, which nobody can rewrite
  /// Which of the policy's `uses` brought it, the innermost one; none for what the policy itself
  /// says, and for what every policy has.
  std::optional<std::uint32_t> use = std::nullopt;

  const glob::PathSet& paths() const { return std::get<glob::PathSet>(subject); }
  const net::HostPattern& hosts() const { return std::get<net::HostPattern>(subject); }
  const net::PortRange& ports() const { return std::get<net::PortRange>(subject); }
  const NamePattern& names() const { return std::get<NamePattern>(subject); }
  bool has_paths() const { return std::holds_alternative<glob::PathSet>(subject); }
  bool has_names() const { return std::holds_alternative<NamePattern>(subject); }
  /// Whether which hosts or ports it speaks of is known at launch only.
  bool has_parameters() const { return std::holds_alternative<Template>(subject); }
};

/// A variable that the command gets, whatever the caller's environment holds.
struct SetVariable {
  std::string name;
  std::string value;
  Targets targets = Targets::all();
};

/// `limit memory 2GiB`
struct LimitSetting {
  Limit limit;
  std::uint64_t value;
  Span origin;
  Targets targets = Targets::all();
};

/// `option pty`: what is asked for and is no rule. Names and values are those of options.h.
struct OptionSetting {
  OptionKind kind;
  std::string value;  ///< empty for one that takes none
  Span origin;
  Targets targets = Targets::all();
};

/// `expect deny read ~/.ssh/id`: what `srtc test` asks and `--selftest` probes.
struct Expectation {
  Effect effect;
  Operation operation;
  std::string subject;  ///< as written
  Span origin;
  Targets targets = Targets::all();
};

/// `use std.protect`: where it stands, and what it inserts there.
struct Use {
  Span origin;
  FileId file;
};

struct Policy;

/// `within "ceiling.srt"`: a policy that grants all that this one may grant.
struct Ceiling {
  Span origin;
  FileId file;
  /// None in a ceiling itself, which has its own compile.
  std::shared_ptr<const Policy> policy = {};
};

/// A compiled policy. Rules stand in the order in which they were written, modules inserted where
/// they are used, `std.world` first and `std.self` last.
struct Policy {
  std::string name;  ///< may be empty
  std::vector<Parameter> parameters;
  std::vector<Template> anchors;  ///< no two are equal
  /// What the policy says itself of what no rule matches.
  std::array<std::optional<Effect>, kOperations.size()> defaults = {};
  std::vector<Rule> rules;
  std::vector<Use> uses;  ///< in the order in which they were met
  std::vector<SetVariable> variables;
  std::vector<LimitSetting> limits;  ///< of two for one resource the last holds
  std::vector<OptionSetting> options;
  std::vector<Expectation> expectations;
  std::vector<Ceiling> ceilings;
  bool is_settings = false;  ///< its format has no words for what the language alone can say
  std::vector<TmpCandidate> tmp_candidates;  ///< tried before the caller's `TMPDIR`, in order

  Effect default_of(Operation operation) const {
    const auto i = static_cast<std::size_t>(operation);
    return defaults[i].value_or(kOperations[i].default_effect);
  }

  /// The option's value where it is set for `target`, empty for one without value.
  std::optional<std::string> option(OptionKind kind, Target target) const;

  /// The id of a parameter with this name, added when there is none yet.
  ParameterId intern(const Parameter& parameter);
  /// The id of an anchor with this template, added when there is none yet.
  glob::AnchorId intern(const Template& anchor);
};

/// The policy as it holds on one target: without what stands in blocks for others.
Policy select(Policy policy, Target target);

/// Puts before the first `read` rule what the write grants need: under `default read deny` each
/// `allow write P` brings `allow read P` at the lowest rank. Where reads are allowed by default the
/// policy stays as it is, since such a rule could not decide anything.
void add_implied_reads(Policy& policy);

/// A template as the policy language spells it: `${cwd}/..`.
std::string spell(const Policy& policy, const Template& text);
/// A pattern as the policy language spells it, quoted where it has to be; of a set with
/// what limits it: `/x except ~/.config within .`. `text` atoms, of settings, have no spelling.
std::string spell(const Policy& policy, const glob::PathPattern& pattern);
std::string spell(const Policy& policy, const glob::PathSet& paths);
/// What a pattern or a set matches and nothing else, whatever its rule's effect: what lies beneath
/// is spelled `/**`, and a plain path is that path alone.
std::string spell_exactly(const Policy& policy, const glob::PathPattern& pattern);
std::string spell_exactly(const Policy& policy, const glob::PathSet& paths);
/// A name pattern, quoted where it has to be.
std::string spell(const NamePattern& names);
/// The rule as a statement: `deny read ~/.ssh`. This is `Rule::text` of every rule.
std::string spell(const Policy& policy, const Rule& rule);

}  // namespace srt::ir
