#include "compiler/lint/places.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/lint/arrangement.h"

namespace srt::lint {
namespace {

enum class Kind { later, socket, secret };

struct Place {
  Kind kind;
  std::string_view path;
  std::string_view why;
};

constexpr Place kPlaces[] = {
#define SRT_PLACE(kind, path, why) {Kind::kind, path, why},
#include "compiler/lint/known_places.def"
#undef SRT_PLACE
};

// A file that is in the table only to ask about its directory is not shown.
std::string_view shown(const Place& place) {
  const std::size_t slash = place.path.rfind('/');
  const bool is_sample = place.path.find("srt-sample", slash) != std::string_view::npos;
  return is_sample ? place.path.substr(0, slash) : place.path;
}

std::string and_more(std::size_t count) {
  return count == 1 ? "" : fmt::format(" and {} more", count - 1);
}

// A place that is open, and the arrangement in words where it is not the common one.
struct Open {
  const Place* place;
  std::string where;
};
using Found = std::map<std::uint32_t, std::vector<Open>>;

class Places {
 public:
  Places(const Subject& subject, Diagnostics& diagnostics)
      : subject_(subject),
        diagnostics_(diagnostics),
        arrangements_(subject.policy, subject.target),
        default_(static_cast<std::uint32_t>(subject.policy.rules.size())) {}

  void check() {
    Found later = allowed(Kind::later, Operation::write);
    add_elsewhere(later, Kind::later, Operation::write);
    report(Diag::runs_later, later,
           "write `use std.protect` or `use std.protect.strict` below it, or grant less");
    Found sockets = allowed(Kind::socket, Operation::unix);
    add_elsewhere(sockets, Kind::socket, Operation::unix);
    report(Diag::powerful_socket, sockets,
           "grant the sockets that the command needs, by their paths");
    check_credentials();
  }

 private:
  std::string path_of(const Place& place, const Arrangement& arrangement) const {
    const std::string rest(place.path.substr(1));
    if (place.path.starts_with("~/")) return arrangements_.home(arrangement) + rest;
    if (place.path.starts_with("./")) return arrangements_.working_directory(arrangement) + rest;
    return std::string(place.path);
  }

  // The rule of a person that allows a place, or the default; nothing where none of them does.
  std::optional<std::uint32_t> opener(const Place& place, Operation operation,
                                      const Arrangement& arrangement) const {
    const Answer answer = subject_.ask(arrangement, operation, path_of(place, arrangement));
    if (answer.effect != Effect::allow) return std::nullopt;
    if (!answer.rule || subject_.policy.rules[*answer.rule].implied) return default_;
    // A module's own grants are its business.
    if (!is_written(subject_, subject_.policy.rules[*answer.rule])) return std::nullopt;
    return *answer.rule;
  }

  // The places of a kind that are allowed, by the rule that allows them.
  Found allowed(Kind kind, Operation operation) const {
    Found found;
    for (const Place& place : kPlaces) {
      if (place.kind != kind) continue;
      const auto rule = opener(place, operation, arrangements_.common());
      if (rule) found[*rule].push_back({&place, {}});
    }
    return found;
  }

  // What rules allow in other arrangements, of those that allow nothing in the common one.
  void add_elsewhere(Found& found, Kind kind, Operation operation) const {
    for (std::uint32_t i = 0; i < subject_.policy.rules.size(); ++i) {
      if (found.contains(i) || !grants_directory(i, operation) || is_protected_below(i)) continue;
      const glob::AnchorId anchor = *subject_.policy.rules[i].paths().pattern.anchor;
      for (const auto& arrangement :
           {arrangements_.as_project(anchor), arrangements_.as_home(anchor)}) {
        if (arrangement && !found.contains(i)) add_opened(found, i, kind, operation, *arrangement);
      }
      // A socket's own directory is seldom given as a parameter but on purpose.
      if (!found.contains(i) && kind == Kind::later) add_above(found, i, operation);
    }
  }

  // The places that a rule opens in one arrangement.
  void add_opened(Found& found, std::uint32_t i, Kind kind, Operation operation,
                  const Arrangement& arrangement) const {
    for (const Place& place : kPlaces) {
      if (place.kind != kind || opener(place, operation, arrangement) != i) continue;
      found[i].push_back({&place, arrangement.where});
    }
  }

  // The first place that a rule opens when it starts from a directory above.
  void add_above(Found& found, std::uint32_t i, Operation operation) const {
    const glob::AnchorId anchor = *subject_.policy.rules[i].paths().pattern.anchor;
    for (const Place& place : kPlaces) {
      if (place.kind != Kind::later || !place.path.starts_with('/')) continue;
      const std::string directory(place.path.substr(0, place.path.rfind('/')));
      for (const Arrangement& above : arrangements_.above(anchor, directory)) {
        if (opener(place, operation, above) != i) continue;
        found[i].push_back({&place, above.where});
        return;
      }
    }
  }

