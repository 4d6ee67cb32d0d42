#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/settings/settings.h"
#include "compiler/ir/policy.h"
#include "compiler/source/source.h"

namespace srt::settings {

/// What the two lowerings share: where rules go and problems are reported.
class RuleWriter {
 public:
  RuleWriter(const SourceSet& sources, ir::Policy& policy, Diagnostics& diagnostics)
      : sources_(sources), policy_(policy), diagnostics_(diagnostics) {}

  const SourceSet& sources() const { return sources_; }
  ir::Policy& policy() { return policy_; }
  Diagnostics& diagnostics() { return diagnostics_; }

  /// Appends a rule about paths.
  void add(Effect effect, ir::Operation operation, glob::PathSet paths, Span origin);

  /// Appends a rule about unix sockets, variables, services or ports.
  void add(Effect effect, ir::Operation operation, ir::Subject subject, Span origin,
           Targets targets);

  /// Appends an option. What it opens, and whether it can be honoured, is the targets' business.
  void add_option(ir::OptionKind kind, std::string value, Span origin);

  /// Appends a `deny connect` rule for an address or a range of addresses, IPv6 ones without
  /// brackets; an entry that is none is reported.
  void add_address(const JsonValue& entry);

  /// Appends a `connect` rule for an entry of a domain list; an entry that is none is reported.
  void add_domain(Effect effect, const JsonValue& entry, std::string because = {});

 private:
  void append(ir::Rule rule);

  const SourceSet& sources_;
  ir::Policy& policy_;
  Diagnostics& diagnostics_;
};

/// The rules that the npm package's settings mean. Modules they use are added to `sources`.
void lower_npm(const Settings& settings, SourceSet& sources, RuleWriter& out);

/// The rules that the Rust port's settings mean.
void lower_rust_port(const Settings& settings, RuleWriter& out);

}  // namespace srt::settings
