#include "runtime/stage/guard/judge.h"

#include "runtime/base/path_text.h"
#include "runtime/stage/guard/text.h"

namespace srt::guard {
namespace {

/// Whether `path` is `directory`, a `/` and `name`.
bool is_entry(std::string_view path, std::string_view directory, std::string_view name) {
  return path.size() == directory.size() + 1 + name.size() && path.starts_with(directory) &&
         path[directory.size()] == '/' && path.ends_with(name);
}

/// Whether `path` lies beneath the entry `name` of `directory`.
bool is_beneath_entry(std::string_view path, std::string_view directory, std::string_view name) {
  const std::size_t size = directory.size() + 1 + name.size();
  return path.size() > size && path[size] == '/' && is_entry(first(path, size), directory, name);
}

/// Some rule of the lane.
std::uint32_t any_rule(const Lane& lane) {
  std::size_t state = 0;
  while (lane.rule[state] == kNoRule) ++state;
  return lane.rule[state];
}

std::size_t align(std::size_t size) { return (size + 7) / 8 * 8; }

}  // namespace

std::size_t Judge::room(const Table& table) {
  const std::size_t names = table.aliases.size() + 1;
  return align(names * table.lanes.size() * sizeof(std::uint16_t)) + align(names * sizeof(bool)) +
         kMaxDirectory;
}

Judge::Judge(const Table& table, std::span<std::byte> room)
    : table_(table), lanes_(table.lanes.size()), names_(table.aliases.size() + 1) {
  std::byte* at = room.data();
  directory_states_ = reinterpret_cast<std::uint16_t*>(at);
  at += align(names_ * lanes_ * sizeof(std::uint16_t));
  has_name_ = reinterpret_cast<bool*>(at);
  at += align(names_ * sizeof(bool));
  directory_ = reinterpret_cast<char*>(at);
}

std::uint16_t Judge::step(const Lane& lane, std::uint16_t state, std::string_view bytes) const {
  for (const char byte : bytes) {
    state = lane.next[std::size_t{state} * table_.symbols +
                      table_.classes[static_cast<unsigned char>(byte)]];
  }
  return state;
}

void Judge::enter(std::string_view directory) {
  if (knows_directory_ && std::string_view(directory_, directory_size_) == directory) return;
  for (std::size_t i = 0; i < directory.size(); ++i) directory_[i] = directory[i];
  directory_size_ = directory.size();
  knows_directory_ = true;

  for (std::size_t lane = 0; lane < lanes_; ++lane) states_of(0)[lane] = 0;
  has_name_[0] = true;
  std::size_t done = 0;
  for (std::size_t end = 0; end <= directory.size(); ++end) {
    if (end != 0 && end != directory.size() && directory[end] != '/') continue;
    for (std::uint32_t anchor = 0; anchor < table_.anchors.size(); ++anchor) {
      if (table_.anchors[anchor] != first(directory, end)) continue;
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        std::uint16_t& state = states_of(0)[lane];
        state = step(table_.lanes[lane], state, behind(first(directory, end), done));
        state = table_.lanes[lane]
                    .next[std::size_t{state} * table_.symbols + table_.class_count + anchor];
      }
      done = end;
    }
  }
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    states_of(0)[lane] = step(table_.lanes[lane], states_of(0)[lane], behind(directory, done));
  }
  for (std::size_t name = 1; name < names_; ++name) {
    const Alias& alias = table_.aliases[name - 1];
    has_name_[name] = is_at_or_beneath(directory, alias.target);
    if (!has_name_[name]) continue;
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      states_of(name)[lane] =
          step(table_.lanes[lane], alias.position[lane], behind(directory, alias.target.size()));
    }
  }
}

/// Whether something can match in the directory that a name leads to, and the lane is elsewhere
/// there than in one whose name no rule spells.
bool Judge::tells_apart(const Lane& lane, std::uint16_t in_directory, std::uint16_t state) const {
  constexpr std::string_view kNobodys = "\1\1\1\1\1\1\1\1\1/";
  const std::uint16_t beneath = step(lane, state, "/");
  return lane.matches_later[beneath] != 0 && step(lane, in_directory, kNobodys) != beneath;
}