  // Whether a rule of a person grants a directory that is known at launch only, as a whole. A name
  // in such a directory, as in `./bin`, is that of the project's own.
  bool grants_directory(std::uint32_t i, Operation operation) const {
    const ir::Rule& rule = subject_.policy.rules[i];
    if (rule.operation != operation || rule.effect != Effect::allow || !rule.has_paths() ||
        !is_written(subject_, rule)) {
      return false;
    }
    const glob::PathPattern& pattern = rule.paths().pattern;
    return pattern.anchor &&
           (pattern.atoms.empty() || pattern.atoms[0].kind == glob::Atom::Kind::segments);
  }

  // Who uses one of these below a grant has thought of what runs later.
  bool is_protected_below(std::uint32_t i) const {
    const std::vector<ir::Rule>& rules = subject_.policy.rules;
    return std::any_of(rules.begin() + i, rules.end(), [&](const ir::Rule& rule) {
      const SourceFile& source = subject_.sources.file(rule.origin.file);
      return source.is_built_in() && source.name().starts_with("std.protect");
    });
  }

  void report(Diag diag, const Found& found, std::string_view help) {
    for (const auto& [number, open] : found) {
      if (number == default_) continue;
      const ir::Rule& rule = subject_.policy.rules[number];
      diagnostics_
          .report(diag, rule.origin, rule.text, shown(*open[0].place), and_more(open.size()),
                  open[0].where, open[0].place->why)
          .help = help;
    }
  }

  // Reports the rule, or the default, that opens the home as a whole: what opens one place is
  // meant.
  void check_credentials() {
    const Arrangement& common = arrangements_.common();
    const Answer home =
        subject_.ask(common, Operation::read, arrangements_.home(common) + "/srt-sample-file");
    if (home.effect == Effect::deny) return;
    const Found found = allowed(Kind::secret, Operation::read);
    const auto by_it = found.find(home.rule.value_or(default_));
    if (by_it == found.end()) return;
    const auto& [number, open] = *by_it;
    const Span span = number == default_ ? Span{} : subject_.policy.rules[number].origin;
    diagnostics_
        .report(Diag::credentials_readable, span, shown(*open[0].place), and_more(open.size()))
        .help = subject_.policy.is_settings
                    ? "list them in `denyRead`, or use a policy with `use std.secrets`"
                    : "write `use std.secrets`, or `default read deny` with `use std.base`";
  }

  const Subject& subject_;
  Diagnostics& diagnostics_;
  Arrangements arrangements_;
  std::uint32_t default_;  // the number of no rule: what the default allows
};

// Names that end like those of files that editors and package managers save.
bool looks_like_file(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view extension = name.substr(dot + 1);
  constexpr std::size_t kLongest = 5;
  constexpr std::array<std::string_view, 4> kDirectories = {"d", "git", "app", "noindex"};
  return !extension.empty() && extension.size() <= kLongest &&
         std::all_of(extension.begin(), extension.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0; }) &&
         std::isalpha(static_cast<unsigned char>(extension[0])) != 0 &&
         std::find(kDirectories.begin(), kDirectories.end(), extension) == kDirectories.end();
}

}  // namespace

void check_places(const Subject& subject, Diagnostics& diagnostics) {
  Places(subject, diagnostics).check();
}

void check_single_files(const Subject& subject, Diagnostics& diagnostics) {
  const Arrangement common = Arrangements(subject.policy, subject.target).common();
  for (const ir::Rule& rule : subject.policy.rules) {
    if (rule.operation != Operation::write || rule.effect != Effect::allow ||
        !is_written(subject, rule)) {
      continue;
    }
    const glob::PathPattern& pattern = rule.paths().pattern;
    if (!pattern.is_plain() || pattern.atoms.empty()) continue;
    std::string path = pattern.anchor ? common.directories[*pattern.anchor] : std::string();
    for (const glob::Atom& atom : pattern.atoms) path += atom.bytes;
    if (!looks_like_file(path)) continue;
    const std::string beside = path.substr(0, path.rfind('/') + 1) + ".srt-sample-file";
    if (subject.ask(common, Operation::write, beside).effect == Effect::allow) continue;
    diagnostics.report(Diag::single_file, rule.origin, rule.text).help =
        "grant the directory, or silence this where the program writes in place";
  }
}

}  // namespace srt::lint
