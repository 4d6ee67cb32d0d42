#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "compiler/glob/pattern.h"

namespace srt::glob {

/// What automata read: classes of bytes that no pattern of the set tells apart, then one mark for
/// each anchor. A mark has no width: it stands in a path where that anchor's directory ends.
class Alphabet {
 public:
  using Symbol = std::uint32_t;

  /// The coarsest alphabet that can tell apart what these sets do, for patterns that start from
  /// anchors 0 … `anchor_count` - 1.
  Alphabet(std::span<const PathSet* const> sets, std::size_t anchor_count);

  Symbol byte(unsigned char b) const { return class_of_[b]; }
  Symbol mark(AnchorId anchor) const { return class_count_ + anchor; }
  bool is_mark(Symbol symbol) const { return symbol >= class_count_; }

  std::uint32_t class_count() const { return class_count_; }
  std::uint32_t mark_count() const { return mark_count_; }
  std::uint32_t size() const { return class_count_ + mark_count_; }
  const std::array<std::uint8_t, 256>& classes() const { return class_of_; }

  /// For each symbol the one of `coarser` that has its bytes and more.
  std::vector<Symbol> symbols_in(const Alphabet& coarser) const;

  /// Some byte of a class; a printable one where there is one.
  unsigned char representative(Symbol symbol) const { return representative_[symbol]; }

 private:
  std::array<std::uint8_t, 256> class_of_;
  std::array<unsigned char, 256> representative_;
  std::uint32_t class_count_;
  std::uint32_t mark_count_;
};

}  // namespace srt::glob
