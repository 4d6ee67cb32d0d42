#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "proxy/hosts/host_policy.h"
#include "runtime/base/limit.h"
#include "runtime/base/name_pattern.h"
#include "runtime/base/operation.h"
#include "runtime/base/result.h"
#include "runtime/base/sha256.h"
#include "runtime/base/target.h"
#include "runtime/bundle/parameters.h"
#include "runtime/bundle/path_table.h"

namespace srt {

/// Ports that one run publishes, at two descriptors each.
inline constexpr std::size_t kMaxPublishedPorts = 64;

/// A compiled policy: everything that can be decided before the run. What each part means is said
/// where its type is declared.
struct Bundle {
  struct Rule {
    Effect effect;
    Operation operation;
    bool existing = false;
    std::string text;     ///< as a statement of the policy language
    std::string origin;   ///< `FILE:LINE:COL`, FILE as given to the compiler
    std::string because;  ///< may be empty
    /// What it speaks of, but for paths: those are in the automata. A template is the spelling of
    /// hosts or ports that name parameters, until `settle`.
    std::variant<std::monostate, net::HostPattern, net::PortRange, NamePattern, Template> subject =
        {};
    Targets targets = Targets::all();
    bool any_tls_name = false;  ///< of an allow of `connect`: see net::HostRule
    bool publish = false;       ///< of an allow of `bind`: the host's loopback leads there too

    const net::PortRange* ports() const { return std::get_if<net::PortRange>(&subject); }
    const net::HostPattern* host() const { return std::get_if<net::HostPattern>(&subject); }
    bool is_settled() const { return !std::holds_alternative<Template>(subject); }
    const NamePattern* names() const { return std::get_if<NamePattern>(&subject); }
  };

  /// A variable that the command gets.
  struct Variable {
    std::string name;
    std::string value;
    Targets targets = Targets::all();

    friend bool operator==(const Variable&, const Variable&) = default;
  };

  /// The seccomp program for one architecture, each instruction a `struct sock_filter`.
  struct Filter {
    std::string arch;  ///< as `uname -m` prints it
    std::vector<std::uint64_t> instructions;
  };

  /// The proxies that connections leave through.
  struct WaysOut {
    std::string upstream;          ///< URL of an HTTP proxy, credentials included; may be empty
    std::string no_proxy;          ///< hosts reached without it, as DirectHosts reads them
    std::uint16_t http_port = 0;   ///< of the caller's own HTTP proxy on this host; 0 for none
    std::uint16_t socks_port = 0;  ///< likewise for SOCKS
  };

  /// What the policy's author expects of a path on Linux.
  struct Expectation {
    Effect effect;
    Operation operation;
    std::string subject;  ///< as written
    std::string origin;   ///< as of rules
  };

  std::string compiler_version;
  std::string name;  ///< the policy's; may be empty
  std::vector<Parameter> parameters;
  std::vector<Template> anchors;
  std::array<Effect, kOperations.size()> defaults{};  ///< by Operation
  std::vector<Rule> rules;
  PathTable paths;
  PathTable sockets;  ///< the rules about unix sockets' paths, in the place of `read`
  std::vector<Variable> variables;
  Limits limits{};                           ///< those that hold on Linux
  std::vector<TmpCandidate> tmp_candidates;  ///< tried before `TMPDIR`
  std::vector<Filter> filters;
  std::optional<std::string> seatbelt;  ///< none where the policy was compiled for Linux alone
  std::vector<std::pair<std::string, Template>> seatbelt_parameters;  ///< `-D NAME=…`
  WaysOut ways_out;                                                   ///< on Linux
  bool nested_namespaces = false;  ///< user namespaces may be made inside, on Linux
  std::vector<Expectation> expectations;
  /// Whether every rule that names have to be guarded for accepts that they are not, where the
  /// kernel cannot.
  bool accepts_no_guard = false;

  Effect default_of(Operation operation) const {
    return defaults[static_cast<std::size_t>(operation)];
  }

  /// Fills the values of parameters into the rules about hosts and ports. To be done before any of
  /// them is asked; an error names the rule and the value that does not fit in it.
  Status settle(const ParameterValues& values);

  /// The last rule on `target` whose pattern is one over names and matches, nothing where none
  /// does.
  std::optional<std::uint32_t> name_rule(Operation operation, std::string_view subject,
                                         Target target) const;
  /// Whether the command gets the caller's `variable`.
  bool passes_variable(std::string_view variable, Target target) const;

  /// The rules about hosts, as the proxy takes them. One that is not settled denies everything.
  net::HostPolicy host_policy(Target target = Target::linux) const;
  /// Whether any rule lets anything out of the sandbox.
  bool allows_network(Target target = Target::linux) const;
};

/// Whether a lane's rules cover what exists when the run starts only. Rules that do and rules that
/// do not never share one.
bool lane_is_existing(const Bundle& bundle, const PathTable::Lane& lane);

/// Reads a `.srtb` file's bytes. Nothing of the payload is looked at before versions and digest are
/// right and its structure is verified; then every number is checked against what it counts. Errors
/// are one line and say what to do: not a bundle, truncated, damaged, too old, too new.
Result<Bundle> read_bundle(std::string_view bytes);

/// The digest in a bundle's header, without checking it; `bytes` is at least a header.
Sha256Digest stored_digest(std::string_view bytes);

}  // namespace srt
