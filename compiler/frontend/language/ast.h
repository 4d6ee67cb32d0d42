#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/ir/policy.h"
#include "compiler/source/source.h"
#include "runtime/base/effect.h"
#include "runtime/base/target.h"

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

/// `param branch: text = main`
struct ParameterDeclaration {
  Word name;
  std::optional<Word> type;
  std::optional<Word> fallback;
};

/// `let secrets = ~/.ssh, ~/.aws`
struct Let {
  Word name;
  std::vector<Word> patterns;
};

/// `default read deny`
struct Default {
  ir::Operation operation;
  Effect effect;
};

/// `deny write /a, /b except /a/c existing because "…"`
struct RuleList {
  /// `except P, Q` or `within P`
  struct Condition {
    std::vector<Word> patterns;
    Span span;
  };

  Effect effect;
  ir::Operation operation;
  std::vector<Word> patterns;
  std::optional<Condition> except;
  std::optional<Condition> within;
  std::optional<Span> existing;
  std::optional<Span> publish;
  std::optional<Span> any_tls_name;
  std::string because;
  std::optional<ir::Acceptance> accepted;
  Span accepted_span;
};

/// `use std.protect`, `use "./team.srt"`
struct Use {
  Word module;
};

/// `within "ceiling.srt"`
struct Ceiling {
  Word file;
};

/// `set env CI = "1"`
struct SetVariable {
  Word name;
  Word value;
};

/// `limit memory 2GiB, files 1024`
struct LimitList {
  struct Entry {
    Word name;
    Word value;
  };
  std::vector<Entry> entries;
};

/// `option nested = weaker`
struct Option {
  Word name;
  std::optional<Word> value;
};

/// `expect deny read ~/.ssh/id`
struct Expect {
  Effect effect;
  ir::Operation operation;
  Word subject;
};

/// Those of a block follow each other with its targets: blocks do not nest.
struct Statement {
  Span span;
  Targets targets = Targets::all();  ///< those of the block it stands in
  bool in_block = false;
  std::variant<PolicyName, ParameterDeclaration, Let, Default, RuleList, Use, Ceiling, SetVariable,
               LimitList, Option, Expect>
      content;
};

struct File {
  std::vector<Statement> statements;
};

}  // namespace srt::language::ast
