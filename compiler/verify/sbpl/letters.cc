#include "compiler/verify/sbpl/letters.h"

#include <algorithm>
#include <unordered_map>

namespace srt::verify::sbpl {
namespace {

// What may follow in a character that has begun: so many bytes, of which the next is restricted by
// some leads (RFC 3629).
struct Begun {
  unsigned char first;
  unsigned char last;
  std::uint8_t after;
};
constexpr std::array<Begun, 8> kBegun = {{
    {0, 0, 0},
    {0x80, 0xBF, 0},  // one more
    {0x80, 0xBF, 1},  // two more
    {0x80, 0xBF, 2},  // three more
    {0xA0, 0xBF, 1},  // after E0
    {0x80, 0x9F, 1},  // after ED
    {0x90, 0xBF, 2},  // after F0
    {0x80, 0x8F, 2},  // after F4
}};

// What the lead byte begins; nothing where it begins no character.
std::uint8_t begun_by(unsigned byte) {
  if (byte < 0xC2 || byte > 0xF4) return 0;
  switch (byte) {
    case 0xE0:
      return 4;
    case 0xED:
      return 5;
    case 0xF0:
      return 6;
    case 0xF4:
      return 7;
    default:
      return byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  }
}

// Where `begun_by` and `kBegun` treat bytes otherwise.
constexpr unsigned char kBoundaries[] = {0x80, 0x90, 0xA0, 0xC0, 0xC2, 0xE0, 0xE1,
                                         0xED, 0xEE, 0xF0, 0xF1, 0xF4, 0xF5};
// The bytes of the characters that fold to ASCII letters: U+017F and U+212A.
constexpr unsigned char kFolding[] = {0xC5, 0xBF, 0xE2, 0x84, 0xAA};

constexpr unsigned char kPlain = 0x01;

// The lower, the better it looks in a path.
int looks(unsigned byte) {
  if (byte >= 'a' && byte <= 'z') return 0;
  if (byte >= '0' && byte <= '9') return 1;
  if (byte >= 'A' && byte <= 'Z') return 2;
  return byte > ' ' && byte < 0x7F ? 3 : 4;
}

}  // namespace

Place step(Place from, Letter letter) {
  constexpr Place kBroken{Spelling::broken};
  if (from.is_ended && !letter.is_mark && letter.value != '/') return kBroken;
  if (from.begun != 0) {
    const Begun& begun = kBegun[from.begun];
    const bool goes_on =
        !letter.is_mark && begun.first <= letter.value && letter.value <= begun.last;
    return goes_on ? Place{from.spelling, begun.after} : kBroken;
  }
  const Spelling spelling = verify::step(from.spelling, letter);
  if (letter.is_mark) return {spelling, 0, spelling == Spelling::component};
  if (letter.value < 0x80) return {spelling};
  const std::uint8_t begun = begun_by(letter.value);
  return begun == 0 ? kBroken : Place{spelling, begun};
}

Letters::Letters(const Leaves& leaves) {
  // Cheap to refine: a class of all so far is told by two numbers.
  std::array<std::uint32_t, 256> classes{};
  std::uint32_t count = 1;
  std::vector<std::uint32_t> joint;
  const auto refine = [&](auto&& class_of) {
    joint.assign(std::size_t{count} * 256, 0);
    std::uint32_t next = 0;
    for (unsigned byte = 1; byte < 256; ++byte) {
      std::uint32_t& both = joint[std::size_t{classes[byte]} * 256 + class_of(byte)];
      if (both == 0) both = ++next;
      classes[byte] = both - 1;
    }
    count = next;
  };
  refine([](unsigned byte) { return byte == '/' ? 1U : 0U; });
  refine([](unsigned byte) {
    return static_cast<unsigned>(
        std::upper_bound(std::begin(kBoundaries), std::end(kBoundaries), byte) -
        std::begin(kBoundaries));
  });
  for (const unsigned char one : kFolding) {
    refine([one](unsigned byte) { return byte == one ? 1U : 0U; });
  }
  for (LeafId id = 0; id < leaves.size(); ++id) {
    const Automaton& leaf = leaves[id];
    refine([&](unsigned byte) { return leaf.class_of(static_cast<unsigned char>(byte)); });
  }
  // Folding reads a letter as the one of the other case.
  const std::array<std::uint32_t, 256> own = classes;
  std::unordered_map<std::uint64_t, std::uint32_t> folded;
  for (unsigned byte = 1; byte < 256; ++byte) {
    const std::uint64_t other = is_letter(byte) ? own[byte ^ 0x20U] + 1 : 0;
    classes[byte] = folded
                        .try_emplace(std::uint64_t{own[byte]} << 32U | other,
                                     static_cast<std::uint32_t>(folded.size()))
                        .first->second;
  }

  std::vector<unsigned> shown(folded.size(), 256);
  for (unsigned byte = 255; byte > 0; --byte) {
    unsigned& best = shown[classes[byte]];
    if (best == 256 || looks(byte) <= looks(best)) best = byte;
  }
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const unsigned byte = shown[i];
    if (classes[kPlain] == i) plain_ = all_.size();
    if (byte == '/') slash_ = all_.size();
    if (byte >= 0xC2 && byte <= 0xF4) leads_.push_back(all_.size());
    if (byte >= 0x80 && byte < 0xC0) tails_.push_back(all_.size());
    all_.push_back({byte, false});
  }
  for (std::uint32_t mark = 0; mark < leaves.mark_count(); ++mark) all_.push_back({mark, true});
}

}  // namespace srt::verify::sbpl
