#include "runtime/plan/plan.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <unordered_map>

#include "runtime/base/path_text.h"
#include "runtime/bundle/guarded_filter.h"
#include "runtime/plan/real_path.h"
#include "runtime/plan/walk.h"

namespace srt {
namespace {

// Directories that the sandbox has of its own, whatever the host's hold. They are writable as far
// as their own permissions go, so only what a rule takes away needs a mount.
constexpr std::array<std::string_view, 2> kOwn = {"/proc", "/dev"};

// What a sandbox's own directories hold that a rule may take away (bwrap(1), --dev and --proc).
constexpr std::array<std::string_view, 11> kOwnObjects = {
    "/proc",        "/dev",     "/dev/null", "/dev/zero", "/dev/full", "/dev/random",
    "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts",  "/dev/shm"};
constexpr std::array<std::string_view, 4> kOwnDirectories = {"/proc", "/dev", "/dev/pts",
                                                             "/dev/shm"};

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// What of these every launch makes read-only, without a mount of the plan.
constexpr std::string_view kReadOnlyOwn = "/proc/sys";

bool is_own(std::string_view path) {
  return std::any_of(kOwn.begin(), kOwn.end(),
                     [&](std::string_view own) { return is_at_or_beneath(path, own); });
}

bool has_guard(const Bundle& bundle) {
  return std::any_of(
      bundle.filters.begin(), bundle.filters.end(),
      [](const Bundle::Filter& filter) { return guarded_filter::is_guarded(filter.instructions); });
}

class Planner {
 public:
  Planner(const Bundle& bundle, const std::vector<std::string>& anchors, bool can_guard)
      : bundle_(bundle), is_guarded_(can_guard && has_guard(bundle)), walk_(bundle, anchors) {}

  Result<MountPlan> run(const std::string& working_directory) {
    if (walk_.failure()) return *walk_.failure();
    for (const auto& [path, object] : walk_.objects()) {
      if (!is_own(path)) decide(path, object);
    }
    add_mount("", true, walk_.access(""));
    for (const auto& [path, decided] : decided_) {
      if (!path.empty()) add_change(path, decided);
    }
    add_own_denials();
    add_guard();
    add_notes();
    if (const auto error = check_working_directory(working_directory)) return *error;
    for (auto& [path, mount] : mounts_) plan_.mounts.push_back(std::move(mount));
    return std::move(plan_);
  }

 private:
  struct Decided {
    bool directory;
    PathTable::Verdict verdict;
  };

  void decide(const std::string& path, const Walk::Object& object) {
    PathTable::Verdict verdict = walk_.access(path);
    if (object.unreadable) {
      verdict.access = Access::none;
      plan_.notes.push_back("`" + path + "` cannot be listed, so what it holds is denied");
    }
    decided_.insert_or_assign(path, Decided{object.directory, verdict});
    if (verdict.access == Access::none) return;
    for (std::string above = path; !above.empty();) {
      above = parent_of(above);
      opened_.insert(above);
    }
  }

  // Adds the mount for an object whose access is not that of the directory it is in.
  void add_change(const std::string& path, const Decided& decided) {
    const auto above = nearest_mount(path);
    const Access around = access_of(above->second.kind);
    if (around == decided.verdict.access) return;
    const std::string top = above->first;
    add_mount(path, decided.directory, decided.verdict);
    if (around == Access::write) pin_between(top, path);
  }

  void add_mount(const std::string& path, bool directory, const PathTable::Verdict& verdict) {
    Mount::Kind kind = Mount::Kind::read_only;
    switch (verdict.access) {
      case Access::write:
        kind = Mount::Kind::read_write;
        break;
      case Access::read:
        kind = Mount::Kind::read_only;
        break;
      case Access::none:
        kind = !directory                               ? Mount::Kind::hidden_file
               : opened_.contains(path) || path.empty() ? Mount::Kind::sealed_directory
                                                        : Mount::Kind::hidden_directory;
        break;
    }
    mounts_.insert_or_assign(path,
                             Mount{kind, path.empty() ? "/" : path, directory, verdict.rule()});
  }

  // A directory between a writable root and a mount in it could be renamed, and with it the mount's
  // place taken by something else; a mount point cannot (EBUSY).
  void pin_between(const std::string& top, const std::string& path) {
    for (std::string above = parent_of(path); above != top; above = parent_of(above)) {
      mounts_.try_emplace(above, Mount{Mount::Kind::pin, above, true, Mount::kNoRule});
    }
  }

  std::map<std::string, Mount>::const_iterator nearest_mount(const std::string& path) const {
    for (std::string above = parent_of(path);; above = parent_of(above)) {
      const auto found = mounts_.find(above);
      if (found != mounts_.end()) return found;
    }
  }

