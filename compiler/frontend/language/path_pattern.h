#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/glob/pattern.h"
#include "compiler/source/source.h"

namespace srt::language {

/// `${name}` where it stands; also `~`, and the working directory that a relative pattern starts
/// at.
struct ParameterUse {
  std::string name;
  Span span;
};

/// One path pattern as it is spelled, folded, before its parameters are looked up.
struct PathSpelling {
  /// A segment that is a parameter, and the literal text before it: `/home/` of `/home/${user}`.
  struct NamedSegment {
    std::string before;
    ParameterUse name;
  };

  std::optional<ParameterUse> start;  ///< the directory it starts from: none is `/`
  std::uint32_t parents = 0;          ///< how many steps up from `start`
  std::vector<NamedSegment> named;    ///< from there, as far as parameters go
  std::vector<glob::Atom> atoms;      ///< what follows
  bool beneath = false;               ///< spelled as a plain path, or with `/**` at its end

  bool is_plain() const;
};

/// Reads the text of a path pattern, one spelling for each alternative of its braces. What is wrong
/// is reported at its exact place, one problem for each pattern; the result is then empty.
std::vector<PathSpelling> parse_path_pattern(std::string_view text, Span span,
                                             Diagnostics& diagnostics);

/// What to write instead of a `$name` that is no list.
std::string help_for_dollar(std::string_view name);

}  // namespace srt::language
