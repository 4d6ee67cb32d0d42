#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/verify/sbpl/formula.h"

/// Strings of a profile in which directories are left open.
namespace srt::verify::sbpl {

struct Text {
  struct Piece {
    enum class Kind : std::uint8_t {
      literal,    ///< `text`
      directory,  ///< of `anchor`, without a trailing `/`: "" for the root directory
      quoted,     ///< the same, quoted for a regex
      parameter,  ///< as the launcher passes it under the name `text`
    };
    Kind kind;
    std::string text = {};
    glob::AnchorId anchor = 0;

    friend bool operator==(const Piece&, const Piece&) = default;
  };
  std::vector<Piece> pieces;  ///< no literal is empty or stands beside another

  static Text literal(std::string text);
  void append(const Text& other);
  bool is_empty() const { return pieces.empty(); }
  bool is_literal() const {
    return pieces.empty() || (pieces.size() == 1 && pieces[0].kind == Piece::Kind::literal);
  }
  /// What it is, where it is a literal.
  std::string as_literal() const { return pieces.empty() ? std::string() : pieces[0].text; }

  friend bool operator==(const Text&, const Text&) = default;
};

/// The same for equal texts.
std::string spell(const Text& text);

/// A path: a canonical one, or a directory and what may follow it.
struct PathText {
  std::optional<glob::AnchorId> anchor;
  std::string text;

  glob::PathPattern pattern(bool is_subtree) const;
};
/// Nothing where the text is none.
std::optional<PathText> path_of(const Text& text);

/// Where the paths are alike, as far as what lies in one of them tells.
Result<FormulaPtr> is_equal(const PathText& a, const PathText& b, Leaves& leaves);
/// Where `a` lies strictly below `b`, as far as what lies in `a` tells.
Result<FormulaPtr> is_below(const PathText& a, const PathText& b, Leaves& leaves);
/// Where `a` has more bytes than `b`, as far as what lies in both tells.
Result<FormulaPtr> is_longer(const PathText& a, const PathText& b, Leaves& leaves);

}  // namespace srt::verify::sbpl
