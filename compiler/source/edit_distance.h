#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace srt {

/// The candidate that `word` was most likely meant to be, or nothing when none is near: at most a
/// third of the word's letters differ (insertions, deletions, replacements and swaps of neighbours
/// count one each; letter case counts nothing). Of equally near ones the first.
std::optional<std::string_view> closest(std::string_view word,
                                        std::span<const std::string_view> candidates);

}  // namespace srt
