#include "runtime/bundle/path_table.h"

#include <algorithm>

namespace srt {

PathTable::State PathTable::find(std::string_view path,
                                 const std::vector<std::string>& anchors) const {
  State state = kStart;
  const auto take_marks = [&](std::size_t end) {
    for (std::uint32_t anchor = 0; anchor < anchors.size(); ++anchor) {
      if (anchors[anchor] == path.substr(0, end)) state = mark(state, anchor);
    }
  };
  take_marks(0);
  for (std::size_t i = 0; i < path.size(); ++i) {
    state = step(state, static_cast<unsigned char>(path[i]));
    if (i + 1 == path.size() || path[i + 1] == '/') take_marks(i + 1);
  }
  return state;
}

std::optional<std::string> PathTable::flaw(std::size_t rule_count) const {
  const std::size_t states = access.size();
  const std::size_t symbols = std::size_t{class_count} + mark_count;
  if (states == 0 || states > UINT16_MAX + 1U) return "the automaton's size is out of range";
  if (class_count == 0 || class_count > 256) return "the alphabet's size is out of range";
  if (next.size() != states * symbols || read_rule.size() != states ||
      write_rule.size() != states || lowest.size() != states || highest.size() != states ||
      constant.size() != states) {
    return "the automaton's parts differ in size";
  }
  const auto in_range = [](const auto& values, std::size_t limit) {
    return std::all_of(values.begin(), values.end(), [&](auto value) { return value < limit; });
  };
  const auto is_rule = [&](std::uint32_t rule) { return rule == kNoRule || rule < rule_count; };
  if (!in_range(classes, class_count)) return "a byte class is out of range";
  if (!in_range(next, states)) return "a transition is out of range";
  if (!std::all_of(read_rule.begin(), read_rule.end(), is_rule) ||
      !std::all_of(write_rule.begin(), write_rule.end(), is_rule)) {
    return "a rule number is out of range";
  }
  for (const std::vector<Access>* levels : {&access, &lowest, &highest}) {
    if (std::any_of(levels->begin(), levels->end(), [](Access a) { return a > Access::write; })) {
      return "an access level is out of range";
    }
  }
  return std::nullopt;
}

}  // namespace srt
