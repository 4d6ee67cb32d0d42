#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/ir/policy.h"
#include "compiler/source/source.h"
#include "runtime/base/effect.h"

/// A policy as it was written: what each statement says, before any of it is looked up.
namespace srt::language::ast {

/// An atom, or what stands between the quotes of a string: quotes only delimit.
struct Word {
  std::string text;
  Span span;
};

/// `policy "agent"`
struct PolicyName {
  Word name;
};

/// `param project = ${cwd}`
struct ParameterDeclaration {
  Word name;
  std::optional<Word> fallback;
};

/// `default read deny`
struct Default {
  ir::Operation operation;
  Effect effect;
};

/// `deny write /a, /b existing because "…"`
struct RuleList {
  Effect effect;
  ir::Operation operation;
  std::vector<Word> patterns;
  std::optional<Span> existing;
  std::string because;
};

/// `use std.protect`
struct Use {
  Word module;
};

struct Statement {
  Span span;
  std::variant<PolicyName, ParameterDeclaration, Default, RuleList, Use> content;
};

struct File {
  std::vector<Statement> statements;
};

}  // namespace srt::language::ast
