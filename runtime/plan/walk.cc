#include "runtime/plan/walk.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "runtime/plan/real_path.h"

namespace srt {
namespace {

// What lies there is the kernel's, changes by itself, and is not what policies with wildcards mean;
// the sandbox has its own /proc and /dev anyway. Names without wildcards are looked up there too.
constexpr std::array<std::string_view, 3> kNeverListed = {"/proc", "/sys", "/dev"};

bool is_at_or_beneath(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

bool may_be_listed(std::string_view path) {
  return std::none_of(kNeverListed.begin(), kNeverListed.end(), [&](std::string_view directory) {
    return is_at_or_beneath(path, directory);
  });
}

// Whether the caller, and so the command, cannot enter the directory nor change that.
bool is_out_of_reach(const std::string& directory) {
  struct stat info = {};
  return access(directory.c_str(), X_OK) != 0 &&
         (stat(directory.c_str(), &info) != 0 || info.st_uid != geteuid());
}

// Of two rule numbers the later rule's; kNoRule comes before all.
std::uint32_t later(std::uint32_t a, std::uint32_t b) {
  static_assert(PathTable::kNoRule + 1 == 0);
  return std::max(a + 1, b + 1) - 1;
}

const std::string& readable(const std::string& path) {
  static const std::string kRoot = "/";
  return path.empty() ? kRoot : path;
}

}  // namespace

Walk::Walk(const Bundle& bundle, const std::vector<std::string>& anchors)
    : bundle_(bundle), table_(bundle.paths), anchors_(anchors) {
  visit({"", take_marks("", PathTable::kStart)});
}

void Walk::visit(Place place) {
  if (place.alias != nullptr && place.alias_state == place.state) place.alias = nullptr;
  if (can_skip(place)) return;
  const auto key = place.alias != nullptr
                       ? std::tuple(place.path, place.alias_state, place.alias->trusted)
                       : std::tuple(place.path, place.state, true);
  if (!visited_.insert(key).second) return;
  if (const auto names = few_names(place)) {
    for (const std::string& name : *names) visit_entry(place, name);
  } else if (may_be_listed(place.path)) {
    list(place);
    return;
  }
  for (const std::string& name : names_towards_anchors(place.path)) visit_entry(place, name);
}

// Whether no rule changes anything beneath.
bool Walk::can_skip(const Place& place) const {
  if (!names_towards_anchors(place.path).empty()) return false;
  const State state = place.state;
  if (place.alias == nullptr) return table_.lowest[state] == table_.highest[state];
  const State other = place.alias_state;
  if (table_.constant[state] != 0 && table_.constant[other] != 0) return true;
  // A name that is not trusted can only take access away.
  return !place.alias->trusted && table_.lowest[other] >= table_.highest[state];
}

// What a walk that stands in `from` looks for. Where two names meet, the numbers of the rules
// matter, not only what they come to.
Interest Walk::interest(State from, bool by_rules) const {
  const auto dull = [this, from, by_rules](State state) {
    if (by_rules) return table_.constant[state] != 0 && table_.same_rules(state, from);
    return table_.lowest[state] == table_.highest[state] &&
           table_.access[state] == table_.access[from];
  };
  const auto notable = [this, from, by_rules, dull](State state) {
    const bool changes =
        by_rules ? !table_.same_rules(state, from) : table_.access[state] != table_.access[from];
    return changes || !dull(table_.step(state, '/'));
  };
  return {dull, notable};
}

std::optional<std::vector<std::string>> Walk::few_names(const Place& place) const {
  const bool by_rules = place.alias != nullptr;
  auto names = next_names(table_, place.state, interest(place.state, by_rules));
  if (!names || !by_rules) return names;
  const auto others = next_names(table_, place.alias_state, interest(place.alias_state, true));
  if (!others) return std::nullopt;
  names->insert(names->end(), others->begin(), others->end());
  return names;
}

void Walk::list(const Place& place) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(readable(place.path).c_str()),
                                                      closedir);
  if (directory == nullptr) {
    if (errno == ENOENT || errno == ENOTDIR || is_out_of_reach(place.path)) return;
    // Entries that cannot be judged are denied; ways to places that rules speak of stay open.
    objects_[place.path] = {.directory = true, .unreadable = true};
    for (const std::string& name : names_towards_anchors(place.path)) {
      add(place.path + '/' + name, true);
      visit_entry(place, name);
    }
    return;
  }
  const bool by_rules = place.alias != nullptr;
  const Interest by_name = interest(place.state, by_rules);
  const Interest by_alias = interest(place.alias_state, by_rules);
  const State state = table_.step(place.state, '/');
  const State alias_state = table_.step(place.alias_state, '/');
  std::vector<std::string> found = names_towards_anchors(place.path);
  while (const dirent* entry = readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (by_name.notable(table_.read(state, name)) ||
        (by_rules && by_alias.notable(table_.read(alias_state, name)))) {
      found.emplace_back(name);
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  for (const std::string& name : found) visit_entry(place, name);
}

void Walk::visit_entry(const Place& parent, const std::string& name) {
  const std::string path = parent.path + '/' + name;
  const State state = take_marks(path, table_.read(table_.step(parent.state, '/'), name));
  const State alias_state = table_.read(table_.step(parent.alias_state, '/'), name);
  struct stat info = {};
  if (lstat(path.c_str(), &info) != 0) {
    const bool decided = table_.access[state] != table_.access[parent.state];
    if (errno == ENOENT && decided) {
      missing_[path] =
          table_.access[state] == Access::none ? table_.read_rule[state] : table_.write_rule[state];
    }
    return;
  }
  if (S_ISLNK(info.st_mode)) {
    follow(path, state, parent.state);
    if (parent.alias != nullptr) follow(path, alias_state, parent.alias_state);
    return;
  }
  const bool directory = S_ISDIR(info.st_mode);
  const bool changes =
      !table_.same_rules(state, parent.state) ||
      (parent.alias != nullptr && !table_.same_rules(alias_state, parent.alias_state));
  if (changes) add(path, directory);
  if (directory) visit({path, state, parent.alias, alias_state});
}

// Brings the rules of a link's name to where it leads.
void Walk::follow(const std::string& link, State state, State base) {
  if (table_.same_rules(state, base) && table_.constant[state] != 0) return;
  const auto real = real_path(link, [this](const std::string& directory) {
    return access(directory).access != Access::write;
  });
  if (!real) return;
  const State target = table_.find(real->path, anchors_);
  if (target == state) return;
  const Alias alias{state, base, real->links_hold};
  const auto [first, last] = aliases_.equal_range(real->path);
  if (std::any_of(first, last, [&](const auto& entry) { return entry.second == alias; })) return;
  const auto added = aliases_.emplace(real->path, alias);
  add(real->path, real->directory);
  if (real->directory) visit({real->path, target, &added->second, state});
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
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

Walk::State Walk::take_marks(const std::string& path, State state) const {
  for (std::uint32_t anchor = 0; anchor < anchors_.size(); ++anchor) {
    if (anchors_[anchor] == path) state = table_.mark(state, anchor);
  }
  return state;
}

// The rule, of those that `rules` gives for states, that an alias brings to what lies at `beneath`
// its target: none where its name adds nothing.
std::uint32_t Walk::rule_by_alias(const Alias& alias, std::string_view beneath,
                                  const std::vector<std::uint32_t>& rules) const {
  State state = alias.state;
  std::uint32_t held = PathTable::kNoRule;
  for (std::size_t i = 0;; ++i) {
    if (i == beneath.size() || beneath[i] == '/') {
      const std::uint32_t rule = rules[state];
      if (rule == PathTable::kNoRule || rule == rules[alias.base]) {
        held = PathTable::kNoRule;
      } else if (alias.trusted || bundle_.rules[rule].effect == Effect::deny) {
        held = rule;
      }
      // An allow by a name that the command could have made grants nothing and lifts no deny.
    }
    if (i == beneath.size()) return held;
    state = table_.step(state, static_cast<unsigned char>(beneath[i]));
  }
}

ObjectAccess Walk::access(const std::string& path) const {
  const State state = table_.find(path, anchors_);
  std::uint32_t read_rule = table_.read_rule[state];
  std::uint32_t write_rule = table_.write_rule[state];
  for (std::size_t end = path.size();; end = path.rfind('/', end - 1)) {
    const auto [first, last] = aliases_.equal_range(path.substr(0, end));
    for (auto entry = first; entry != last; ++entry) {
      const std::string_view beneath = std::string_view(path).substr(end);
      read_rule = later(read_rule, rule_by_alias(entry->second, beneath, table_.read_rule));
      write_rule = later(write_rule, rule_by_alias(entry->second, beneath, table_.write_rule));
    }
    if (end == 0) break;
  }
  const auto effect = [&](std::uint32_t rule, Operation operation) {
    return rule == PathTable::kNoRule ? bundle_.defaults[static_cast<std::size_t>(operation)]
                                      : bundle_.rules[rule].effect;
  };
  if (effect(read_rule, Operation::read) == Effect::deny) return {Access::none, read_rule};
  const bool writable = effect(write_rule, Operation::write) == Effect::allow;
  return {writable ? Access::write : Access::read, write_rule};
}

}  // namespace srt
