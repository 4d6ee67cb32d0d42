#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/bundle/parameters.h"

/// Path patterns as data. A path is read as a word of bytes: "" is the root directory, "/a/b" the
/// file b in a. Which text spells which pattern is a dialect's business.
namespace srt::glob {

/// Names an anchor: a directory known at launch that patterns start from, an index in the policy's
/// list of anchors.
using AnchorId = std::uint32_t;

/// Code points, with bytes 0x80..0xFF that are part of no UTF-8 character as kInvalidByte + byte.
using CodePoint = std::uint32_t;
inline constexpr CodePoint kInvalidByte = 0x110000;
inline constexpr CodePoint kMaxCodePoint = kInvalidByte + 0xFF;

/// A set of characters: inclusive ranges, sorted, disjoint. Never contains `/`.
struct CharacterSet {
  std::vector<std::pair<CodePoint, CodePoint>> ranges;

  bool contains(CodePoint c) const;
  /// Whether all its characters are of ASCII. Each is one byte then, whatever stands beside it.
  bool is_ascii() const { return ranges.empty() || ranges.back().second < 0x80; }

  friend bool operator==(const CharacterSet&, const CharacterSet&) = default;
};

/// One step of a pattern.
struct Atom {
  enum class Kind : std::uint8_t {
    literal,    ///< these bytes; `/` separates components
    character,  ///< `?`: one character, never `/`
    set,        ///< `[…]`: one character of a set
    run,        ///< `*`: any bytes but `/`, none included
    segments,   ///< `**` as a whole segment: zero or more times `/` and a component
    text,       ///< `**` beside text, in the settings' dialect: any bytes, `/` included
  };

  Kind kind;
  std::string bytes = {};  ///< of a literal: not empty, no NUL
  CharacterSet set = {};   ///< of a set

  friend bool operator==(const Atom&, const Atom&) = default;
};

/// A pattern: from an anchor, or from the root directory, these atoms one after the other, and with
/// `subtree` also everything beneath what they match. No atoms and no anchor is the root directory.
/// Adjacent literals are merged; every component starts with its own `/`.
struct PathPattern {
  std::optional<AnchorId> anchor;
  std::vector<Atom> atoms;
  bool subtree = false;

  /// Whether no atom is a wildcard.
  bool is_plain() const;

  friend bool operator==(const PathPattern&, const PathPattern&) = default;
};

/// The bytes that every path of a pattern begins with, behind the directory of its anchor.
std::string_view first_literal(const PathPattern& pattern);

/// The set of paths a rule speaks of: what `pattern` matches,
/// - minus, for each of `except`, the paths at or below a match of its atoms that `pattern` matches
///   too (an entry that the pattern covers only in part is not excepted);
/// - with `within`, only where a match of that pattern's atoms lies strictly above the match of
///   this pattern's own atoms.
struct PathSet {
  PathPattern pattern;
  std::vector<PathPattern> except;
  std::optional<PathPattern> within;

  friend bool operator==(const PathSet&, const PathSet&) = default;
};

}  // namespace srt::glob
