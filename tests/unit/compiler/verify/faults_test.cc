#include <doctest/doctest.h>
#include <fmt/format.h>
#include <linux/seccomp.h>

#include "compiler/backend/seccomp/filter.h"
#include "compiler/backend/seccomp/syscall_numbers.h"
#include "compiler/verify/bundle.h"
#include "compiler/verify/filter.h"
#include "compiler/verify/paths.h"
#include "compiler/verify/read_back.h"
#include "tests/support/bpf/interpreter.h"
#include "tests/support/naive_matcher.h"
#include "tests/support/patterns.h"
#include "tests/support/policy_bundle.h"

// Faults put into a policy behind its artifact's back, or into the artifact: of those that an
// evaluator of the tests' own sees to change a decision, nearly all have to be noticed.
namespace srt::verify {
namespace {

using test::AnchorValues;
using test::PolicyBundle;

const std::vector<AnchorValues> kArrangements = {
    {"", ""}, {"/a", "/a"}, {"/a", "/a/b"}, {"/a/b", "/a"}, {"/a", "/b"}};

const std::vector<std::string>& paths() {
  static const std::vector<std::string> kPaths = test::paths_over({"a", "b", "ab"}, 3);
  return kPaths;
}

// How many faults changed something, and how many of those were noticed.
struct Tally {
  int changed = 0;
  int caught = 0;

