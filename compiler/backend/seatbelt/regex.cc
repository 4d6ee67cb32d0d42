#include "compiler/backend/seatbelt/regex.h"

#include <algorithm>
#include <array>
#include <bitset>

#include "runtime/base/utf8.h"

namespace srt::seatbelt {
namespace {

using glob::Atom;
using glob::CharacterSet;
using glob::CodePoint;

constexpr CodePoint kFirstNonAscii = 0x80;
constexpr CodePoint kLastCharacter = 0x10FFFF;

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// Of an ASCII letter: the two cases differ in one bit.
char other_case(char c) { return static_cast<char>(c ^ 0x20); }
char lower(char c) { return static_cast<char>(c | 0x20); }

// The characters outside ASCII that fold to an ASCII letter (CaseFolding.txt of Unicode, status C).
std::string_view folds_to(char lower_letter) {
  if (lower_letter == 'k') return "\u212A";  // KELVIN SIGN
  if (lower_letter == 's') return "\u017F";  // LATIN SMALL LETTER LONG S
  return {};
}

void append_literal(std::string& out, char c, Letters letters) {
  constexpr std::string_view kSyntax = "\\.[(){*+?^$|";
  if (letters == Letters::folded && is_letter(c)) {
    const std::string both = std::string("[") + lower(c) + other_case(lower(c)) + ']';
    const std::string_view other = folds_to(lower(c));
    out += other.empty() ? both : '(' + both + '|' + std::string(other) + ')';
    return;
  }
  if (kSyntax.find(c) != std::string_view::npos) out += '\\';
  out += c;
}

// One ASCII character of `members` as alternatives. Characters that are syntax inside a bracket
// expression stand outside it, because engines differ in how they escape there.
void add_ascii(std::vector<std::string>& alternatives, const std::bitset<128>& members,
               std::string_view more_in_bracket) {
  constexpr std::string_view kBracketSyntax = "[]^-\\";
  std::string bracket;
  for (std::size_t c = 1; c < members.size(); ++c) {
    if (!members[c]) continue;
    if (kBracketSyntax.find(static_cast<char>(c)) != std::string_view::npos) {
      std::string text;
      append_literal(text, static_cast<char>(c), Letters::exact);
      alternatives.push_back(std::move(text));
      continue;
    }
    std::size_t last = c;
    while (last + 1 < members.size() && members[last + 1]) ++last;
    while (kBracketSyntax.find(static_cast<char>(last)) != std::string_view::npos) --last;
    bracket += static_cast<char>(c);
    if (last > c + 1) bracket += '-';
    if (last > c) bracket += static_cast<char>(last);
    // What the range leaves out at its end comes next; what it covers is done.
    c = last;
  }
  bracket += more_in_bracket;
  if (!bracket.empty()) alternatives.push_back('[' + bracket + ']');
}

void append_byte_range(std::string& out, char from, char to) {
  if (from == to) {
    out += from;
  } else {
    out += std::string{'[', from, '-', to, ']'};
  }
}

// The encodings of a range of characters outside ASCII, as sequences of byte ranges: the range is
// cut until every byte of its first and last encoding varies alone.
void add_utf8(std::vector<std::string>& alternatives, CodePoint from, CodePoint to) {
  constexpr std::array<CodePoint, 3> kLastOfLength = {0x7FF, 0xFFFF, kLastCharacter};
  for (const CodePoint limit : kLastOfLength) {
    if (from <= limit && limit < to) {
      add_utf8(alternatives, from, limit);
      add_utf8(alternatives, limit + 1, to);
      return;
    }
  }
  for (const CodePoint low_bits : {0x3FU, 0xFFFU, 0x3FFFFU}) {
    if ((from & ~low_bits) == (to & ~low_bits)) continue;
    if ((from & low_bits) != 0) {
      add_utf8(alternatives, from, from | low_bits);
      add_utf8(alternatives, (from | low_bits) + 1, to);
      return;
    }
    if ((to & low_bits) != low_bits) {
      add_utf8(alternatives, from, (to & ~low_bits) - 1);
      add_utf8(alternatives, to & ~low_bits, to);
      return;
    }
  }
  std::string first;
  std::string last;
  append_utf8(first, from);
  append_utf8(last, to);
  std::string sequence;
  for (std::size_t i = 0; i < first.size(); ++i) append_byte_range(sequence, first[i], last[i]);
  alternatives.push_back(std::move(sequence));
}

// Whether the set holds every character outside ASCII.
bool has_all_non_ascii(const CharacterSet& set) {
  CodePoint next = kFirstNonAscii;
  for (const auto& [from, to] : set.ranges) {
    if (from <= next && to >= next) next = to + 1;
  }
  return next > kLastCharacter;
}

bool has_non_ascii(const CharacterSet& set) {
  return std::any_of(set.ranges.begin(), set.ranges.end(), [](const auto& range) {
    return range.second >= kFirstNonAscii && range.first <= kLastCharacter;
  });
}

// A negated set stays as written: folding would take its exceptions away.
std::string regex_of_set(const CharacterSet& set, Letters letters) {
  std::bitset<128> ascii;
  for (const auto& [from, to] : set.ranges) {
    for (CodePoint c = from; c <= to && c < kFirstNonAscii; ++c) ascii.set(c);
  }
  const bool negated = has_all_non_ascii(set);
  if (letters == Letters::folded && !negated) {
    for (char c = 'a'; c <= 'z'; ++c) {
      const auto small = static_cast<std::size_t>(c);
      const auto capital = static_cast<std::size_t>(other_case(c));
      ascii[small] = ascii[capital] = ascii[small] || ascii[capital];
    }
  }
  std::vector<std::string> alternatives;
  if (negated) {
    // A lead byte and what continues it; an ASCII character has nothing that continues it.
    add_ascii(alternatives, ascii, "\xC2-\xF4");
    alternatives.back() += "[\x80-\xBF]*";
  } else {
    add_ascii(alternatives, ascii, {});
    if (letters == Letters::folded) {
      for (const char c : {'k', 's'}) {
        if (ascii[static_cast<std::size_t>(c)]) alternatives.emplace_back(folds_to(c));
      }
    }
    for (const auto& [from, to] : set.ranges) {
      if (to >= kFirstNonAscii && from <= kLastCharacter) {
        add_utf8(alternatives, std::max(from, kFirstNonAscii), std::min(to, kLastCharacter));
      }
    }
  }
  // A set of bytes that are part of no character has no member among real names; a NUL is in none
  // either, and "one character that is no character" has no other spelling.
  if (alternatives.empty()) return "[^\x01-\xFF]";
  if (alternatives.size() == 1) return alternatives[0];
  std::string out = "(";
  for (std::size_t i = 0; i < alternatives.size(); ++i) out += (i ? "|" : "") + alternatives[i];
  return out + ')';
}

// Whether what follows this atom is the beginning of a name.
bool starts_component(const Atom& atom) {
  return atom.kind == Atom::Kind::literal && atom.bytes.back() == '/';
}

// Whether these atoms match nothing up to where the component ends. No name is empty, but the root
// directory's path ends in a `/`.
bool may_be_empty(std::span<const Atom> atoms) {
  for (const Atom& atom : atoms) {
    if (atom.kind == Atom::Kind::segments) return true;
    if (atom.kind == Atom::Kind::literal) return atom.bytes.front() == '/';
    if (atom.kind != Atom::Kind::run && atom.kind != Atom::Kind::text) return false;
  }
  return true;
}

// Whether the character that starts here combines with the one before it.
bool is_combining(std::string_view bytes, std::size_t at) {
  constexpr std::array<std::pair<CodePoint, CodePoint>, 5> kBlocks = {
      {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F}}};
  const CodePoint c = decode_utf8(bytes, at).code_point;
  return std::any_of(kBlocks.begin(), kBlocks.end(),
                     [&](const auto& block) { return block.first <= c && c <= block.second; });
}

void append_any_text(std::vector<Atom>& out) {
  out.push_back({Atom::Kind::character});
  out.push_back({Atom::Kind::run});
}

void append_widened(std::vector<Atom>& out, std::string_view bytes) {
  std::string ascii;
  const auto flush = [&] {
    if (!ascii.empty()) out.push_back({Atom::Kind::literal, ascii});
    ascii.clear();
  };
  for (std::size_t i = 0; i < bytes.size();) {
    if (is_ascii(bytes[i])) {
      ascii += bytes[i++];
      continue;
    }
    if (is_combining(bytes, i) && !ascii.empty() && ascii.back() != '/') ascii.pop_back();
    flush();
    append_any_text(out);
    while (i < bytes.size() && !is_ascii(bytes[i])) ++i;
  }
  flush();
}

}  // namespace

