#include "compiler/optimize/optimize.h"

#include <doctest/doctest.h>

#include "compiler/frontend/front_end.h"
#include "compiler/optimize/proof.h"

namespace srt::optimize {
namespace {

ir::Policy read(const std::string& text) {
  SourceSet sources;
  Diagnostics diagnostics;
  const FileId file = sources.add("test.srt", text);
  ir::Policy policy = read_policy(sources, file, diagnostics);
  REQUIRE_MESSAGE(!diagnostics.has_errors(), render(diagnostics, sources));
  return policy;
}

// The rules that a person wrote, one a line.
std::string written(const ir::Policy& policy) {
  std::string out;
  for (const ir::Rule& rule : policy.rules) {
    if (!rule.built_in && !rule.implied) out += ir::spell(policy, rule) + '\n';
  }
  return out;
}

std::string optimized(const std::string& text) {
  const Result<Optimized> out = optimize(read(text));
  REQUIRE_MESSAGE(out, out.error().message);
  return written(out->policy);
}

TEST_CASE("of a rule that is said twice the later one stays, which refusals name") {
  const ir::Policy policy =
      read("allow write .\ndeny read ~/.ssh\ndeny read ~/.x\ndeny read ~/.ssh");
  const Result<Optimized> out = optimize(policy);
  REQUIRE(out);
  CHECK(written(out->policy) == "allow write .\ndeny read ~/.x\ndeny read ~/.ssh\n");
  CHECK(optimized("allow connect a.b, c.d, a.b") == "allow connect c.d\nallow connect a.b\n");
}

TEST_CASE("what is said twice stays where it is not quite the same") {
  for (const std::string text :
       {"deny connect a.b because \"a\"\ndeny connect a.b because \"b\"\n",
        "allow connect a.b tls-name any\nallow connect a.b\n",
        "allow bind 80 publish\nallow bind 80\n", "deny write ./x existing\ndeny write ./x\n"}) {
    CAPTURE(text);
    CHECK(optimized(text) == written(read(text)));
  }
}

TEST_CASE("a rule between two equal ones keeps both") {
  const std::string text = "deny read ~/.ssh\nallow read ~/.ssh/known_hosts\ndeny read ~/.ssh\n";
  CHECK(optimized(text) == text);
}

TEST_CASE("what one covers of its own run goes where nothing names it") {
  CHECK(optimized("deny read ~/.ssh\ndeny read ~/.ssh/id\n") == "deny read ~/.ssh\n");
  CHECK(optimized("allow write ./out, .\n") == "allow write .\n");
  CHECK(optimized("default read deny\nallow read /a/*\nallow read /a/*/**\n") ==
        "allow read /a/*/**\n");
}

TEST_CASE("what a refusal names stays") {
  const std::string text = "deny read ./**/.env\ndeny read ./**/x/.env\n";
  CHECK(optimized(text) == text);
  CHECK(optimized("deny connect *.b, a.b\n") == "deny connect *.b\ndeny connect a.b\n");
  CHECK(optimized("deny connect a.b, *.b\n") == "deny connect *.b\n");
}

// A launch asks the lanes one by one where a link leads: a deny of the link's name holds for the
// target, one of a directory that holds the link does not.
TEST_CASE("a deny of files that another run covers stays") {
  const std::string text = "deny read ~/x/link\nallow read /other\ndeny read ~/x\n";
  CHECK(optimized(text) == "deny read ~/x/link\nallow read /other\ndeny read ~/x\n");
}

TEST_CASE("no rule goes because of the values that parameters mostly have") {
  const std::string text = "allow write ~\nallow write .\n";
  CHECK(optimized(text) == text);
}

TEST_CASE("on macOS a deny stays that directories cannot be moved out of") {
  const std::string text =
      "allow write .\ndeny read ./x/*.key\ndeny read ./**/*/**/*.key accept looser because \"x\"\n";
  CHECK(optimized(text) == written(read(text)));
}

TEST_CASE("names that a later rule covers, or one beside them, are not told apart") {
  CHECK(optimized("deny env A, B*\nallow env *\n").empty());
  CHECK(optimized("deny env *_TOKEN, GH_TOKEN\n") == "deny env *_TOKEN\n");
  CHECK(optimized("deny env *_TOKEN\nallow env A_TOKEN\ndeny env B_TOKEN\n") ==
        "deny env *_TOKEN\nallow env A_TOKEN\ndeny env B_TOKEN\n");
}

TEST_CASE("hosts with other ports, and addresses, stay") {
  for (const std::string text : {"allow connect *.b\nallow connect a.b:443\n",
                                 "allow connect 10.0.0.0/8\nallow connect 10.0.0.1\n",
                                 "allow connect *.localhost:80\nallow connect a.localhost:80\n"}) {
    CAPTURE(text);
    CHECK(optimized(text) == text);
  }
  CHECK(optimized("allow connect a.b:443, *.b:443\n") == "allow connect *.b:443\n");
}

TEST_CASE("alternatives that differ in one character become one rule") {
  CHECK(optimized("deny read ./**/*.{c,h,o}\n") == "deny read ./**/*.[cho]\n");
  CHECK(optimized("deny read ./**/*.c, ./**/*.h\n") == "deny read ./**/*.c\ndeny read ./**/*.h\n");
  // A plain path is one place and keeps to itself.
  CHECK(optimized("deny read ./{a,b}\n") == "deny read ./a\ndeny read ./b\n");
}

TEST_CASE("grants of what is granted by default go above the first deny only") {
  CHECK(optimized("allow env A\ndeny env B\nallow env B\n") == "deny env B\nallow env B\n");
  CHECK(optimized("default connect allow\nallow connect 10.0.0.1\n") == "allow connect 10.0.0.1\n");
}

TEST_CASE("a pattern is spelled in one way") {
  Tables tables;
  const Outcome out = canonical_spelling(read("deny read ./*?[x]\n"), tables);
  CHECK(out.changed);
  CHECK(written(out.policy) == "deny read ./?*x\n");
}

TEST_CASE("-O says which passes run") {
  Switches switches;
  REQUIRE(switches.apply("no-duplicates"));
  CHECK_FALSE(switches.is_on(1));
  CHECK(switches.is_on(0));
  const Result<Optimized> out = optimize(read("deny env A, A\n"), switches);
  REQUIRE(out);
  CHECK(written(out->policy) == "deny env A\ndeny env A\n");
  REQUIRE(switches.apply("0"));
  for (std::size_t i = 0; i < kPasses.size(); ++i) CHECK_FALSE(switches.is_on(i));
  CHECK(switches.apply("no-duplicate").error().help == "did you mean `no-duplicates`?");
  CHECK(switches.apply("3").error().message == "`-O` does not know `3`");
}

TEST_CASE("a pass that would change a decision is found out") {
  const auto proof = [](const std::string& before, const std::string& after) {
    ir::Policy old_policy = read(before);
    ir::Policy new_policy = read(after);
    new_policy.parameters = old_policy.parameters;
    new_policy.anchors = old_policy.anchors;
    Tables tables;
    return prove(old_policy, new_policy, tables);
  };
  CHECK(proof("deny read ~/.ssh", "deny read ~/.ssh") == Proof::same);
  CHECK(proof("deny read ~/.ssh", "deny read ~/.ss?") == Proof::different);
  CHECK(proof("deny read ~/a, ~/b", "deny read ~/a") == Proof::different);
  CHECK(proof("deny read ~/*a, ~/*b", "deny read ~/*[ab]") == Proof::same);
  CHECK(proof("allow connect a.b, c.d", "allow connect a.b") == Proof::different);
  CHECK(proof("deny env A*, B", "deny env A*") == Proof::different);
  CHECK(proof("on macos { deny read ~/a }", "on linux { deny read ~/a }") == Proof::different);
  // Decided alike, but a launch would not see that the link itself is denied.
  CHECK(proof("deny read ~/x/l\nallow read /o\ndeny read ~/x", "allow read /o\ndeny read ~/x") ==
        Proof::different);
}

}  // namespace
}  // namespace srt::optimize
