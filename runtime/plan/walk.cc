#include "runtime/plan/walk.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "runtime/base/path_text.h"
#include "runtime/plan/real_path.h"

namespace srt {
namespace {

// What lies there is the kernel's, changes by itself, and is not what policies with wildcards mean;
// the sandbox has its own /proc and /dev anyway. Names without wildcards are looked up there too.
constexpr std::array<std::string_view, 3> kNeverListed = {"/proc", "/sys", "/dev"};

// The longest path that is taken: what is put before it at the launch must have room in a system
// call too. Of a directory that holds longer ones nothing can be judged.
constexpr std::size_t kMaxPath = PATH_MAX - 64;

bool may_be_listed(std::string_view path) {
  return std::none_of(kNeverListed.begin(), kNeverListed.end(), [&](std::string_view directory) {
    return is_at_or_beneath(path, directory);
  });
}

const std::string& readable(const std::string& path) {
  static const std::string kRoot = "/";
  return path.empty() ? kRoot : path;
}

// Whether the caller, and so the command, cannot enter the directory nor change that.
bool is_out_of_reach(const std::string& path) {
  const std::string& directory = readable(path);
  struct stat info = {};
  return access(directory.c_str(), X_OK) != 0 &&
         (stat(directory.c_str(), &info) != 0 || info.st_uid != geteuid());
}

}  // namespace

Walk::Walk(const Bundle& bundle, const std::vector<std::string>& anchors)
    : bundle_(bundle), table_(bundle.paths), anchors_(anchors) {
  // A link may have been followed before another one opened the directory that it stands in. Then
  // the command could have made it after all, and all that came of it is void.
  do {
    objects_.clear();
    missing_.clear();
    awaiting_.clear();
    denied_links_.clear();
    aliases_.clear();
    visited_.clear();
    trusted_.clear();
    Place root{"", table_.start()};
    take_marks(root.path, root.position);
    visit(std::move(root));
  } while (distrust_opened());
}

// Whether a directory whose links were trusted turned out to be writable.
bool Walk::distrust_opened() {
  bool found = false;
  for (const std::string& directory : trusted_) {
    if (access(directory).access != Access::write) continue;
    distrusted_.insert(directory);
    found = true;
  }
  return found;
}

// Whether the command cannot have made the links of a directory, as far as the walk has come.
bool Walk::trusts(const std::string& directory) {
  if (distrusted_.contains(directory) || access(directory).access == Access::write) return false;
  trusted_.insert(directory);
  return true;
}

void Walk::visit(Place place) {
  if (place.alias != nullptr && place.alias_position == place.position) place.alias = nullptr;
  if (can_skip(place)) return;
  const auto key = place.alias != nullptr
                       ? std::tuple(place.path, place.alias_position, place.alias->trusted)
                       : std::tuple(place.path, place.position, true);
  if (!visited_.insert(key).second) return;
  for (std::size_t i = 0; i < table_.lanes.size(); ++i) {
    const PathTable::State state = place.position[i];
    const bool always = table_.lanes[i].outlook[state] == PathTable::Outlook::always;
    if (always && denies_later(i, state)) awaiting_.insert(place.path);
  }
  std::vector<std::string> names = names_towards_anchors(place.path);
  const bool are_all = find_names(place, names);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (!are_all && may_be_listed(place.path)) {
    list(place, names);
  } else {
    for (const std::string& name : names) visit_entry(place, name, EntryType::unknown);
  }
}

// Whether no rule changes anything beneath.
bool Walk::can_skip(const Place& place) const {
  if (!names_towards_anchors(place.path).empty()) return false;
  const PathTable::Range range = table_.range(place.position);
  if (place.alias == nullptr) return range.is_single();
  if (!is_open(place.position) && !is_open(place.alias_position)) return true;
  // A name that is not trusted can only take access away, and only where there is some; unless
  // another name that is trusted gives it, nothing is lost by not looking.
  const bool some_trusted = std::any_of(aliases_.begin(), aliases_.end(),
                                        [](const auto& entry) { return entry.second.trusted; });
  if (place.alias->trusted || some_trusted) return false;
  for (std::size_t i = 0; i < table_.lanes.size(); ++i) {
    const PathTable::Lane& lane = table_.lanes[i];
    const Access taken = lane.operation == Operation::read ? Access::read : Access::write;
    if (lane.effect == Effect::deny && range.highest >= taken &&
        lane.outlook[place.alias_position[i]] != PathTable::Outlook::never) {
      return false;
    }
  }
  return true;
}

// The entries of one directory, held against the rules. Most are told apart by their bytes alone,
// without a look at the file system.
class Walk::Entries {
 public:
  Entries(const Walk& walk, const Place& place)
      : table_(walk.table_),
        place_(place),
        base_(place.position),
        alias_base_(place.alias_position),
        here_(table_.verdict(place.position).access) {
    table_.step(base_, '/');
    if (place.alias != nullptr) table_.step(alias_base_, '/');
  }