  static Access access_of(Mount::Kind kind) {
    switch (kind) {
      case Mount::Kind::read_write:
      case Mount::Kind::pin:
        return Access::write;
      case Mount::Kind::read_only:
        return Access::read;
      case Mount::Kind::hidden_file:
      case Mount::Kind::hidden_directory:
      case Mount::Kind::sealed_directory:
        break;
    }
    return Access::none;
  }

  // The sandbox's own /proc and /dev are there whatever the rules say of the host's: what the rules
  // deny of them is covered. A read-only mount does not stop writes to a device, so a write deny
  // covers it too, which is tighter.
  void add_own_denials() {
    const auto cover = [&](const std::string& path, bool directory) {
      const PathTable::Verdict verdict = walk_.access(path);
      const bool denied = verdict.rule() != PathTable::kNoRule && verdict.access != Access::write &&
                          bundle_.rules[verdict.rule()].effect == Effect::deny;
      if (!denied || is_hidden(nearest_mount(path)->first)) return;
      if (verdict.access == Access::read && is_at_or_beneath(path, kReadOnlyOwn)) return;
      if (verdict.access == Access::read) {
        plan_.notes.push_back("`" + path + "` is hidden, as `" +
                              bundle_.rules[verdict.rule()].text +
                              "` cannot be enforced on it otherwise");
      }
      add_mount(path, directory, {Access::none, verdict.rule(), verdict.write_rule});
    };
    for (const std::string_view path : kOwnObjects) {
      cover(std::string(path), std::find(kOwnDirectories.begin(), kOwnDirectories.end(), path) !=
                                   kOwnDirectories.end());
    }
    for (const auto& [path, object] : walk_.objects()) {
      if (path.starts_with("/proc/")) cover(path, object.directory);
    }
  }

  bool is_hidden(const std::string& path) const {
    return is_own(path) && mounts_.at(path).kind == Mount::Kind::hidden_directory;
  }

  bool can_write_in(const std::string& directory) const {
    if (is_own(directory)) return is_at_or_beneath(directory, "/dev");
    const auto own = mounts_.find(directory);
    const auto& mount = own != mounts_.end() ? own : nearest_mount(directory);
    return access_of(mount->second.kind) == Access::write;
  }

  // Guarding costs time, and so it is done only where something that a rule denies could appear.
  void add_guard() {
    NameGuard& guard = plan_.guard;
    for (const auto& [path, rule] : walk_.denied_links()) {
      if (can_write_in(parent_of(path))) guard.links.push_back({path, rule});
    }
    guard.is_needed = !guard.links.empty();
    for (const std::string& directory : walk_.awaiting()) {
      guard.is_needed = guard.is_needed || can_write_in(directory);
    }
    if (guard.is_needed) guard.aliases = walk_.aliases();
  }

  void add_notes() {
    for (const auto& [path, rule] : walk_.missing()) {
      const auto above = nearest_mount(path);
      const bool can_appear = access_of(above->second.kind) == Access::write;
      if (rule == PathTable::kNoRule) continue;
      const Bundle::Rule& by = bundle_.rules[rule];
      if (by.effect == Effect::deny && can_appear && !by.existing && !is_guarded_) {
        plan_.notes.push_back("`" + path + "` is not there; `" + by.text +
                              "` holds for it from the next launch on");
      } else if (by.effect == Effect::deny && can_appear && !by.existing) {
        plan_.notes.push_back("`" + path + "` is not there, and `" + by.text +
                              "` keeps it from being made");
      } else if (by.effect == Effect::allow && by.operation == Operation::write && !can_appear) {
        plan_.notes.push_back("`" + path + "` is not there, so `" + by.text + "` grants nothing");
      }
    }
  }

  std::optional<Error> check_working_directory(const std::string& path) const {
    const auto real = real_path(path, [](const std::string&) { return true; });
    if (!real || !real->directory) {
      return Error{"the working directory `" + path + "` is not there", "start in one that is"};
    }
    if (is_own(real->path)) return std::nullopt;
    const PathTable::Verdict verdict = walk_.access(real->path);
    if (verdict.access != Access::none) return std::nullopt;
    const std::string why = verdict.rule() == PathTable::kNoRule
                                ? "`default read deny`"
                                : "`" + bundle_.rules[verdict.rule()].text + "` (" +
                                      bundle_.rules[verdict.rule()].origin + ")";
    return Error{"the working directory `" + path + "` is denied by " + why,
                 "start in another directory, or add `allow read .` to the policy"};
  }

  const Bundle& bundle_;
  const bool is_guarded_;
  const Walk walk_;
  std::map<std::string, Decided> decided_;
  std::set<std::string> opened_;         // directories with something readable beneath
  std::map<std::string, Mount> mounts_;  // by path, the root directory as ""
  MountPlan plan_;
};

}  // namespace

Result<MountPlan> make_mount_plan(const Bundle& bundle, const std::vector<std::string>& anchors,
                                  const std::string& working_directory, bool can_guard) {
  return Planner(bundle, anchors, can_guard).run(working_directory);
}

}  // namespace srt
