#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace srt::glob {

/// The texts that patterns begin with, numbered: which of them can belong to one path.
class Begins {
 public:
  using Entry = std::pair<std::string, std::size_t>;

  explicit Begins(std::vector<Entry> entries = {}) : entries_(std::move(entries)) {
    std::ranges::sort(entries_);
  }

  /// The numbers of the texts that begin with `text` or that it begins with, ascending.
  std::vector<std::size_t> near(std::string_view text) const {
    std::vector<std::size_t> out;
    const auto take = [&](const auto& range) {
      for (const auto& entry : range) out.push_back(entry.second);
    };
    for (std::size_t length = 0; length < text.size(); ++length) {
      take(std::ranges::equal_range(entries_, text.substr(0, length), {}, &Entry::first));
    }
    take(std::ranges::equal_range(entries_, text, {}, [&](const Entry& entry) {
      return std::string_view(entry.first).substr(0, text.size());
    }));
    std::ranges::sort(out);
    return out;
  }

 private:
  std::vector<Entry> entries_;
};

}  // namespace srt::glob