  // Whether an entry has, or may have beneath it, other access than the directory. Where two names
  // meet it is rules that count, not only what they come to.
  bool is_notable(std::string_view name, EntryType type) {
    entry_ = base_;
    table_.read(entry_, name);
    const bool holds_nothing = type == EntryType::other;
    if (place_.alias == nullptr) {
      if (table_.verdict(entry_).access != here_) return true;
      if (holds_nothing) return false;
      table_.step(entry_, '/');
      const PathTable::Range range = table_.range(entry_);
      return !range.is_single() || range.lowest != here_;
    }
    alias_entry_ = alias_base_;
    table_.read(alias_entry_, name);
    for (std::size_t i = 0; i < table_.lanes.size(); ++i) {
      const PathTable::Lane& lane = table_.lanes[i];
      const auto differs = [&](PathTable::State directory, PathTable::State entry) {
        if (!holds_nothing) return srt::is_notable(table_, lane, directory, entry);
        return (lane.rule[entry] == PathTable::kNoRule) !=
               (lane.rule[directory] == PathTable::kNoRule);
      };
      if (differs(place_.position[i], entry_[i]) ||
          differs(place_.alias_position[i], alias_entry_[i])) {
        return true;
      }
    }
    return false;
  }

 private:
  const PathTable& table_;
  const Place& place_;
  Position base_;        // behind the `/` after the directory
  Position alias_base_;  // likewise
  Access here_;
  Position entry_;
  Position alias_entry_;
};

// Adds the names that rules tell apart from all others; false when there are more than can be
// named.
bool Walk::find_names(const Place& place, std::vector<std::string>& names) {
  bool are_all = true;
  const Access highest = table_.range(place.position).highest;
  const auto add_names = [&](const Position& position) {
    for (std::size_t i = 0; i < table_.lanes.size(); ++i) {
      const PathTable::Lane& lane = table_.lanes[i];
      if (lane.outlook[position[i]] != PathTable::Outlook::open) continue;
      // What may be written where nothing may be is no question.
      const bool idle =
          place.alias == nullptr && lane.operation == Operation::write && highest < Access::write;
      if (idle) continue;
      const auto more = next_names(table_, lane, position[i]);
      are_all = are_all && more;
      if (!more && denies_later(i, position[i])) awaiting_.insert(place.path);
      if (more) names.insert(names.end(), more->begin(), more->end());
    }
  };
  add_names(place.position);
  if (place.alias != nullptr) add_names(place.alias_position);
  return are_all;
}

void Walk::list(const Place& place, const std::vector<std::string>& named) {
  struct Entry {
    std::string name;
    EntryType type;

    // Of equal names the one whose type is known comes first.
    bool operator<(const Entry& other) const {
      return std::tie(name, other.type) < std::tie(other.name, type);
    }
  };
  std::vector<Entry> found;
  for (const std::string& name : named) found.push_back({name, EntryType::unknown});
  Entries entries(*this, place);
  const int error =
      list_directory(readable(place.path), [&](std::string_view name, EntryType type) {
        if (entries.is_notable(name, type)) found.push_back({std::string(name), type});
      });
  if (error != 0) {
    if (error == ENOENT || error == ENOTDIR || is_out_of_reach(place.path)) return;
    // Entries that cannot be judged are denied; those that rules name stay as the rules say.
    objects_[place.path] = {.directory = true, .unreadable = true};
    for (const std::string& name : named) {
      const std::string path = place.path + '/' + name;
      struct stat info = {};
      if (lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) add(path, true);
      visit_entry(place, name, EntryType::unknown);
    }
    return;
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end(),
                          [](const Entry& a, const Entry& b) { return a.name == b.name; }),
              found.end());
  for (const Entry& entry : found) visit_entry(place, entry.name, entry.type);
}

