#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>

#include "compiler/backend/seatbelt/seatbelt.h"
#include "tests/support/naive_matcher.h"
#include "tests/unit/compiler/backend/seatbelt/policies.h"

// Random policies over a small alphabet, in every arrangement of two anchors, against the naive
// reading of the same policy on every short path.
namespace srt::seatbelt {
namespace {

using glob::Atom;
using glob::PathPattern;
using ir::Operation;
using test::sbpl::Profile;
using test::sbpl::Reading;

constexpr std::array<const char*, 3> kNames = {"a", "b", "ab"};
const std::array<std::pair<std::string, std::string>, 7> kArrangements = {{{"", ""},
                                                                           {"/a", "/a"},
                                                                           {"/a", "/a/b"},
                                                                           {"/a/b", "/a"},
                                                                           {"/a", "/b"},
                                                                           {"", "/b"},
                                                                           {"/ab", ""}}};
constexpr int kDepth = 4;

std::vector<std::string> all_paths(int depth) {
  std::vector<std::string> paths = {""};
  std::size_t begin = 0;
  for (int level = 0; level < depth; ++level) {
    const std::size_t end = paths.size();
    for (; begin < end; ++begin) {
      for (const char* name : kNames) paths.push_back(paths[begin] + '/' + name);
    }
  }
  return paths;
}

class Generator {
 public:
  enum class Sets { all, unconditional };

  explicit Generator(std::uint32_t seed, Sets sets = Sets::all) : random_(seed), sets_(sets) {}

  ir::Policy policy() {
    ir::Policy policy = empty_policy();
    policy.is_settings = true;  // what comes out looser is a warning
    if (one_in(3)) policy.defaults[static_cast<std::size_t>(Operation::read)] = Effect::deny;
    if (one_in(6)) policy.defaults[static_cast<std::size_t>(Operation::write)] = Effect::allow;
    const std::size_t count = 1 + below(5);
    for (std::size_t i = 0; i < count; ++i) {
      const Effect effect = one_in(2) ? Effect::allow : Effect::deny;
      const Operation operation = one_in(2) ? Operation::read : Operation::write;
      glob::PathSet paths{pattern(effect), {}, {}};
      if (sets_ == Sets::all && one_in(5)) paths.except.push_back(pattern(Effect::allow));
      if (sets_ == Sets::all && one_in(6)) paths.within = pattern(Effect::allow);
      add(policy, effect, operation, std::move(paths));
    }
    add_implied_reads(policy);
    return policy;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  bool one_in(std::size_t count) { return below(count) == 0; }

  PathPattern pattern(Effect effect) {
    PathPattern out;
    if (!one_in(3)) out.anchor = static_cast<glob::AnchorId>(below(2));
    const std::size_t components = below(4);
    for (std::size_t i = 0; i < components; ++i) component(out.atoms);
    out.subtree = effect == Effect::deny || out.is_plain() || one_in(3);
    return out;
  }

  void component(std::vector<Atom>& atoms) {
    if (one_in(5)) {
      atoms.push_back({Atom::Kind::segments});
      return;
    }
    literal(atoms, "/");
    switch (below(9)) {
      case 0:
        atoms.push_back({Atom::Kind::run});
        break;
      case 1:
        atoms.push_back({Atom::Kind::character});
        break;
      case 2:
        atoms.push_back({Atom::Kind::set, {}, {{{'a', 'b'}}}});
        break;
      case 3:
        atoms.push_back(
            {Atom::Kind::set, {}, {{{1, '.'}, {'0', '`'}, {'b', glob::kMaxCodePoint}}}});
        atoms.push_back({Atom::Kind::run});
        break;
      case 4:
        atoms.push_back({Atom::Kind::text});
        literal(atoms, "b");
        break;
      default:
        literal(atoms, kNames[below(kNames.size())]);
    }
  }

  static void literal(std::vector<Atom>& atoms, const std::string& text) {
    if (!atoms.empty() && atoms.back().kind == Atom::Kind::literal) {
      atoms.back().bytes += text;
    } else {
      atoms.push_back({Atom::Kind::literal, text});
    }
  }

  std::mt19937 random_;
  Sets sets_;
};

std::string path_of(const std::string& word) { return word.empty() ? "/" : word; }

// Where the emitter says that it is tighter than the policy.
bool is_reported_tighter(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.all().begin(), diagnostics.all().end(), [](const Diagnostic& d) {
    return d.diag == Diag::tighter_on_macos || d.diag == Diag::followed_on_macos;
  });
}

struct Case {
  const ir::Policy& policy;
  const Profile& profile;
  test::AnchorValues anchors;
  bool is_tighter;

