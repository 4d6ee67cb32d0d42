#include "runtime/bundle/path_table.h"

#include <doctest/doctest.h>

#include <functional>

#include "compiler/backend/bundle/bundle.h"
#include "tests/support/policy_bundle.h"

namespace srt {
namespace {

Bundle example() {
  return test::PolicyBundle("allow write .\ndeny read ./secret\nallow connect example.com").bundle;
}

// The message of reading a bundle with a right digest and this done to it.
std::string refusal(const std::function<void(Bundle&)>& damage) {
  Bundle bundle = example();
  damage(bundle);
  const Result<Bundle> read = read_bundle(bundle::encode(bundle));
  return read ? "" : read.error().message;
}

TEST_CASE("a table that is damaged under a right digest is refused with what is wrong") {
  using Damage = std::function<void(PathTable&)>;
  const std::vector<std::pair<std::string, Damage>> cases = {
      {"the alphabet's size is out of range", [](PathTable& t) { t.class_count = 0; }},
      {"the alphabet's size is out of range", [](PathTable& t) { t.class_count = 257; }},
      {"a byte class is out of range",
       [](PathTable& t) { t.classes[7] = static_cast<std::uint8_t>(t.class_count); }},
      {"an automaton's size is out of range",
       [](PathTable& t) {
         t.lanes[0].next.clear();
         t.lanes[0].rule.clear();
         t.lanes[0].outlook.clear();
       }},
      {"an automaton's parts differ in size", [](PathTable& t) { t.lanes[0].next.pop_back(); }},
      {"an automaton's parts differ in size", [](PathTable& t) { t.lanes[0].outlook.pop_back(); }},
      {"an automaton's parts differ in size", [](PathTable& t) { ++t.class_count; }},
      {"a transition is out of range",
       [](PathTable& t) {
         t.lanes[0].next[0] = static_cast<PathTable::State>(t.lanes[0].rule.size());
       }},
      {"a rule number is out of range", [](PathTable& t) { t.lanes[0].rule[0] = 3; }},
      {"an outlook is out of range",
       [](PathTable& t) { t.lanes[0].outlook[0] = static_cast<PathTable::Outlook>(3); }},
      {"a lane's operation is out of range",
       [](PathTable& t) { t.lanes[0].operation = Operation::connect; }},
  };
  for (const auto& [message, damage] : cases) {
    CAPTURE(message);
    PathTable table = example().paths;
    damage(table);
    CHECK(table.flaw(3) == message);
    CHECK(refusal([&](Bundle& bundle) { damage(bundle.paths); }) ==
          "the bundle is damaged: " + message);
  }
  CHECK_FALSE(example().paths.flaw(3));
}

TEST_CASE("numbers and enumerations are checked against what they count") {
  CHECK(refusal([](Bundle&) {}).empty());
  CHECK(refusal([](Bundle& b) { b.anchors.clear(); }) ==
        "the bundle is damaged: marks and anchors differ in number");
  CHECK(refusal([](Bundle& b) { b.anchors[0].pieces[0].parameter = 9; }) ==
        "the bundle is damaged: a parameter number is out of range");
  CHECK(refusal([](Bundle& b) { b.defaults[0] = static_cast<Effect>(2); }) ==
        "the bundle is damaged: an enumeration is out of range");
  CHECK(refusal([](Bundle& b) { b.rules[0].operation = static_cast<Operation>(8); }) ==
        "the bundle is damaged: an enumeration is out of range");
  CHECK(refusal([](Bundle& b) { b.rules[2].subject = std::monostate(); }) ==
        "the bundle is damaged: a rule's pattern cannot be read");
}

TEST_CASE("a path is read with the marks of the anchors on it") {
  const test::PolicyBundle made("deny read ~/x");
  const PathTable& table = made.bundle.paths;
  const auto denied = [&](const std::string& path, const std::string& home) {
    return table.verdict(table.find(path, made.anchors("//", home))).access == Access::none;
  };
  CHECK(denied("/h/x", "/h"));
  CHECK(denied("/x", ""));
  CHECK(denied("/h/x/y", "/h"));
  CHECK_FALSE(denied("/h/x", "/h/x"));
  CHECK_FALSE(denied("/hh/x", "/h"));
  CHECK_FALSE(denied("/h/xx", "/h"));
  CHECK_FALSE(denied("/x", "//"));
}

TEST_CASE("what decides is the read rule where reading stops") {
  const PathTable::Verdict hidden{Access::none, 1, 2};
  const PathTable::Verdict readable{Access::read, 1, 2};
  CHECK(hidden.rule() == 1);
  CHECK(readable.rule() == 2);
}

}  // namespace
}  // namespace srt
