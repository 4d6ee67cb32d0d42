#include "compiler/lint/modules.h"

#include <doctest/doctest.h>

#include <deque>

#include "tests/support/naive_matcher.h"
#include "tests/support/patterns.h"
#include "tests/unit/compiler/lint/linted.h"

namespace srt::lint {
namespace {

// What is said of the modules of a policy: `1 overridden-module`, by line.
std::vector<std::string> said(std::string_view text) {
  Linted on_linux(text, Target::linux);
  Linted on_macos(text, Target::macos);
  const Subject of_linux = on_linux.subject();
  const Subject of_macos = on_macos.subject();
  Order order_on_linux(of_linux);
  Order order_on_macos(of_macos);
  const std::array<Ordered, 2> targets = {Ordered{of_linux, order_on_linux},
                                          Ordered{of_macos, order_on_macos}};
  Diagnostics found;
  check_overridden(targets, found);
  check_unused(targets, found);
  std::vector<std::string> out;
  for (const Diagnostic& d : sorted(found)) {
    const std::uint32_t line = on_linux.sources.file(d.span.file).position(d.span.begin).line;
    out.push_back(std::to_string(line) + ' ' + kind(d.diag).id);
  }
  return out;
}

using Said = std::vector<std::string>;

TEST_CASE("a module that later rules take back is overridden, wholly or not at all") {
  CHECK(said("use std.protect\nallow write /") == Said{"1 overridden-module"});
  CHECK(said("use std.secrets\nallow read ~") == Said{"1 overridden-module"});
  CHECK(said("use std.protect\nallow write .") == Said{});
  CHECK(said("allow write /\nuse std.protect") == Said{});
  CHECK(said("use std.secrets\non linux { allow read ~ }") == Said{});
}

TEST_CASE("a module without which everything is decided alike is unused") {
  CHECK(said("use std.secrets\nuse std.secrets") == Said{"1 unused-module"});
  CHECK(said("use std.secrets\ndeny read ~") == Said{"1 unused-module"});
  CHECK(said("deny read ~\nuse std.secrets") == Said{"2 unused-module"});
  CHECK(said("use std.base") == Said{});  // it denies keys
  CHECK(said("default read deny\nuse std.base") == Said{});
  CHECK(said("use std.go-tls") == Said{});
  CHECK(said("use std.protect.strict\nallow write ./x") == Said{});
}

TEST_CASE("rules that are said not to matter change no decision") {
  test::PolicyGenerator random(41, 2);
  const std::vector<std::string> paths = test::paths_over({"a", "b", "ab"}, 4);
  const std::vector<std::string> directories = test::paths_over({"a", "b", "ab"}, 1);
  int without_matter = 0;
  for (int i = 0; i < 250; ++i) {
    ir::Policy policy = random.policy(5);
    SourceSet sources;
    sources.add("test.srt", "");
    // The rules of a module stand together.
    std::vector<std::size_t> removed;
    const std::size_t first = random.below(policy.rules.size());
    for (std::size_t at = first; at < policy.rules.size() && at < first + 2; ++at) {
      removed.push_back(at);
    }
    const Subject subject{policy, Target::linux, sources, {}};
    Order order(subject);
    if (order.may_matter(removed, {})) continue;
    ++without_matter;
    const auto last_match = [&](Operation operation, const std::string& path,
                                const test::AnchorValues& at, bool with_all) {
      Effect effect = policy.default_of(operation);
      for (std::size_t rule = 0; rule < policy.rules.size(); ++rule) {
        const bool is_removed = rule >= first && rule < first + 2;
        if (is_removed && !with_all) continue;
        if (policy.rules[rule].operation != operation) continue;
        if (test::matches(policy.rules[rule].paths(), path, at)) effect = policy.rules[rule].effect;
      }
      return effect;
    };
    for (const std::string& cwd : directories) {
      for (const std::string& home : directories) {
        for (const std::string& path : paths) {
          for (const Operation operation : {Operation::read, Operation::write}) {
            const test::AnchorValues at = {cwd, home};
            CHECK(last_match(operation, path, at, true) == last_match(operation, path, at, false));
          }
        }
      }
    }
  }
  CHECK(without_matter > 10);
}

}  // namespace
}  // namespace srt::lint