  bool policy_allows(Operation operation, const std::string& path) const {
    return test::decide(policy, operation, path, anchors) == Effect::allow;
  }
  // Both readings must agree.
  bool allows(const std::string& operation, const std::string& path) const {
    const bool last = profile.allows({operation, path_of(path)}, Reading::last_match);
    const bool by_shape = profile.allows({operation, path_of(path)}, Reading::by_shape);
    if (by_shape != last) FAIL_CHECK("the readings differ for " << operation);
    return last;
  }
};

void check_operation(const Case& c, const std::string& operation, const std::string& path,
                     bool expected) {
  const bool allowed = c.allows(operation, path);
  if (allowed && !expected) FAIL_CHECK("looser: " << operation);
  if (!allowed && expected && !c.is_tighter) FAIL_CHECK("tighter: " << operation);
}

void check_decisions(const Case& c, const std::string& path) {
  // The root directory can always be read: no program starts otherwise.
  if (!path.empty()) {
    const bool reads = c.policy_allows(Operation::read, path);
    check_operation(c, "file-read-data", path, reads);
    check_operation(c, "file-map-executable", path, reads);
    check_operation(c, "process-exec", path, reads);
  }
  const bool writes = c.policy_allows(Operation::write, path);
  check_operation(c, "file-write-data", path, writes);
  check_operation(c, "file-link", path, writes);
  // Directories above what is denied stay what they are.
  if (c.allows("file-write-create", path) && !writes) FAIL_CHECK("looser: file-write-create");
  if (c.allows("file-write-unlink", path) && !writes) FAIL_CHECK("looser: file-write-unlink");
}

// What lies above a readable path can be looked up.
void check_lookup(const Case& c, const std::string& path) {
  if (!c.allows("file-read-data", path)) return;
  for (const std::string_view above : test::prefixes(path)) {
    const std::string directory = path_of(std::string(above));
    if (!c.profile.allows({"file-read-metadata", directory})) {
      FAIL_CHECK("no lookup of " << directory);
    }
  }
}

// What lies above the path of a plain deny cannot be moved away with it.
void check_pins(const Case& c) {
  for (const ir::Rule& rule : c.policy.rules) {
    const PathPattern& pattern = rule.paths().pattern;
    if (rule.effect == Effect::allow || !pattern.is_plain() || rule.paths().within) continue;
    std::string denied = pattern.anchor ? c.anchors[*pattern.anchor] : "";
    if (!pattern.atoms.empty()) denied += pattern.atoms[0].bytes;
    for (const std::string_view above : test::prefixes(denied)) {
      if (above.empty() || above == denied) continue;
      CAPTURE(above);
      CHECK_FALSE(c.allows("file-write-unlink", std::string(above)));
    }
  }
}

bool escapes_are_reported(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.all().begin(), diagnostics.all().end(),
                     [](const Diagnostic& d) { return d.diag == Diag::moved_on_macos; });
}

// The number of the rule that decides, none where the default does.
std::optional<std::size_t> deciding_rule(const Case& c, Operation operation,
                                         const std::string& path) {
  for (std::size_t i = c.policy.rules.size(); i-- > 0;) {
    const ir::Rule& rule = c.policy.rules[i];
    if (rule.operation == operation && test::matches(rule.paths(), path, c.anchors)) return i;
  }
  return std::nullopt;
}

// Whether a rule denies `before`, and none below it opens `after` as such.
bool is_to_be_denied(const Case& c, Operation operation, const std::string& before,
                     const std::string& after) {
  const auto deny = deciding_rule(c, operation, before);
  const auto there = deciding_rule(c, operation, after);
  if (!deny || c.policy.rules[*deny].effect == Effect::allow) return false;
  return !there || *there < *deny || c.policy.rules[*there].effect == Effect::deny;
}

// Every move that the profile lets happen, of a directory and all it holds: what a rule denied of
// it where it stood is denied where it then stands.
void check_moves(const Case& c, const std::vector<std::string>& paths) {
  for (const std::string& from : paths) {
    if (from.empty() || !c.allows("file-write-unlink", from)) continue;
    for (const std::string& to : paths) {
      const bool is_move = !to.empty() && to != from && !to.starts_with(from + '/');
      if (!is_move || !c.allows("file-write-create", to)) continue;
      for (const char* below : {"", "/a", "/b", "/ab", "/a/b"}) {
        const std::string before = from + below;
        const std::string after = to + below;
        CAPTURE(before);
        CAPTURE(after);
        if (is_to_be_denied(c, Operation::read, before, after) &&
            c.allows("file-read-data", after)) {
          FAIL_CHECK("read after a move");
        }
        if (is_to_be_denied(c, Operation::write, before, after) &&
            c.allows("file-write-data", after)) {
          FAIL_CHECK("written after a move");
        }
      }
    }
  }
}

TEST_CASE("C1: no move takes a path out of a deny, or the rule is reported") {
  const std::vector<std::string> paths = all_paths(2);
  int checked = 0;
  for (std::uint32_t seed = 2000; seed < 2150; ++seed) {
    const ir::Policy policy = Generator(seed, Generator::Sets::unconditional).policy();
    Diagnostics diagnostics;
    const std::optional<std::string> text = emit(policy, diagnostics);
    REQUIRE(text);
    if (escapes_are_reported(diagnostics)) continue;
    ++checked;
    for (const std::size_t i : {1, 2, 4}) {
      const auto& [cwd, home] = kArrangements[i];
      const Result<Profile> profile = Profile::load(*text, parameters(cwd, home));
      CAPTURE(*text);
      CAPTURE(cwd);
      CAPTURE(home);
      REQUIRE_MESSAGE(profile, profile.error().message);
      check_moves({policy, *profile, {cwd, home}, false}, paths);
    }
  }
  CHECK(checked > 60);
}

TEST_CASE("profiles decide as their policies do, in both readings and every arrangement") {
  const std::vector<std::string> paths = all_paths(kDepth);
  int exact = 0;
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const ir::Policy policy = Generator(seed).policy();
    Diagnostics diagnostics;
    const std::optional<std::string> text = emit(policy, diagnostics);
    REQUIRE(text);
    const bool is_tighter = is_reported_tighter(diagnostics);
    exact += is_tighter ? 0 : 1;
    for (const auto& [cwd, home] : kArrangements) {
      const Result<Profile> profile = Profile::load(*text, parameters(cwd, home));
      CAPTURE(*text);
      CAPTURE(cwd);
      CAPTURE(home);
      REQUIRE_MESSAGE(profile, profile.error().message);
      const Case c{policy, *profile, {cwd, home}, is_tighter};
      for (const std::string& path : paths) {
        CAPTURE(path);
        check_decisions(c, path);
        check_lookup(c, path);
      }
      check_pins(c);
    }
  }
  CHECK(exact > 40);
}

