#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "compiler/verify/path_rules.h"
#include "compiler/verify/sbpl/formula.h"

namespace srt::verify::sbpl {

/// Where a word stands: between the words that spell a path, and inside a character. Names on macOS
/// are UTF-8 (APFS and HFS+ refuse others with EILSEQ).
struct Place {
  Spelling spelling = Spelling::root;
  std::uint8_t begun = 0;  ///< a character that is not complete yet; which bytes may follow
  bool is_ended = false;   ///< a mark has ended the component

  bool is_path() const { return begun == 0 && verify::is_path(spelling); }
  std::uint32_t key() const {
    return static_cast<std::uint32_t>(spelling) << 4U | std::uint32_t{begun} << 1U |
           (is_ended ? 1U : 0U);
  }
};
/// `spelling` is `broken` where no path goes on so.
Place step(Place from, Letter letter);

/// Whether the byte is a letter of ASCII, whose two cases differ in one bit.
constexpr bool is_letter(unsigned byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/// A byte for each class that the automata of a proof do not tell apart, then all marks.
class Letters {
 public:
  /// Enough for all bytes and the directories of any policy.
  static constexpr std::size_t kMax = 512;

  explicit Letters(const Leaves& leaves);

  std::size_t size() const { return all_.size(); }
  const Letter& operator[](std::size_t i) const { return all_[i]; }
  /// The letter of a name that nothing speaks of, as far as there is one.
  std::size_t plain() const { return plain_; }
  std::size_t slash() const { return slash_; }
  /// The letters that begin characters outside ASCII, and those that continue them.
  const std::vector<std::size_t>& leads() const { return leads_; }
  const std::vector<std::size_t>& tails() const { return tails_; }

 private:
  std::vector<Letter> all_;
  std::size_t plain_ = 0;
  std::size_t slash_ = 0;
  std::vector<std::size_t> leads_;
  std::vector<std::size_t> tails_;
};

}  // namespace srt::verify::sbpl
