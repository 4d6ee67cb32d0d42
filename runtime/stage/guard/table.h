#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// The path rules as the guard of names asks them: the bundle's automata but for rules that cover
/// `existing` names alone, filled in with what the launch found out. Encoded by the launcher, read
/// in place by the second stage. No heap, no exceptions: the stage has neither.
namespace srt::guard {

inline constexpr std::uint32_t kNoRule = UINT32_MAX;

/// What an encoded table begins with. Behind it: the lanes, the aliases, the links, the texts; each
/// part padded to four bytes.
struct TableHeader {
  std::uint32_t size;  ///< of the whole table, in bytes
  std::uint32_t class_count;
  std::uint32_t mark_count;
  std::uint32_t lane_count;
  std::uint32_t anchor_count;
  std::uint32_t alias_count;
  std::uint32_t link_count;
  std::uint8_t classes[256];
};

/// What a lane begins with. Then a rule or kNoRule for each state (u32), the transitions (u16), and
/// whether a rule can match further on (u8).
struct LaneHeader {
  std::uint32_t is_write;
  std::uint32_t is_deny;
  std::uint32_t state_count;
};

/// PathTable::Lane, in place.
struct Lane {
  bool is_write;
  bool is_deny;
  const std::uint32_t* rule;
  const std::uint16_t* next;
  const std::uint8_t* matches_later;  ///< PathTable::Outlook is not `never`
};

/// Another name that a directory or a file has by a symbolic link: Walk::Alias.
struct Alias {
  std::string_view target;
  bool trusted;
  const std::uint16_t* position;  ///< a state for each lane
  const std::uint16_t* base;
};

/// A symbolic link at a denied name, which no mount can cover.
struct Link {
  std::string_view path;
  std::uint32_t rule;
};

struct Table {
  const std::uint8_t* classes;
  std::uint32_t symbols;  ///< classes, then marks
  std::uint32_t class_count;
  std::span<const Lane> lanes;
  std::span<const std::string_view> anchors;
  std::span<const Alias> aliases;
  std::span<const Link> links;
};

/// How many bytes decode_table() needs beside the encoded table, 0 when that is damaged.
inline std::size_t table_room(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(TableHeader)) return 0;
  const auto& header = *reinterpret_cast<const TableHeader*>(bytes.data());
  // Each of these takes at least four bytes of the table or, an anchor, one.
  const std::uint64_t least = std::uint64_t{header.lane_count} * sizeof(LaneHeader) +
                              std::uint64_t{header.alias_count} * 4 +
                              std::uint64_t{header.link_count} * 4 + header.anchor_count;
  if (header.size != bytes.size() || least > bytes.size() - sizeof(TableHeader)) return 0;
  return header.lane_count * sizeof(Lane) + header.anchor_count * sizeof(std::string_view) +
         header.alias_count * sizeof(Alias) + header.link_count * sizeof(Link) + 1;
}

/// Takes values off the front of an encoded table.
class TableReader {
 public:
  explicit TableReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  /// `count` values, or null when so many are not left. What follows is aligned to four bytes.
  template <typename T>
  const T* take(std::size_t count) {
    const std::size_t size = (count * sizeof(T) + 3) / 4 * 4;
    if (count > rest_.size() || size > rest_.size()) return nullptr;
    const auto* values = reinterpret_cast<const T*>(rest_.data());
    rest_ = rest_.subspan(size);
    return values;
  }

  /// A text and its end mark, unpadded; nothing when there is none.
  std::optional<std::string_view> text() {
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] != std::byte{0}) continue;
      const std::string_view text(reinterpret_cast<const char*>(rest_.data()), i);
      rest_ = rest_.subspan(i + 1);
      return text;
    }
    return std::nullopt;
  }

 private:
  std::span<const std::byte> rest_;
};

/// Reads `bytes`, which are aligned to four bytes; nothing when they are damaged. `room` is aligned
/// for pointers and has table_room() bytes; both must outlive the table.
inline std::optional<Table> decode_table(std::span<const std::byte> bytes,
                                         std::span<std::byte> room) {
  const std::size_t needed = table_room(bytes);
  if (needed == 0 || room.size() < needed) return std::nullopt;
  TableReader reader(bytes);
  const TableHeader& header = *reader.take<TableHeader>(1);
  auto* lanes = reinterpret_cast<Lane*>(room.data());
  auto* anchors = reinterpret_cast<std::string_view*>(lanes + header.lane_count);
  auto* aliases = reinterpret_cast<Alias*>(anchors + header.anchor_count);
  auto* links = reinterpret_cast<Link*>(aliases + header.alias_count);
  const std::uint32_t symbols = header.class_count + header.mark_count;

  for (std::uint32_t i = 0; i < header.lane_count; ++i) {
    const auto* lane = reader.take<LaneHeader>(1);
    if (lane == nullptr) return std::nullopt;
    const std::size_t states = lane->state_count;
    lanes[i] = {.is_write = lane->is_write != 0,
                .is_deny = lane->is_deny != 0,
                .rule = reader.take<std::uint32_t>(states),
                .next = reader.take<std::uint16_t>(states * symbols),
                .matches_later = reader.take<std::uint8_t>(states)};
    if (lanes[i].rule == nullptr || lanes[i].next == nullptr || lanes[i].matches_later == nullptr) {
      return std::nullopt;
    }
  }
  for (std::uint32_t i = 0; i < header.alias_count; ++i) {
    const auto* trusted = reader.take<std::uint32_t>(1);
    const auto* position = reader.take<std::uint16_t>(header.lane_count);
    const auto* base = reader.take<std::uint16_t>(header.lane_count);
    if (trusted == nullptr || position == nullptr || base == nullptr) return std::nullopt;
    aliases[i] = {.target = {}, .trusted = *trusted != 0, .position = position, .base = base};
  }
  for (std::uint32_t i = 0; i < header.link_count; ++i) {
    const auto* rule = reader.take<std::uint32_t>(1);
    if (rule == nullptr) return std::nullopt;
    links[i] = {.path = {}, .rule = *rule};
  }
  const auto take_text = [&](std::string_view& to) {
    const std::optional<std::string_view> text = reader.text();
    if (text) to = *text;
    return text.has_value();
  };
  for (std::uint32_t i = 0; i < header.anchor_count; ++i) {
    if (!take_text(anchors[i])) return std::nullopt;
  }
  for (std::uint32_t i = 0; i < header.alias_count; ++i) {
    if (!take_text(aliases[i].target)) return std::nullopt;
  }
  for (std::uint32_t i = 0; i < header.link_count; ++i) {
    if (!take_text(links[i].path)) return std::nullopt;
  }
  return Table{.classes = header.classes,
               .symbols = symbols,
               .class_count = header.class_count,
               .lanes = {lanes, header.lane_count},
               .anchors = {anchors, header.anchor_count},
               .aliases = {aliases, header.alias_count},
               .links = {links, header.link_count}};
}

}  // namespace srt::guard