Pieces pieces_of(std::span<const Atom> atoms, Letters letters) {
  Pieces out;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const Atom& atom = atoms[i];
    const bool must_have_text =
        i > 0 && starts_component(atoms[i - 1]) && may_be_empty(atoms.subspan(i));
    switch (atom.kind) {
      case Atom::Kind::literal:
        for (const char c : atom.bytes) append_literal(out.emplace_back(), c, letters);
        break;
      case Atom::Kind::character:
        out.emplace_back("[^/\x80-\xBF][\x80-\xBF]*");
        break;
      case Atom::Kind::set:
        out.push_back(regex_of_set(atom.set, letters));
        break;
      case Atom::Kind::run:
        out.emplace_back(must_have_text ? "[^/]+" : "[^/]*");
        break;
      case Atom::Kind::segments:
        out.emplace_back(kAnySegments);
        break;
      case Atom::Kind::text:
        // Not `.`, which may leave out newlines.
        out.emplace_back(must_have_text ? "[^/]([^/]|/)*" : "([^/]|/)*");
        break;
    }
  }
  return out;
}

std::string regex_of(std::span<const Atom> atoms, Letters letters) {
  std::string out;
  for (const std::string& piece : pieces_of(atoms, letters)) out += piece;
  return out;
}

std::vector<Atom> widen_names(std::span<const Atom> atoms) {
  std::vector<Atom> out;
  for (const Atom& atom : atoms) {
    if (atom.kind == Atom::Kind::literal) {
      append_widened(out, atom.bytes);
    } else if (atom.kind == Atom::Kind::set && has_non_ascii(atom.set) &&
               !has_all_non_ascii(atom.set)) {
      append_any_text(out);
    } else {
      out.push_back(atom);
    }
  }
  return out;
}

bool has_letters(std::string_view text) { return std::any_of(text.begin(), text.end(), is_letter); }

}  // namespace srt::seatbelt