Judge::Step Judge::step_to(std::size_t i, std::size_t n, std::string_view directory,
                           std::string_view entry) {
  const Lane& lane = table_.lanes[i];
  Step to;
  if (has_name_[n]) {
    to.in_directory = step(lane, states_of(n)[i], "/");
    to.state = step(lane, to.in_directory, entry);
  } else if (is_entry(table_.aliases[n - 1].target, directory, entry)) {
    to.state = table_.aliases[n - 1].position[i];
  } else {
    return {};
  }
  to.has_name = true;
  return to;
}

/// Whether the rules let a name that is not the canonical one be read, or also written: what it may
/// not itself it gives to nothing.
bool Judge::may_itself(std::size_t n, bool write, std::string_view directory,
                       std::string_view entry) {
  bool decided[2] = {false, !write};
  for (std::size_t i = 0; i < lanes_; ++i) {
    const Lane& lane = table_.lanes[i];
    const std::size_t operation = lane.is_write ? 1 : 0;
    if (decided[operation] || lane.rule[step_to(i, n, directory, entry).state] == kNoRule) continue;
    if (lane.is_deny) return false;
    decided[operation] = true;
  }
  return true;
}

Judgement Judge::entry(std::string_view directory, std::string_view name) {
  if (directory == "/") directory = {};
  enter(directory);

  Judgement judgement;
  bool decided[2] = {false, false};
  for (std::size_t i = 0; i < lanes_; ++i) {
    const Lane& lane = table_.lanes[i];
    std::uint32_t rule = kNoRule;
    bool later = false;
    for (std::size_t n = 0; n < names_; ++n) {
      auto [has_name, in_directory, state] = step_to(i, n, directory, name);
      if (!has_name) continue;
      if (n == 0) {
        for (std::uint32_t anchor = 0; anchor < table_.anchors.size(); ++anchor) {
          if (!is_entry(table_.anchors[anchor], directory, name)) continue;
          state = lane.next[std::size_t{state} * table_.symbols + table_.class_count + anchor];
        }
      } else {
        const Alias& alias = table_.aliases[n - 1];
        if (lane.rule[alias.base[i]] != kNoRule) continue;
        const bool counts =
            lane.is_deny || (alias.trusted && may_itself(n, lane.is_write != 0, directory, name));
        if (!counts) continue;
      }
      later = later || lane.matches_later[state] != 0;
      if (lane.is_deny && has_name_[n] && judgement.on_the_way == kNoRule &&
          tells_apart(lane, in_directory, state)) {
        judgement.on_the_way = any_rule(lane);
      }
      if (rule == kNoRule) rule = lane.rule[state];
    }
    if (lane.is_deny && later) judgement.may_deny_beneath = true;
    const std::size_t operation = lane.is_write ? 1 : 0;
    if (rule == kNoRule || decided[operation]) continue;
    decided[operation] = true;
    if (lane.is_deny && judgement.rule == kNoRule) judgement.rule = rule;
  }
  if (judgement.is_denied()) judgement.on_the_way = judgement.rule;
  // What lies beyond another name, or an anchor, has rules of its own.
  const auto lies_beneath = [&](std::string_view path) {
    return is_beneath_entry(path, directory, name);
  };
  for (const std::string_view anchor : table_.anchors) {
    if (lies_beneath(anchor)) judgement.may_deny_beneath = true;
  }
  for (const Alias& alias : table_.aliases) {
    if (lies_beneath(alias.target)) judgement.may_deny_beneath = true;
  }
  for (const Link& link : table_.links) {
    if (is_entry(link.path, directory, name)) judgement.rule = link.rule;
    if (!lies_beneath(link.path)) continue;
    judgement.may_deny_beneath = true;
    judgement.on_the_way = link.rule;
  }
  return judgement;
}

}  // namespace srt::guard
