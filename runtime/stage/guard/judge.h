#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/stage/guard/table.h"

namespace srt::guard {

/// What the rules say of a name that a call would bring into being or take away.
struct Judgement {
  std::uint32_t rule = kNoRule;   ///< the deny that decides, or kNoRule where none does
  bool may_deny_beneath = false;  ///< whether a deny can decide about some name beneath it
  /// A deny that speaks of this very name on the way to names beneath it, or kNoRule: what a
  /// symbolic link at the name led to would have the denied names.
  std::uint32_t on_the_way = kNoRule;

  bool is_denied() const { return rule != kNoRule; }
};

/// Asks a table about canonical paths, as Walk::access does about those that were there at launch:
/// the last rule that matches any of an object's names decides. What only a default denies is left
/// to the mounts. Remembers the directory it was asked about last.
class Judge {
 public:
  /// How many bytes of room a judge of `table` needs.
  static std::size_t room(const Table& table);

  /// `room` is aligned for pointers and has room() bytes; it and `table` must outlive the judge.
  Judge(const Table& table, std::span<std::byte> room);

  /// Judges the entry `name` of the directory at the canonical `path`, the root directory being "/"
  /// or "". Paths longer than kMaxDirectory are denied by nobody: they must not be asked about.
  Judgement entry(std::string_view directory, std::string_view name);

  static constexpr std::size_t kMaxDirectory = 8192;

 private:
  void enter(std::string_view directory);
  std::uint16_t step(const Lane& lane, std::uint16_t state, std::string_view bytes) const;
  std::uint16_t* states_of(std::size_t name) { return directory_states_ + name * lanes_; }
  /// Where a lane is at an entry of the directory entered, by one of its names.
  struct Step {
    bool has_name = false;           ///< else the entry has no such name
    std::uint16_t in_directory = 0;  ///< behind the `/`; 0 where the name is the entry's own
    std::uint16_t state = 0;
  };
  Step step_to(std::size_t lane, std::size_t name, std::string_view directory,
               std::string_view entry);
  bool may_itself(std::size_t name, bool write, std::string_view directory, std::string_view entry);
  bool tells_apart(const Lane& lane, std::uint16_t in_directory, std::uint16_t state) const;

  const Table& table_;
  std::size_t lanes_;
  std::size_t names_;  // the canonical name, then one for each alias
  std::uint16_t* directory_states_;
  bool* has_name_;  // by name: whether the directory, or what it is in, has it
  char* directory_;
  std::size_t directory_size_ = 0;
  bool knows_directory_ = false;
};

}  // namespace srt::guard