void Walk::visit_entry(const Place& parent, const std::string& name, EntryType type) {
  const std::string path = parent.path + '/' + name;
  if (path.size() > kMaxPath) {
    objects_[parent.path] = {.directory = true, .unreadable = true};
    return;
  }
  Position position = entry_position(parent.position, name);
  take_marks(path, position);
  const Position alias_position = entry_position(parent.alias_position, name);
  if (type == EntryType::unknown) {
    struct stat info = {};
    if (lstat(path.c_str(), &info) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) {
        const PathTable::Verdict verdict = table_.verdict(position);
        const bool differs = verdict.access != table_.verdict(parent.position).access;
        if (differs) missing_[path] = verdict.rule();
        if (denies_later(position) || denies_later(alias_position)) awaiting_.insert(parent.path);
      } else if (!failure_ && !is_out_of_reach(parent.path)) {
        // It may be there, and more that rules speak of beneath it.
        failure_ =
            Error{"cannot look at `" + path + "`: " + std::strerror(errno),
                  "the policy speaks of it or of what lies there: leave that out, or mend it"};
      }
      return;
    }
    type = S_ISLNK(info.st_mode)   ? EntryType::link
           : S_ISDIR(info.st_mode) ? EntryType::directory
                                   : EntryType::other;
  }
  if (type == EntryType::link) {
    const PathTable::Verdict verdict = table_.verdict(position);
    const bool denied = verdict.access != Access::write && verdict.rule() != PathTable::kNoRule &&
                        bundle_.rules[verdict.rule()].effect == Effect::deny;
    if (denied) denied_links_[path] = verdict.rule();
    follow(parent.path, name, position, parent.position, true);
    if (parent.alias != nullptr) {
      follow(parent.path, name, alias_position, parent.alias_position, parent.alias->trusted);
    }
    return;
  }
  const bool directory = type == EntryType::directory;
  const bool changes =
      !same_rules(position, parent.position) ||
      (parent.alias != nullptr && !same_rules(alias_position, parent.alias_position));
  if (changes) add(path, directory);
  if (directory) visit({path, std::move(position), parent.alias, alias_position});
}

// Brings the rules of a link's name to where it leads. `trusted` is whether the command could not
// have made the links on the way to the link itself.
void Walk::follow(const std::string& directory, const std::string& link, const Position& position,
                  const Position& base, bool trusted) {
  if (same_rules(position, base) && !is_open(position)) return;
  const auto real =
      real_path(directory, link, [this](const std::string& holder) { return trusts(holder); });
  if (!real) return;
  Position target = table_.find(real->path, anchors_);
  if (target == position) return;
  const Alias alias{position, base, trusted && real->links_hold};
  const auto [first, last] = aliases_.equal_range(real->path);
  if (std::any_of(first, last, [&](const auto& entry) { return entry.second == alias; })) return;
  const auto added = aliases_.emplace(real->path, alias);
  add(real->path, real->directory);
  if (real->directory) visit({real->path, std::move(target), &added->second, position});
}

void Walk::add(const std::string& path, bool directory) {
  objects_.try_emplace(path, Object{directory});
}

