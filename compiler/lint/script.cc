#include "compiler/lint/script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "runtime/base/utf8.h"

namespace srt::lint {
namespace {

// Blocks of scripts that host names are written in (Unicode's Blocks.txt), joined where they touch.
struct Block {
  std::uint32_t first;
  std::uint32_t last;
  std::string_view script;
};
constexpr Block kBlocks[] = {
    {'a', 'z', "Latin"},          {0xC0, 0x24F, "Latin"},     {0x250, 0x2AF, "Latin"},
    {0x370, 0x3FF, "Greek"},      {0x400, 0x52F, "Cyrillic"}, {0x530, 0x58F, "Armenian"},
    {0x590, 0x5FF, "Hebrew"},     {0x600, 0x77F, "Arabic"},   {0x900, 0x97F, "Devanagari"},
    {0x980, 0x9FF, "Bengali"},    {0xB80, 0xBFF, "Tamil"},    {0xE00, 0xE7F, "Thai"},
    {0x10A0, 0x10FF, "Georgian"}, {0x1100, 0x11FF, "Hangul"}, {0x13A0, 0x13FF, "Cherokee"},
    {0x1E00, 0x1EFF, "Latin"},    {0x1F00, 0x1FFF, "Greek"},  {0x3040, 0x30FF, "Kana"},
    {0x3100, 0x312F, "Bopomofo"}, {0x3400, 0x9FFF, "Han"},    {0xAB70, 0xABBF, "Cherokee"},
    {0xAC00, 0xD7AF, "Hangul"},   {0xF900, 0xFAFF, "Han"},    {0x20000, 0x323AF, "Han"},
};

// Letters of Cyrillic and Greek that look like Latin ones (of Unicode's confusables.txt the common
// ones).
constexpr std::array<std::uint32_t, 26> kLookLatin = {
    0x430, 0x435, 0x43E, 0x440, 0x441, 0x443, 0x445, 0x455, 0x456, 0x458, 0x461, 0x475, 0x4BB,
    0x4CF, 0x501, 0x51B, 0x51D, 0x3B1, 0x3B9, 0x3BD, 0x3BF, 0x3C1, 0x3C5, 0x3C7, 0x3F2, 0x3F3};

std::string_view script_of(std::uint32_t c) {
  for (const Block& block : kBlocks) {
    if (block.first <= c && c <= block.last) return block.script;
  }
  return {};
}

// The scripts that Japanese, Korean and Chinese write beside each other, and Latin beside them.
bool are_written_together(const std::set<std::string_view>& scripts) {
  constexpr std::array<std::string_view, 5> kEastAsian = {"Han", "Kana", "Hangul", "Bopomofo",
                                                          "Latin"};
  return std::all_of(scripts.begin(), scripts.end(), [&](std::string_view script) {
    return std::find(kEastAsian.begin(), kEastAsian.end(), script) != kEastAsian.end();
  });
}

// RFC 3492, section 6.2, with the parameters of section 5. No label has more than 63 bytes, so that
// nothing overflows 64 bits.
std::optional<std::vector<std::uint32_t>> decode(std::string_view text) {
  constexpr std::uint64_t kBase = 36, kMin = 1, kMax = 26, kSkew = 38, kDamp = 700;
  constexpr std::uint64_t kLargest = 0x10FFFF;
  std::vector<std::uint32_t> out;
  const std::size_t hyphen = text.rfind('-');
  if (hyphen != std::string_view::npos) {
    out.assign(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(hyphen));
    text.remove_prefix(hyphen + 1);
  }
  if (text.empty()) return std::nullopt;
  std::uint64_t n = 128, i = 0, bias = 72;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint64_t before = i;
    std::uint64_t weight = 1;
    for (std::uint64_t k = kBase;; k += kBase) {
      if (at == text.size()) return std::nullopt;
      const char c = text[at++];
      const bool is_letter = 'a' <= c && c <= 'z';
      if (!is_letter && !('0' <= c && c <= '9')) return std::nullopt;
      const auto digit = static_cast<std::uint64_t>(is_letter ? c - 'a' : c - '0' + 26);
      i += digit * weight;
      const std::uint64_t threshold = k <= bias ? kMin : std::min(k - bias, kMax);
      if (i > kLargest * (out.size() + 1)) return std::nullopt;
      if (digit < threshold) break;
      weight *= kBase - threshold;
      if (weight > kLargest * kBase) return std::nullopt;
    }
    const std::uint64_t count = out.size() + 1;
    std::uint64_t delta = (i - before) / (before == 0 ? kDamp : 2);
    delta += delta / count;
    std::uint64_t k = 0;
    for (; delta > (kBase - kMin) * kMax / 2; k += kBase) delta /= kBase - kMin;
    bias = k + (kBase - kMin + 1) * delta / (delta + kSkew);
    n += i / count;
    i %= count;
    if (n > kLargest) return std::nullopt;
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(i), static_cast<std::uint32_t>(n));
    ++i;
  }
  return out;
}

}  // namespace

std::optional<LabelProblem> problem_of_label(std::string_view label) {
  constexpr std::string_view kPrefix = "xn--";
  if (!label.starts_with(kPrefix)) return std::nullopt;
  const auto letters = decode(label.substr(kPrefix.size()));
  if (!letters) return LabelProblem{std::string(label), "which is no name in punycode"};
  std::string reading;
  std::set<std::string_view> scripts;
  bool looks_latin = true;
  for (const std::uint32_t c : *letters) {
    append_utf8(reading, c);
    const std::string_view script = script_of(c);
    if (script.empty()) continue;
    scripts.insert(script);
    const bool is_look_alike =
        std::find(kLookLatin.begin(), kLookLatin.end(), c) != kLookLatin.end();
    looks_latin = looks_latin && is_look_alike;
  }
  if (scripts.size() > 1 && !are_written_together(scripts)) {
    return LabelProblem{reading, fmt::format("with letters of {}", fmt::join(scripts, " and "))};
  }
  if (looks_latin && !scripts.empty()) {
    return LabelProblem{reading,
                        fmt::format("in {} letters that look like Latin ones", *scripts.begin())};
  }
  return std::nullopt;
}

}  // namespace srt::lint
