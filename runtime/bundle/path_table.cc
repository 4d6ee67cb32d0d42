#include "runtime/bundle/path_table.h"

#include <algorithm>

namespace srt {

PathTable::Position PathTable::find(std::string_view path,
                                    const std::vector<std::string>& anchors) const {
  Position position = start();
  const auto take_marks = [&](std::size_t end) {
    for (std::uint32_t anchor = 0; anchor < anchors.size(); ++anchor) {
      if (anchors[anchor] == path.substr(0, end)) mark(position, anchor);
    }
  };
  take_marks(0);
  for (std::size_t i = 0; i < path.size(); ++i) {
    step(position, static_cast<unsigned char>(path[i]));
    if (i + 1 == path.size() || path[i + 1] == '/') take_marks(i + 1);
  }
  return position;
}

PathTable::Verdict PathTable::verdict(const Position& position) const {
  return decide([&](std::size_t lane) { return lanes[lane].rule[position[lane]]; });
}

PathTable::Range PathTable::range(const Position& position) const {
  // By operation and effect: whether that effect is possible, and whether an earlier lane is known
  // to decide.
  std::array<std::array<bool, 2>, 2> possible{};
  std::array<bool, 2> decided{};
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const auto operation = static_cast<std::size_t>(lanes[i].operation);
    const Outlook outlook = lanes[i].outlook[position[i]];
    if (decided[operation] || outlook == Outlook::never) continue;
    possible[operation][static_cast<std::size_t>(lanes[i].effect)] = true;
    decided[operation] = outlook == Outlook::always;
  }
  for (std::size_t operation = 0; operation < 2; ++operation) {
    if (!decided[operation]) {
      possible[operation][static_cast<std::size_t>(defaults[operation])] = true;
    }
  }
  const auto can = [&](Operation operation, Effect effect) {
    return possible[static_cast<std::size_t>(operation)][static_cast<std::size_t>(effect)];
  };
  Range range{Access::write, Access::none};
  if (can(Operation::read, Effect::deny)) {
    range.lowest = Access::none;
  } else if (can(Operation::write, Effect::deny)) {
    range.lowest = Access::read;
  }
  if (can(Operation::read, Effect::allow)) {
    range.highest = can(Operation::write, Effect::allow) ? Access::write : Access::read;
  }
  return range;
}

std::optional<std::string> PathTable::flaw(std::size_t rule_count) const {
  const std::size_t symbols = std::size_t{class_count} + mark_count;
  const auto in_range = [](const auto& values, std::size_t limit) {
    return std::all_of(values.begin(), values.end(), [&](auto value) { return value < limit; });
  };
  if (class_count == 0 || class_count > 256) return "the alphabet's size is out of range";
  if (!in_range(classes, class_count)) return "a byte class is out of range";
  for (const Lane& lane : lanes) {
    const std::size_t states = lane.rule.size();
    if (lane.operation > Operation::write) return "a lane's operation is out of range";
    if (states == 0 || states > UINT16_MAX + 1U) return "an automaton's size is out of range";
    if (lane.next.size() != states * symbols || lane.outlook.size() != states) {
      return "an automaton's parts differ in size";
    }
    if (!in_range(lane.next, states)) return "a transition is out of range";
    if (!std::all_of(lane.rule.begin(), lane.rule.end(),
                     [&](std::uint32_t rule) { return rule == kNoRule || rule < rule_count; })) {
      return "a rule number is out of range";
    }
    if (std::any_of(lane.outlook.begin(), lane.outlook.end(),
                    [](Outlook outlook) { return outlook > Outlook::open; })) {
      return "an outlook is out of range";
    }
  }
  return std::nullopt;
}

}  // namespace srt