std::vector<std::string> Walk::names_towards_anchors(const std::string& path) const {
  std::vector<std::string> names;
  for (const std::string& anchor : anchors_) {
    if (anchor.size() <= path.size() || !is_at_or_beneath(anchor, path)) continue;
    const std::string_view rest = std::string_view(anchor).substr(path.size() + 1);
    const std::string name(rest.substr(0, rest.find('/')));
    if (name.empty()) continue;  // kNowhere
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

Walk::Position Walk::entry_position(const Position& directory, std::string_view name) const {
  Position position = directory;
  if (position.empty()) return position;
  table_.step(position, '/');
  table_.read(position, name);
  return position;
}

void Walk::take_marks(const std::string& path, Position& position) const {
  for (std::uint32_t anchor = 0; anchor < anchors_.size(); ++anchor) {
    if (anchors_[anchor] == path) table_.mark(position, anchor);
  }
}

// Whether the same lanes have a rule that matches.
bool Walk::same_rules(const Position& a, const Position& b) const {
  for (std::size_t i = 0; i < table_.lanes.size(); ++i) {
    const PathTable::Lane& lane = table_.lanes[i];
    if ((lane.rule[a[i]] == PathTable::kNoRule) != (lane.rule[b[i]] == PathTable::kNoRule)) {
      return false;
    }
  }
  return true;
}

// Whether some lane can still change.
bool Walk::is_open(const Position& position) const {
  for (std::size_t i = 0; i < table_.lanes.size(); ++i) {
    if (table_.lanes[i].outlook[position[i]] == PathTable::Outlook::open) return true;
  }
  return false;
}

// Whether a deny of the lane that is not about existing names alone matches here or further on.
bool Walk::denies_later(std::size_t i, PathTable::State state) const {
  const PathTable::Lane& lane = table_.lanes[i];
  if (lane.effect != Effect::deny || lane.outlook[state] == PathTable::Outlook::never) return false;
  return !lane_is_existing(bundle_, lane);
}

bool Walk::denies_later(const Position& position) const {
  for (std::size_t i = 0; i < position.size(); ++i) {
    if (denies_later(i, position[i])) return true;
  }
  return false;
}

std::vector<NameGuard::Alias> Walk::aliases() const {
  std::vector<NameGuard::Alias> out;
  for (const auto& [target, alias] : aliases_) {
    out.push_back({target, alias.position, alias.base, alias.trusted});
  }
  return out;
}

PathTable::Verdict Walk::access(const std::string& path) const {
  // All names of the object: the position that each leads to, and what it takes to count.
  struct Name {
    Position position;
    const Alias* alias;
  };
  std::vector<Name> names = {{table_.find(path, anchors_), nullptr}};
  for (std::size_t end = path.size();; end = path.rfind('/', end - 1)) {
    const auto [first, last] = aliases_.equal_range(path.substr(0, end));
    for (auto entry = first; entry != last; ++entry) {
      Position position = entry->second.position;
      table_.read(position, std::string_view(path).substr(end));
      names.push_back({std::move(position), &entry->second});
    }
    if (end == 0) break;
  }
  return table_.decide([&](std::size_t i) {
    const PathTable::Lane& lane = table_.lanes[i];
    for (const auto& [position, alias] : names) {
      const std::uint32_t rule = lane.rule[position[i]];
      if (rule == PathTable::kNoRule) continue;
      if (alias == nullptr) return rule;
      // Of rules about the place of a link none speaks of where it leads.
      if (lane.rule[alias->base[i]] != PathTable::kNoRule) continue;
      // What the name itself is not let do, by a later rule about the place, it does not give.
      const Access given = lane.operation == Operation::read ? Access::read : Access::write;
      const bool counts = lane.effect == Effect::deny ||
                          (alias->trusted && table_.verdict(position).access >= given);
      if (counts) return rule;
    }
    return PathTable::kNoRule;
  });
}

}  // namespace srt
