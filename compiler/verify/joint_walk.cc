#include "compiler/verify/joint_walk.h"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace srt::verify {
namespace {

struct Node {
  std::vector<std::uint32_t> rules;
  PathTable::Position lanes;
  Spelling spelling;
  std::size_t from;
  Letter letter;
};

std::string key_of(const Node& node) {
  std::string key(1, static_cast<char>(node.spelling));
  const auto add = [&key](std::uint32_t state) {
    key += static_cast<char>(state & 0xFF);
    key += static_cast<char>(state >> 8 & 0xFF);
  };
  for (const std::uint32_t state : node.rules) add(state);
  for (const PathTable::State state : node.lanes) add(state);
  return key;
}
static_assert(glob::kMaxStates <= UINT16_MAX);

}  // namespace

JointWalk walk_jointly(const PathSides& sides) {
  const std::vector<PathRule>& rules = sides.rules();
  const std::vector<PathTable::Lane>& lanes = sides.table().lanes;
  std::vector<const PathRule*> all;
  for (const PathRule& rule : rules) all.push_back(&rule);
  const std::vector<Letter> letters = sides.letters(all);

  std::vector<Node> nodes = {{std::vector<std::uint32_t>(rules.size()),
                              sides.table().start(),
                              Spelling::root,
                              0,
                              {0, false}}};
  std::unordered_map<std::string, bool> seen = {{key_of(nodes[0]), true}};
  std::size_t steps = 0;
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    if (is_path(nodes[at].spelling) && find_difference(sides, nodes[at].rules, nodes[at].lanes)) {
      Word word;
      for (std::size_t i = at; i != 0; i = nodes[i].from) word.push_back(nodes[i].letter);
      std::reverse(word.begin(), word.end());
      return {true, word};
    }
    for (const Letter letter : letters) {
      const Spelling spelling = step(nodes[at].spelling, letter);
      if (spelling == Spelling::broken) continue;
      Node next = nodes[at];
      next.spelling = spelling;
      next.from = at;
      next.letter = letter;
      for (std::size_t i = 0; i < rules.size(); ++i) {
        next.rules[i] = sides.step(rules[i], next.rules[i], letter);
      }
      for (std::size_t i = 0; i < lanes.size(); ++i) {
        next.lanes[i] = sides.step(lanes[i], next.lanes[i], letter);
      }
      steps += rules.size() + lanes.size();
      if (!seen.try_emplace(key_of(next), true).second) continue;
      if (nodes.size() == kMaxJointStates || steps > kMaxJointSteps) return {false, std::nullopt};
      nodes.push_back(std::move(next));
    }
  }
  return {true, std::nullopt};
}

}  // namespace srt::verify
