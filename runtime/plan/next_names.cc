#include "runtime/plan/next_names.h"

namespace srt {
namespace {

// More names than this are found faster by listing the directory.
constexpr std::size_t kMaxNames = 64;
// The longest name a file system has (NAME_MAX, limits.h); what is longer names nothing.
constexpr std::size_t kMaxName = 255;

bool matches(const PathTable::Lane& lane, PathTable::State state) {
  return lane.rule[state] != PathTable::kNoRule;
}

// Whether nothing changes from `state` on against `directory`, however the path goes on.
bool is_dull(const PathTable::Lane& lane, PathTable::State directory, PathTable::State state) {
  return lane.outlook[state] != PathTable::Outlook::open &&
         matches(lane, state) == matches(lane, directory);
}

class Search {
 public:
  Search(const PathTable& table, const PathTable::Lane& lane, PathTable::State directory)
      : table_(table), lane_(lane), directory_(directory), bytes_of_(table.class_count) {
    for (std::size_t b = 1; b < 256; ++b) {
      if (b != '/') bytes_of_[table.classes[b]].push_back(static_cast<char>(b));
    }
  }

  std::optional<std::vector<std::string>> run() {
    if (!extend(table_.next(lane_, directory_, '/'))) return std::nullopt;
    return std::move(names_);
  }

 private:
  // Follows every name that goes on from `prefix_`; false when there are too many.
  bool extend(PathTable::State at) {
    if (prefix_.size() > kMaxName) return false;
    for (const std::string& bytes : bytes_of_) {
      if (bytes.empty()) continue;
      const PathTable::State to = table_.next(lane_, at, static_cast<unsigned char>(bytes[0]));
      if (is_dull(lane_, directory_, to)) continue;
      for (const char byte : bytes) {
        if (++steps_ > kMaxNames * kMaxName) return false;
        prefix_.push_back(byte);
        if (is_notable(table_, lane_, directory_, to)) names_.push_back(prefix_);
        if (names_.size() > kMaxNames || !extend(to)) return false;
        prefix_.pop_back();
      }
    }
    return true;
  }

  const PathTable& table_;
  const PathTable::Lane& lane_;
  PathTable::State directory_;
  std::vector<std::string> bytes_of_;  // by class: the bytes a name can have
  std::string prefix_;
  std::vector<std::string> names_;
  std::size_t steps_ = 0;
};

}  // namespace

bool is_notable(const PathTable& table, const PathTable::Lane& lane, PathTable::State directory,
                PathTable::State entry) {
  return matches(lane, entry) != matches(lane, directory) ||
         !is_dull(lane, directory, table.next(lane, entry, '/'));
}

std::optional<std::vector<std::string>> next_names(const PathTable& table,
                                                   const PathTable::Lane& lane,
                                                   PathTable::State directory) {
  return Search(table, lane, directory).run();
}

}  // namespace srt
