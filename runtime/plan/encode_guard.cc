#include "runtime/plan/encode_guard.h"

#include <cstring>
#include <span>

#include "runtime/stage/guard/table.h"

namespace srt {
namespace {

class Encoder {
 public:
  Encoder() : bytes_(sizeof(guard::TableHeader)) {}

  /// Appends values, padded to four bytes.
  template <typename T>
  void add(std::span<const T> values) {
    const auto* data = reinterpret_cast<const std::byte*>(values.data());
    bytes_.insert(bytes_.end(), data, data + values.size_bytes());
    bytes_.resize((bytes_.size() + 3) / 4 * 4);
  }

  template <typename T>
  void add(const std::vector<T>& values) {
    add(std::span<const T>(values));
  }

  void add(std::uint32_t value) { add(std::span<const std::uint32_t>(&value, 1)); }

  void add_text(const std::string& text) {
    const auto* data = reinterpret_cast<const std::byte*>(text.c_str());
    bytes_.insert(bytes_.end(), data, data + text.size() + 1);
  }

  std::vector<std::byte> finish(guard::TableHeader header) {
    header.size = static_cast<std::uint32_t>(bytes_.size());
    std::memcpy(bytes_.data(), &header, sizeof(header));
    return std::move(bytes_);
  }

 private:
  std::vector<std::byte> bytes_;
};

void add(Encoder& to, const PathTable::Lane& lane) {
  to.add(static_cast<std::uint32_t>(lane.operation == Operation::write));
  to.add(static_cast<std::uint32_t>(lane.effect == Effect::deny));
  to.add(static_cast<std::uint32_t>(lane.rule.size()));
  to.add(lane.rule);
  to.add(lane.next);
  std::vector<std::uint8_t> matches_later;
  for (const PathTable::Outlook outlook : lane.outlook) {
    matches_later.push_back(outlook != PathTable::Outlook::never ? 1 : 0);
  }
  to.add(matches_later);
}

}  // namespace

std::vector<std::byte> encode_guard(const Bundle& bundle, const std::vector<std::string>& anchors,
                                    const NameGuard& guard) {
  const PathTable& paths = bundle.paths;
  std::vector<std::size_t> lanes;
  for (std::size_t i = 0; i < paths.lanes.size(); ++i) {
    if (!lane_is_existing(bundle, paths.lanes[i])) lanes.push_back(i);
  }
  guard::TableHeader header = {};
  header.class_count = paths.class_count;
  header.mark_count = paths.mark_count;
  header.lane_count = static_cast<std::uint32_t>(lanes.size());
  header.anchor_count = static_cast<std::uint32_t>(anchors.size());
  header.alias_count = static_cast<std::uint32_t>(guard.aliases.size());
  header.link_count = static_cast<std::uint32_t>(guard.links.size());
  std::memcpy(header.classes, paths.classes.data(), sizeof(header.classes));

  Encoder out;
  for (const std::size_t lane : lanes) add(out, paths.lanes[lane]);
  const auto add_position = [&](const PathTable::Position& position) {
    PathTable::Position kept;
    for (const std::size_t lane : lanes) kept.push_back(position[lane]);
    out.add(kept);
  };
  for (const NameGuard::Alias& alias : guard.aliases) {
    out.add(static_cast<std::uint32_t>(alias.trusted));
    add_position(alias.position);
    add_position(alias.base);
  }
  for (const NameGuard::Link& link : guard.links) out.add(link.rule);
  for (const std::string& anchor : anchors) out.add_text(anchor);
  for (const NameGuard::Alias& alias : guard.aliases) out.add_text(alias.target);
  for (const NameGuard::Link& link : guard.links) out.add_text(link.path);
  return out.finish(header);
}

}  // namespace srt
