#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/bundle/bundle.h"
#include "runtime/plan/list_directory.h"
#include "runtime/plan/mount_plan.h"
#include "runtime/plan/next_names.h"

namespace srt {

/// What the path rules come to on this machine's file system: which objects have other access than
/// the directory they are in. Objects are named by their canonical path, the root directory by "".
///
/// Kernels enforce on objects, rules speak of names, and a symbolic link gives an object another
/// name. The last rule that matches any name of an object decides about it, with one exception: an
/// allow counts for a link's target only where the command could not have made the link, that is
/// where no rule lets it write to the directory the link is in.
class Walk {
 public:
  struct Object {
    bool directory;
    bool unreadable = false;  ///< a directory whose entries could not all be judged
  };

  /// Walks the file system once for all rules. It lists only directories in which a rule can match
  /// some name and does not know which, and none beneath /proc, /sys and /dev. `anchors` are the
  /// values of the bundle's anchors.
  Walk(const Bundle& bundle, const std::vector<std::string>& anchors);

  /// Every object with other rules than its directory, by canonical path, so that directories come
  /// before what they hold.
  const std::map<std::string, Object>& objects() const { return objects_; }

  /// What could not be found out, so that the objects are not all that there are.
  const std::optional<Error>& failure() const { return failure_; }

  /// The access to any object, walked or not.
  PathTable::Verdict access(const std::string& path) const;

  /// Names without wildcards that rules speak of and that are not there, each with the rule that
  /// would decide.
  const std::map<std::string, std::uint32_t>& missing() const { return missing_; }

  /// Directories in which names can appear, or have something appear beneath, that a deny of more
  /// than what exists matches. Among those that the walk came to.
  const std::set<std::string>& awaiting() const { return awaiting_; }

  /// Symbolic links at names that a deny decides about, each with that rule.
  const std::map<std::string, std::uint32_t>& denied_links() const { return denied_links_; }

  /// The other names that objects have by symbolic links.
  std::vector<NameGuard::Alias> aliases() const;

 private:
  using Position = PathTable::Position;

  // Another name that some object has by a symbolic link: reading on from `position` gives the
  // rules that this name brings to what lies beneath. Rules that match already at the directory of
  // the link (`base`) speak of the link's place, not of its target.
  struct Alias {
    Position position;
    Position base;
    bool trusted;

    friend bool operator==(const Alias&, const Alias&) = default;
  };

  // A directory on the way: its canonical name's position and, where the walk came by a link, that
  // of the other name.
  struct Place {
    std::string path;
    Position position;
    const Alias* alias = nullptr;
    Position alias_position = {};
  };

  class Entries;

  bool distrust_opened();
  bool trusts(const std::string& directory);
  void visit(Place place);
  void list(const Place& place, const std::vector<std::string>& named);
  void visit_entry(const Place& parent, const std::string& name, EntryType type);
  void follow(const std::string& directory, const std::string& link, const Position& position,
              const Position& base, bool trusted);
  void add(const std::string& path, bool directory);
  bool can_skip(const Place& place) const;
  bool find_names(const Place& place, std::vector<std::string>& names);
  std::vector<std::string> names_towards_anchors(const std::string& path) const;
  Position entry_position(const Position& directory, std::string_view name) const;
  void take_marks(const std::string& path, Position& position) const;
  bool same_rules(const Position& a, const Position& b) const;
  bool is_open(const Position& position) const;
  bool denies_later(std::size_t lane, PathTable::State state) const;
  bool denies_later(const Position& position) const;

  const Bundle& bundle_;
  const PathTable& table_;
  const std::vector<std::string>& anchors_;
  std::map<std::string, Object> objects_;
  std::map<std::string, std::uint32_t> missing_;
  std::optional<Error> failure_;
  std::set<std::string> awaiting_;
  std::map<std::string, std::uint32_t> denied_links_;
  std::multimap<std::string, Alias> aliases_;  // by the target's canonical path
  std::set<std::tuple<std::string, Position, bool>> visited_;
  std::set<std::string> trusted_;     // directories whose links were taken as not the command's
  std::set<std::string> distrusted_;  // those that an earlier round found to be writable
};

}  // namespace srt
