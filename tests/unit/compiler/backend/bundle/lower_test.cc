#include <doctest/doctest.h>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/backend/seccomp/arch.h"
#include "compiler/frontend/front_end.h"

namespace srt::bundle {
namespace {

struct Lowered {
  explicit Lowered(const std::string& text) {
    const FileId file = sources.add("p.srt", text);
    policy = language::read_policy(sources, file, diagnostics);
    INFO(render(diagnostics, sources));
    REQUIRE_FALSE(diagnostics.has_errors());
    policy.variables = {{"CI", "1"}};  // only settings have them
    bundle = lower(policy, sources).value();
  }

  SourceSet sources;
  Diagnostics diagnostics;
  ir::Policy policy;
  Bundle bundle;
};

TEST_CASE("a bundle has all that the policy says, with its places") {
  const Lowered lowered(
      "policy \"agent\"\nparam p = ${cwd}\n"
      "allow write ${p}\n"
      "deny write ./x existing because \"hooks\"\n"
      "allow connect Example.com:443\n");
  const Bundle& bundle = lowered.bundle;
  CHECK(bundle.name == "agent");
  CHECK_FALSE(bundle.compiler_version.empty());
  REQUIRE(bundle.rules.size() == 3);
  CHECK(bundle.rules[0].text == "allow write ${p}");
  CHECK(bundle.rules[0].origin == "p.srt:3:13");
  CHECK(bundle.rules[1].existing);
  CHECK(bundle.rules[1].because == "hooks");
  CHECK(bundle.rules[1].host() == nullptr);
  REQUIRE(bundle.rules[2].host() != nullptr);
  CHECK(net::to_string(*bundle.rules[2].host()) == "example.com:443");
  CHECK(bundle.variables == std::vector{Bundle::Variable{"CI", "1"}});
  CHECK(bundle.anchors.size() == 2);
  CHECK(bundle.paths.mark_count == 2);
  CHECK(bundle.filters.size() == std::size(seccomp::kArchs));
  CHECK_FALSE(bundle.seatbelt);
  CHECK(bundle.allows_network());
  CHECK_FALSE(Lowered("deny connect *").bundle.allows_network());
}

TEST_CASE("rules whose hosts and ports are known at launch come through the file and are settled") {
  const Lowered lowered(
      "param r: host\nparam p: port\nallow connect *\ndeny connect *.${r}:22\n"
      "allow connect localhost:${p}\nallow bind ${p}-90\n");
  Bundle bundle = read_bundle(encode(lowered.bundle)).value();
  CHECK(bundle.allows_network());
  const auto decides = [&](const std::string& host, std::uint16_t port) {
    return bundle.host_policy().decide(*net::canonical_host(host), port).effect;
  };
  // What nobody has settled opens nothing.
  CHECK(decides("a.com", 443) == Effect::deny);
  REQUIRE(bundle.settle({"example.com", "80"}));
  CHECK(decides("a.com", 443) == Effect::allow);
  CHECK(decides("x.example.com", 22) == Effect::deny);
  CHECK(decides("x.example.com", 23) == Effect::allow);
  CHECK(decides("localhost", 80) == Effect::allow);
  CHECK(decides("localhost", 81) == Effect::deny);
  CHECK(std::get<net::PortRange>(bundle.rules[3].subject) == net::PortRange{80, 90});
}

TEST_CASE("a value that fits its type and not its rule is an error that names both") {
  Bundle bundle =
      Lowered("param r: host\nparam p: port\ndeny connect *.${r}\nallow bind ${p}-90").bundle;
  const Status address = bundle.settle({"10.0.0.1", "1"});
  REQUIRE_FALSE(address);
  CHECK(address.error().message.starts_with("`deny connect *.${r}` is `*.10.0.0.1` here: "));
  const Status backwards = bundle.settle({"a.com", "91"});
  REQUIRE_FALSE(backwards);
  CHECK(backwards.error().message.starts_with("`allow bind ${p}-90` is `91-90` here: "));
}

TEST_CASE("all parts come through the file") {
  Bundle bundle = Lowered(
                      "param p = ${cwd}/..\nallow write ${p}, ./**/[a-z]?\n"
                      "allow connect *.example.com, 10.0.0.0/8:1-2\ndeny connect *")
                      .bundle;
  bundle.seatbelt = "(version 1)";
  bundle.seatbelt_parameters = {{"CWD", bundle.anchors[0]}};
  bundle.tmp_candidates = {{"VARIABLE", {}}, {{}, "/path"}};
  const Result<Bundle> read = read_bundle(encode(bundle));
  REQUIRE(read);
  CHECK(read->parameters.size() == bundle.parameters.size());
  for (std::size_t i = 0; i < bundle.parameters.size(); ++i) {
    CHECK(read->parameters[i].name == bundle.parameters[i].name);
    CHECK(read->parameters[i].source == bundle.parameters[i].source);
    CHECK(read->parameters[i].type == bundle.parameters[i].type);
    CHECK(read->parameters[i].fallback == bundle.parameters[i].fallback);
  }
  CHECK(read->anchors == bundle.anchors);
  CHECK(read->defaults == bundle.defaults);
  CHECK(read->variables == bundle.variables);
  CHECK(read->tmp_candidates == bundle.tmp_candidates);
  CHECK(read->seatbelt == bundle.seatbelt);
  CHECK(read->seatbelt_parameters == bundle.seatbelt_parameters);
  REQUIRE(read->rules.size() == bundle.rules.size());
  for (std::size_t i = 0; i < bundle.rules.size(); ++i) {
    CHECK(read->rules[i].text == bundle.rules[i].text);
    CHECK(read->rules[i].subject == bundle.rules[i].subject);
  }
  REQUIRE(read->paths.lanes.size() == bundle.paths.lanes.size());
  CHECK(read->paths.classes == bundle.paths.classes);
  for (std::size_t i = 0; i < bundle.paths.lanes.size(); ++i) {
    CHECK(read->paths.lanes[i].next == bundle.paths.lanes[i].next);
    CHECK(read->paths.lanes[i].rule == bundle.paths.lanes[i].rule);
    CHECK(read->paths.lanes[i].outlook == bundle.paths.lanes[i].outlook);
  }
  for (std::size_t i = 0; i < bundle.filters.size(); ++i) {
    CHECK(read->filters[i].arch == bundle.filters[i].arch);
    CHECK(read->filters[i].instructions == bundle.filters[i].instructions);
  }
  CHECK(encode(*read) == encode(bundle));
}

TEST_CASE("every section has a text, and the whole text names what is in it") {
  const Lowered lowered("policy \"x\"\nallow write .");
  for (const std::string_view name : section_names()) CHECK(section_text(lowered.bundle, name));
  CHECK_FALSE(section_text(lowered.bundle, "none"));
  CHECK(section_text(lowered.bundle, "environment") == "CI=1\n");
  CHECK(section_text(lowered.bundle, "anchors") == "${cwd}\n");
  const std::string whole = to_text(lowered.bundle);
  for (const char* part : {"policy x\n", "0 allow write .  # p.srt:2:13\n", "arch x86_64, "}) {
    CHECK(whole.find(part) != std::string::npos);
  }
}

}  // namespace
}  // namespace srt::bundle