TEST_CASE("C14: no other case of a name is more open than the name") {
  const std::vector<std::string> paths = all_paths(3);
  for (std::uint32_t seed = 1000; seed < 1040; ++seed) {
    ir::Policy policy = Generator(seed).policy();
    // Anchors are passed in the spelling on disk, so only text of the policy is folded.
    for (ir::Rule& rule : policy.rules) {
      glob::PathSet set = rule.paths();
      set.pattern.anchor.reset();
      for (PathPattern& except : set.except) except.anchor.reset();
      if (set.within) set.within->anchor.reset();
      rule.subject = std::move(set);
    }
    Diagnostics diagnostics;
    const std::optional<std::string> text = emit(policy, diagnostics);
    REQUIRE(text);
    CAPTURE(*text);
    const Result<Profile> profile = Profile::load(*text, parameters("", ""));
    REQUIRE(profile);
    for (const std::string& path : paths) {
      if (path.empty()) continue;
      std::string capital = path;
      std::transform(path.begin(), path.end(), capital.begin(),
                     [](char ch) { return ch == 'b' ? 'B' : ch; });
      CAPTURE(capital);
      const auto denies = [&](Operation operation) {
        return test::decide(policy, operation, path, {"", ""}) == Effect::deny;
      };
      if (denies(Operation::read)) CHECK_FALSE(profile->allows({"file-read-data", capital}));
      if (denies(Operation::write)) CHECK_FALSE(profile->allows({"file-write-data", capital}));
    }
  }
}

}  // namespace
}  // namespace srt::seatbelt
