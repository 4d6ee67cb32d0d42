#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/glob/pattern.h"

/// Patterns in Seatbelt's regex dialect: POSIX extended over bytes, without intervals, character
/// classes by name, look-around or lazy operators. Names on macOS are valid UTF-8 (APFS and HFS+
/// refuse others with EILSEQ); over such names the regexes match exactly what the atoms do.
namespace srt::seatbelt {

/// Whether letters match as written or without regard to case. Volumes are usually
/// case-insensitive, so a deny that holds for one spelling has to hold for all.
enum class Letters : std::uint8_t { exact, folded };

/// A regex cut into pieces, each a regex by itself: one that begins with the same pieces as another
/// can be written together with it.
using Pieces = std::vector<std::string>;

/// The piece that `**` is.
inline constexpr std::string_view kAnySegments = "(/[^/]+)*";

/// What these atoms match, without anchors.
Pieces pieces_of(std::span<const glob::Atom> atoms, Letters letters);
std::string regex_of(std::span<const glob::Atom> atoms, Letters letters);

/// The atoms with every piece that has more than one spelling on disk widened to "at least one
/// character": text outside ASCII, which may be composed or decomposed and in either case, together
/// with the letter that a combining mark stands on. The same atoms when there is no such piece.
std::vector<glob::Atom> widen_names(std::span<const glob::Atom> atoms);

/// Whether folding would change how this text is matched.
bool has_letters(std::string_view text);

}  // namespace srt::seatbelt