  void count(bool is_caught) {
    ++changed;
    caught += is_caught ? 1 : 0;
  }
  void check(const std::string& what, int least) const {
    MESSAGE(what, ": ", caught, " of ", changed, " noticed");
    CHECK(changed >= least);
    CHECK(caught * 100 >= changed * 95);
  }
};

// Whether the answers about some path differ.
template <typename A, typename B>
bool differ(A&& one, B&& other) {
  for (const AnchorValues& anchors : kArrangements) {
    for (const std::string& path : paths()) {
      if (one(path, anchors) != other(path, anchors)) return true;
    }
  }
  return false;
}

auto decided_by(const ir::Policy& policy) {
  return [&policy](const std::string& path, const AnchorValues& anchors) {
    const auto allows = [&](Operation operation) {
      return test::decide(policy, operation, path, anchors) == Effect::allow;
    };
    return !allows(Operation::read)   ? Access::none
           : allows(Operation::write) ? Access::write
                                      : Access::read;
  };
}

auto decided_by(const PathTable& table) {
  return [&table](const std::string& path, const AnchorValues& anchors) {
    return table.verdict(table.find(path, anchors)).access;
  };
}

const SourceSet& sources() {
  static const SourceSet kSources = [] {
    SourceSet out;
    out.add("test.srt", "");
    return out;
  }();
  return kSources;
}

bool is_caught(const ir::Policy& policy, const Bundle& bundle) {
  std::vector<Difference> differences;
  check_paths(policy, sources(), bundle, TableKind::files, nullptr, differences);
  return !differences.empty();
}

// What write grants imply follows them.
ir::Policy with_fault(ir::Policy policy, test::PolicyGenerator& random) {
  std::erase_if(policy.rules, [](const ir::Rule& rule) { return rule.implied; });
  const std::size_t at = random.below(policy.rules.size());
  ir::Rule& rule = policy.rules[at];
  auto& paths = std::get<glob::PathSet>(rule.subject);
  switch (random.below(6)) {
    case 0:
      policy.rules.erase(policy.rules.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 1:
      rule.effect = rule.effect == Effect::allow ? Effect::deny : Effect::allow;
      rule.existing = false;
      break;
    case 2:
      paths.pattern.subtree = !paths.pattern.subtree;
      break;
    case 3:  // narrower, by a component
      paths.pattern.atoms.push_back(test::literal("/a"));
      break;
    case 4:  // wider or narrower, by what one component may be
      for (glob::Atom& atom : paths.pattern.atoms) {
        if (atom.kind == glob::Atom::Kind::literal) continue;
        atom = atom.kind == glob::Atom::Kind::run ? test::one() : test::run();
      }
      break;
    default:
      paths = random.set(3);
  }
  ir::add_implied_reads(policy);
  return policy;
}

TEST_CASE("a fault in the rules about files") {
  Tally tally;
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    test::PolicyGenerator random(seed, 2);
    const PolicyBundle made(random.policy(4 + random.below(8)));
    REQUIRE_FALSE(is_caught(made.policy, made.bundle));
    for (int fault = 0; fault < 5; ++fault) {
      const ir::Policy faulty = with_fault(made.policy, random);
      if (!differ(decided_by(faulty), decided_by(made.policy))) continue;
      tally.count(is_caught(faulty, made.bundle));
    }
  }
  tally.check("rules about files", 100);
}

void add_fault(PathTable& table, test::PolicyGenerator& random) {
  const std::size_t at = random.below(table.lanes.size());
  PathTable::Lane& lane = table.lanes[at];
  const std::size_t state = random.below(lane.rule.size());
  switch (random.below(5)) {
    case 0:
      lane.next[random.below(lane.next.size())] = static_cast<PathTable::State>(state);
      break;
    case 1:
      lane.rule[state] = PathTable::kNoRule;
      break;
    case 2:
      lane.rule[state] = lane.rule[random.below(lane.rule.size())];
      break;
    case 3:
      table.lanes.erase(table.lanes.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    default:
      std::swap(lane, table.lanes[random.below(table.lanes.size())]);
  }
}

TEST_CASE("a fault in a table") {
  Tally tally;
  for (std::uint32_t seed = 100; seed < 180; ++seed) {
    test::PolicyGenerator random(seed, 2);
    const PolicyBundle made(random.policy(4 + random.below(8)));
    if (made.bundle.paths.lanes.empty()) continue;
    for (int fault = 0; fault < 6; ++fault) {
      Bundle faulty = made.bundle;
      add_fault(faulty.paths, random);
      if (!differ(decided_by(faulty.paths), decided_by(made.bundle.paths))) continue;
      tally.count(is_caught(made.policy, faulty));
    }
  }
  tally.check("tables", 100);
}

TEST_CASE("a fault in the rules about hosts") {
  const std::vector<std::string> patterns = {
      "a.com", "*.a.com", "b.a.com", "*", "a.com:443", "*.a.com:80-443", "10.0.0.0/8", "10.1.0.1"};
  const std::vector<std::string> hosts = {"a.com",    "b.a.com",  "c.b.a.com", "d.com",
                                          "10.1.0.1", "10.2.0.1", "11.0.0.1"};
  const auto decisions = [&](const Bundle& bundle) {
    std::vector<bool> out;
    const net::HostPolicy policy = bundle.host_policy();
    for (const std::string& host : hosts) {
      for (const std::uint16_t port : std::array<std::uint16_t, 3>{22, 80, 443}) {
        out.push_back(policy.decide(net::canonical_host(host).value(), port).effect ==
                      Effect::allow);
      }
    }
    return out;
  };
  Tally tally;
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    std::string text;
    for (int i = 0; i < 4; ++i) {
      text += fmt::format("{} connect {}\n", random() % 2 == 0 ? "allow" : "deny",
                          patterns[random() % patterns.size()]);
    }
    const PolicyBundle made(text);
    for (int fault = 0; fault < 4; ++fault) {
      Bundle faulty = made.bundle;
      const std::size_t at = random() % faulty.rules.size();
      Bundle::Rule& rule = faulty.rules[at];
      switch (random() % 4) {
        case 0:
          faulty.rules.erase(faulty.rules.begin() + static_cast<std::ptrdiff_t>(at));
          break;
        case 1:
          rule.effect = rule.effect == Effect::allow ? Effect::deny : Effect::allow;
          break;
        case 2:
          rule.subject = net::parse_host_pattern(patterns[random() % patterns.size()]).value();
          break;
        default:
          std::swap(rule, faulty.rules[random() % faulty.rules.size()]);
      }
      std::vector<Difference> differences;
      check_rules(made.policy, sources(), faulty, nullptr, differences);
      if (decisions(faulty) != decisions(made.bundle)) tally.count(!differences.empty());
    }
    std::vector<Difference> none;
    check_rules(made.policy, sources(), made.bundle, nullptr, none);
    REQUIRE(none.empty());
  }
  tally.check("rules about hosts", 60);
}

// Calls of every number, with arguments out of what the programs compare with.
std::vector<seccomp_data> calls(const std::vector<sock_filter>& program, std::mt19937& random) {
  std::vector<std::uint64_t> values = {0, 1, ~0ULL};
  for (const sock_filter& step : program) {
    values.push_back(step.k);
    values.push_back(step.k | 1ULL << 32);
  }
  std::vector<seccomp_data> out;
  for (std::uint32_t number = 0; number < seccomp::kLastReviewedNumber + 3; ++number) {
    for (int i = 0; i < 24; ++i) {
      seccomp_data data{};
      data.nr = static_cast<int>(number);
      data.arch = i == 0 ? 0 : seccomp::audit_arch(seccomp::Arch::x86_64);
      for (auto& argument : data.args) argument = values[random() % values.size()];
      out.push_back(data);
    }
  }
  return out;
}

TEST_CASE("a fault in a seccomp program") {
  const seccomp::FilterOptions options;
  const std::vector<seccomp::Rule> rules = seccomp::default_rules(options);
  const auto program = seccomp::build_filter(seccomp::Arch::x86_64, options).value();
  const auto original = testing::BpfInterpreter::load(program).value();
  std::mt19937 random(11);
  const std::vector<seccomp_data> all = calls(program, random);
  Tally tally;
  for (int fault = 0; fault < 300; ++fault) {
    std::vector<sock_filter> faulty = program;
    sock_filter& step = faulty[random() % faulty.size()];
    switch (random() % 5) {
      case 0:
        step.jt = static_cast<std::uint8_t>(step.jt ^ 1U << random() % 4);
        break;
      case 1:
        step.jf = static_cast<std::uint8_t>(step.jf ^ 1U << random() % 4);
        break;
      case 2:
        step.k ^= 1U << random() % 32;
        break;
      case 3:
        std::swap(step.jt, step.jf);
        break;
      default:
        if (BPF_CLASS(step.code) == BPF_RET) step.k = SECCOMP_RET_ALLOW;
    }
    const auto loaded = testing::BpfInterpreter::load(faulty);
    if (!loaded) continue;  // no kernel takes it
    const bool is_changed = std::any_of(all.begin(), all.end(), [&](const seccomp_data& call) {
      return loaded->run(call).action != original.run(call).action;
    });
    if (!is_changed) continue;
    std::vector<Difference> differences;
    check_filter(faulty, seccomp::Arch::x86_64, rules, differences);
    tally.count(!differences.empty());
  }
  tally.check("seccomp programs", 100);
}

}  // namespace
}  // namespace srt::verify
