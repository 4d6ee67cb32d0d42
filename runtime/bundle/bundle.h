#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/hosts/host_policy.h"
#include "runtime/base/operation.h"
#include "runtime/base/result.h"
#include "runtime/base/sha256.h"
#include "runtime/bundle/parameters.h"
#include "runtime/bundle/path_table.h"

namespace srt {

/// A compiled policy: everything that can be decided before the run. What each part means is said
/// where its type is declared.
struct Bundle {
  struct Rule {
    Effect effect;
    Operation operation;
    bool existing = false;
    std::string text;                      ///< as a statement of the policy language
    std::string origin;                    ///< `FILE:LINE:COL`, FILE as given to the compiler
    std::string because;                   ///< may be empty
    std::optional<net::HostPattern> host;  ///< of a connect rule
  };

  /// The seccomp program for one architecture, each instruction a `struct sock_filter`.
  struct Filter {
    std::string arch;  ///< as `uname -m` prints it
    std::vector<std::uint64_t> instructions;
  };

  std::string compiler_version;
  std::string name;  ///< the policy's; may be empty
  std::vector<Parameter> parameters;
  std::vector<Template> anchors;
  std::array<Effect, kOperations.size()> defaults{};  ///< by Operation
  std::vector<Rule> rules;
  PathTable paths;
  std::vector<std::pair<std::string, std::string>> variables;  ///< set for the command
  std::vector<TmpCandidate> tmp_candidates;                    ///< tried before `TMPDIR`
  std::vector<Filter> filters;
  std::optional<std::string> seatbelt;  ///< none where the policy was compiled for Linux alone
  std::vector<std::pair<std::string, Template>> seatbelt_parameters;  ///< `-D NAME=…`

  /// The rules about hosts, as the proxy takes them.
  net::HostPolicy host_policy() const;
  /// Whether any rule lets anything out of the sandbox.
  bool allows_network() const;
};

/// Reads a `.srtb` file's bytes. Nothing of the payload is looked at before versions and digest are
/// right and its structure is verified; then every number is checked against what it counts. Errors
/// are one line and say what to do: not a bundle, truncated, damaged, too old, too new.
Result<Bundle> read_bundle(std::string_view bytes);

/// The digest in a bundle's header, without checking it; `bytes` is at least a header.
Sha256Digest stored_digest(std::string_view bytes);

}  // namespace srt
