#include "compiler/glob/alphabet.h"

#include <algorithm>
#include <bitset>
#include <map>
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
      sets.push_back(&atom.set);
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

// Two bytes with equal signatures are alike to every pattern.
std::vector<unsigned> signature(const Interest& interest, unsigned b) {
  if (interest.literal[b] || b == '/' || b == 0) return {0, b};
  if (b >= 0x80 && interest.divides_non_ascii) return {0, b};
  std::vector<unsigned> out = {1};
  if (b >= 0x80 && interest.decodes) {
    out.push_back(
        *std::prev(std::upper_bound(std::begin(kUtf8Boundaries), std::end(kUtf8Boundaries), b)));
  }
  // A stray byte of the upper half is in the same sets as any other: they are not divided there.
  for (const CharacterSet* set : interest.sets) {
    out.push_back(set->contains(b < 0x80 ? b : kInvalidByte + b) ? 1 : 0);
  }
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
  std::map<std::vector<unsigned>, std::uint8_t> classes;
  for (unsigned b = 0; b < 256; ++b) {
    const auto [entry, added] =
        classes.try_emplace(signature(interest, b), static_cast<std::uint8_t>(classes.size()));
    class_of_[b] = entry->second;
    unsigned char& shown = representative_[entry->second];
    if (added || (is_pleasant(b) && !is_pleasant(shown))) shown = static_cast<unsigned char>(b);
  }
  class_count_ = static_cast<std::uint32_t>(classes.size());
}

}  // namespace srt::glob
