#include <doctest/doctest.h>

#include <array>
#include <cstdlib>

#include "compiler/backend/seatbelt/seatbelt.h"
#include "compiler/compare/compare.h"
#include "compiler/frontend/front_end.h"
#include "compiler/ir/path_table.h"
#include "compiler/optimize/optimize.h"
#include "tests/support/naive_matcher.h"
#include "tests/support/patterns.h"
#include "tests/support/random_policy.h"
#include "tests/unit/compiler/backend/seatbelt/policies.h"

// Random policies before and after the optimizer: the tables, the profiles and a slow reading of
// the rules agree on every short path. `SRT_POLICIES=N` looks at that many.
namespace srt::optimize {
namespace {

using test::sbpl::Profile;

const std::array<test::AnchorValues, 7> kArrangements = {{{"", ""},
                                                          {"/a", "/a"},
                                                          {"/a", "/a/b"},
                                                          {"/a/b", "/a"},
                                                          {"/a", "/b"},
                                                          {"", "/b"},
                                                          {"/ab", ""}}};

std::uint32_t policies(std::uint32_t otherwise) {
  const char* const count = std::getenv("SRT_POLICIES");
  return count == nullptr ? otherwise : static_cast<std::uint32_t>(std::atoi(count));
}

// Puts beside a rule what its pattern is with an `a` for the first `b`, as alternatives stand.
ir::Policy with_siblings(ir::Policy policy) {
  std::vector<ir::Rule> rules;
  for (const ir::Rule& rule : policy.rules) {
    rules.push_back(rule);
    ir::Rule sibling = rule;
    for (glob::Atom& atom : std::get<glob::PathSet>(sibling.subject).pattern.atoms) {
      const std::size_t at = atom.bytes.find('b');
      if (at == std::string::npos) continue;
      atom.bytes[at] = 'a';
      sibling.text = ir::spell(policy, sibling);
      rules.push_back(std::move(sibling));
      break;
    }
  }
  policy.rules = std::move(rules);
  return policy;
}

// How often each pass did something.
using Uses = std::array<int, kPasses.size()>;

ir::Policy optimized(const ir::Policy& policy, Uses& uses) {
  ir::Policy before = policy;
  const Result<Optimized> out =
      optimize(policy, {}, [&](std::size_t pass, const ir::Policy& after) {
        const bool changed = std::equal(
            before.rules.begin(), before.rules.end(), after.rules.begin(), after.rules.end(),
            [](const ir::Rule& a, const ir::Rule& b) { return a.subject == b.subject; });
        uses[pass] += changed ? 0 : 1;
        before = after;
      });
  REQUIRE_MESSAGE(out, out.error().message);
  return out->policy;
}

void check_tables(const ir::Policy& policy, const ir::Policy& smaller,
                  const test::AnchorValues& anchors, const std::vector<std::string>& paths) {
  const PathTable before = ir::build_path_table(policy).value();
  const PathTable after = ir::build_path_table(smaller).value();
  for (const std::string& path : paths) {
    CAPTURE(path);
    const Access expected = before.verdict(before.find(path, anchors)).access;
    const PathTable::Verdict found = after.verdict(after.find(path, anchors));
    if (found.access != expected) FAIL_CHECK("another access");
    const bool reads = test::decide(policy, Operation::read, path, anchors) == Effect::allow;
    if (reads != (found.access != Access::none)) FAIL_CHECK("not what the rules say");
  }
}

struct Emitted {
  std::optional<std::string> text;
  bool is_tighter;
};

Emitted emitted(const ir::Policy& policy) {
  Diagnostics diagnostics;
  Emitted out{seatbelt::emit(ir::select(policy, Target::macos), diagnostics), false};
  for (const Diagnostic& found : diagnostics.all()) {
    out.is_tighter = out.is_tighter || found.diag == Diag::tighter_on_macos ||
                     found.diag == Diag::followed_on_macos;
  }
  return out;
}

void check_profiles(const ir::Policy& policy, const Emitted& before, const Emitted& after,
                    const test::AnchorValues& anchors, const std::vector<std::string>& paths) {
  const auto load = [&](const std::string& text) {
    Result<Profile> profile = Profile::load(text, seatbelt::parameters(anchors[0], anchors[1]));
    REQUIRE_MESSAGE(profile, profile.error().message);
    return *std::move(profile);
  };
  const Profile old_profile = load(*before.text);
  const Profile new_profile = load(*after.text);
  for (const std::string& path : paths) {
    if (path.empty()) continue;
    CAPTURE(path);
    for (const auto& [operation, request] :
         {std::pair(Operation::read, "file-read-data"), {Operation::write, "file-write-data"}}) {
      const bool allowed = new_profile.allows({request, path});
      const bool is_meant = test::decide(policy, operation, path, anchors) == Effect::allow;
      if (allowed && !is_meant) FAIL_CHECK("looser: " << request);
      if (!before.is_tighter && allowed != old_profile.allows({request, path})) {
        FAIL_CHECK("another decision: " << request);
      }
    }
  }
}

TEST_CASE("tables, profiles and a slow reading agree before and after") {
  const std::vector<std::string> paths = test::paths_over({"a", "b", "ab"}, 3);
  Uses uses{};
  for (std::uint32_t seed = 0; seed < policies(25); ++seed) {
    CAPTURE(seed);
    ir::Policy policy = test::PolicyGenerator(seed, 2).policy(8);
    if (seed % 3 == 0) policy = with_siblings(std::move(policy));
    policy.is_settings = true;  // what comes out looser on macOS is a warning
    const ir::Policy smaller = optimized(policy, uses);
    const Emitted before = emitted(policy);
    const Emitted after = emitted(smaller);
    REQUIRE(before.text.has_value() == after.text.has_value());
    for (std::size_t i = seed % 2; i < kArrangements.size(); i += 2) {
      CAPTURE(i);
      check_tables(policy, smaller, kArrangements[i], paths);
      if (before.text) check_profiles(policy, before, after, kArrangements[i], paths);
    }
  }
  for (const std::size_t pass : {std::size_t{0}, std::size_t{4}, std::size_t{5}}) {
    CAPTURE(kPasses[pass].name);
    CHECK(uses[pass] > 0);
  }
}

// Every statement that the language has.
TEST_CASE("whole policies compare as equal before and after") {
  Uses uses{};
  int compared = 0;
  for (std::uint32_t seed = 0; seed < policies(40); ++seed) {
    CAPTURE(seed);
    SourceSet sources;
    Diagnostics diagnostics;
    const FileId file = sources.add("test.srt", test::random_policy(seed));
    const ir::Policy policy = read_policy(sources, file, diagnostics);
    if (diagnostics.has_errors()) continue;
    const ir::Policy smaller = optimized(policy, uses);
    const compare::Comparison found = compare::compare(policy, smaller, Targets::all());
    if (found.relation() != compare::Relation::equal && found.unfinished.empty()) {
      FAIL_CHECK(compare::to_text(found));
    }
    ++compared;
  }
  CHECK(compared > 20);
}

}  // namespace
}  // namespace srt::optimize
