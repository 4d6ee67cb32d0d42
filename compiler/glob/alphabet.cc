#include "compiler/glob/alphabet.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <vector>

namespace srt::glob {
namespace {

// What the patterns of a compilation look at.
struct Interest {
  std::bitset<256> literal;  // bytes that some pattern names
  std::vector<const CharacterSet*> sets;
  bool decodes = false;            // some pattern counts characters
  bool divides_non_ascii = false;  // some set holds a part of the characters beyond ASCII

  void add(const PathPattern& pattern) {
    for (const Atom& atom : pattern.atoms) {
      for (const char c : atom.bytes) literal.set(static_cast<unsigned char>(c));
      if (atom.kind == Atom::Kind::character) decodes = true;
      if (atom.kind != Atom::Kind::set) continue;
      decodes = decodes || !atom.set.is_ascii();
      const bool is_known = std::any_of(sets.begin(), sets.end(),
                                        [&](const CharacterSet* set) { return *set == atom.set; });
      if (!is_known) sets.push_back(&atom.set);
      for (const auto& [from, to] : atom.set.ranges) {
        if (to >= 0x80 && (from > 0x80 || to < kMaxCodePoint)) divides_non_ascii = true;
      }
    }
  }
};

// Where UTF-8 decoding starts to treat bytes otherwise (RFC 3629): continuation bytes by the ranges
// that some lead restricts its second byte to, leads by length and by that restriction.
constexpr unsigned char kUtf8Boundaries[] = {0x80, 0x90, 0xA0, 0xC0, 0xC2, 0xE0, 0xE1,
                                             0xED, 0xEE, 0xF0, 0xF1, 0xF4, 0xF5};

// The bytes in classes that some patterns do not tell apart, numbered by their first bytes.
class Classes {
 public:
  // Takes each class apart into the bytes of which `holds` and those of which it does not.
  template <typename F>
  void divide(F&& holds) {
    std::array<std::uint16_t, kBytes> apart{};  // by class: the number of its bytes that are taken
    std::uint16_t next = kBytes;
    for (unsigned b = 0; b < kBytes; ++b) {
      if (!holds(b)) continue;
      std::uint16_t& number = apart[class_of_[b]];
      if (number == 0) number = next++;
      class_of_[b] = number;
    }
    renumber();
  }

  // Gives each byte of which `holds` a class of its own.
  template <typename F>
  void isolate(F&& holds) {
    for (unsigned b = 0; b < kBytes; ++b) {
      if (holds(b)) class_of_[b] = static_cast<std::uint16_t>(kBytes + b);
    }
    renumber();
  }

  std::uint8_t of(unsigned b) const { return static_cast<std::uint8_t>(class_of_[b]); }

 private:
  static constexpr unsigned kBytes = 256;

  void renumber() {
    std::array<std::uint16_t, 2 * kBytes> known{};  // from 1
    std::uint16_t count = 0;
    for (std::uint16_t& number : class_of_) {
      std::uint16_t& fresh = known[number];
      if (fresh == 0) fresh = ++count;
      number = static_cast<std::uint16_t>(fresh - 1);
    }
  }

  std::array<std::uint16_t, kBytes> class_of_{};
};

Classes classes_of(const Interest& interest) {
  Classes out;
  if (interest.decodes) {
    for (const unsigned boundary : kUtf8Boundaries) {
      out.divide([&](unsigned b) { return b >= boundary; });
    }
  }
  // A stray byte of the upper half is in the same sets as any other: they are not divided there.
  for (const CharacterSet* set : interest.sets) {
    out.divide([&](unsigned b) { return set->contains(b < 0x80 ? b : kInvalidByte + b); });
  }
  out.isolate([&](unsigned b) {
    return interest.literal[b] || b == '/' || b == 0 || (b >= 0x80 && interest.divides_non_ascii);
  });
  return out;
}

bool is_pleasant(unsigned b) { return (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9'); }

}  // namespace

Alphabet::Alphabet(std::span<const PathSet* const> sets, std::size_t anchor_count)
    : class_of_{}, representative_{}, mark_count_(static_cast<std::uint32_t>(anchor_count)) {
  Interest interest;
  for (const PathSet* set : sets) {
    interest.add(set->pattern);
    for (const PathPattern& except : set->except) interest.add(except);
    if (set->within) interest.add(*set->within);
  }
  const Classes classes = classes_of(interest);
  std::size_t count = 0;
  for (unsigned b = 0; b < 256; ++b) {
    class_of_[b] = classes.of(b);
    const bool is_new = class_of_[b] == count;
    if (is_new) ++count;
    unsigned char& shown = representative_[class_of_[b]];
    if (is_new || (is_pleasant(b) && !is_pleasant(shown))) shown = static_cast<unsigned char>(b);
  }
  class_count_ = static_cast<std::uint32_t>(count);
}

std::vector<Alphabet::Symbol> Alphabet::symbols_in(const Alphabet& coarser) const {
  std::vector<Symbol> out;
  for (Symbol symbol = 0; symbol < size(); ++symbol) {
    out.push_back(is_mark(symbol) ? coarser.mark(symbol - class_count())
                                  : coarser.byte(representative(symbol)));
  }
  return out;
}

}  // namespace srt::glob
