#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/language/ast.h"
#include "compiler/frontend/language/path_pattern.h"
#include "compiler/ir/policy.h"
#include "runtime/bundle/parameters.h"

namespace srt::language {

/// The parameters that one file can name: those it declares and the built-in ones. A declared one
/// without a type stands for a path; where the file has it only inside patterns, for a single name.
class ParameterScope {
 public:
  ParameterScope(ir::Policy& policy, Diagnostics& diagnostics)
      : policy_(policy), diagnostics_(diagnostics) {}

  /// Adds a declaration. Reports a name that is taken or cannot be one.
  void declare(const ast::ParameterDeclaration& declaration);

  /// Takes note of how a pattern uses declared parameters. All patterns of the file come before
  /// `define`.
  void note(const PathSpelling& spelling);

  /// Adds the declared parameters to the policy, with their defaults.
  void define();

  /// Counts the parameters that `text` names as used: what is expected is read at run time.
  void note_text(std::string_view text);

  /// Warns of declared parameters that nothing uses.
  void report_unused();

  /// The pattern in the policy, its directory an anchor of it. An `allow` glob matches what it
  /// spells, a deny everything beneath as well. Nothing after an error, which is reported.
  std::optional<glob::PathPattern> resolve(const PathSpelling& spelling, Effect effect);

  /// The pattern of a rule about hosts or ports (`connect`, `bind`) in which parameters of these
  /// types stand. Nothing after an error, which is reported.
  std::optional<Template> resolve(const ast::Word& pattern, ir::Operation operation);

 private:
  struct Declared {
    ast::ParameterDeclaration declaration;
    bool used_as_path = false;
    bool used_as_name = false;
    std::optional<PathSpelling> fallback;  ///< of a path
    bool defined = false;
    bool used = false;
    std::optional<Parameter::Type> written_type = {};

    Parameter::Type type() const {
      if (written_type) return *written_type;
      return used_as_name && !used_as_path ? Parameter::Type::text : Parameter::Type::path;
    }
  };

  Declared* find(std::string_view name);
  bool read_type(const ast::ParameterDeclaration& declaration, Declared& declared);
  void read_fallback(Declared& declared);
  std::optional<Template> net_fallback_of(const Declared& declared);
  std::optional<ParameterId> look_up_net(const ParameterUse& use);
  std::optional<Template> fallback_of(const Declared& declared);
  std::optional<Template> directory_of(const PathSpelling& spelling);
  std::optional<ParameterId> look_up(const ParameterUse& use, Parameter::Type wanted);
  void report_unknown(const ParameterUse& use);

  ir::Policy& policy_;
  Diagnostics& diagnostics_;
  std::vector<Declared> declared_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace srt::language
