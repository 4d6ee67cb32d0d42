#include "runtime/plan/next_names.h"

#include <array>

namespace srt {
namespace {

// More names than this are found faster by listing the directory.
constexpr std::size_t kMaxNames = 64;
// The longest name a file system has (NAME_MAX, limits.h); what is longer names nothing.
constexpr std::size_t kMaxName = 255;

class Search {
 public:
  Search(const PathTable& table, const Interest& interest)
      : table_(table), interest_(interest), bytes_of_(table.class_count) {
    for (std::size_t b = 1; b < 256; ++b) {
      if (b != '/') bytes_of_[table.classes[b]].push_back(static_cast<char>(b));
    }
  }

  std::optional<std::vector<std::string>> run(PathTable::State from) {
    if (!extend(table_.step(from, '/'))) return std::nullopt;
    return std::move(names_);
  }

 private:
  // Follows every name that goes on from `prefix_`; false when there are too many.
  bool extend(PathTable::State at) {
    if (prefix_.size() > kMaxName) return false;
    for (const std::string& bytes : bytes_of_) {
      if (bytes.empty()) continue;
      const PathTable::State to = table_.step(at, static_cast<unsigned char>(bytes[0]));
      if (interest_.dull(to)) continue;
      for (const char byte : bytes) {
        if (++steps_ > kMaxNames * kMaxName) return false;
        prefix_.push_back(byte);
        if (interest_.notable(to)) names_.push_back(prefix_);
        if (names_.size() > kMaxNames) return false;
        const bool few = extend(to);
        prefix_.pop_back();
        if (!few) return false;
      }
    }
    return true;
  }

  const PathTable& table_;
  const Interest& interest_;
  std::vector<std::string> bytes_of_;  // by class: the bytes a name can have
  std::string prefix_;
  std::vector<std::string> names_;
  std::size_t steps_ = 0;
};

}  // namespace

std::optional<std::vector<std::string>> next_names(const PathTable& table, PathTable::State state,
                                                   const Interest& interest) {
  return Search(table, interest).run(state);
}

}  // namespace srt
