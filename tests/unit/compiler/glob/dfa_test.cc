#include <doctest/doctest.h>

#include <array>

#include "tests/support/patterns.h"
#include "tests/unit/compiler/glob/automata.h"

// Laws of the operations on automata, over random sets.
namespace srt::glob {
namespace {

const test::AnchorValues kAnchors = {"/a", "/a/b"};

Label both(Label a, Label b) { return a & b; }
Label either(Label a, Label b) { return a | b; }
Label without(Label a, Label b) { return a & ~b & 1U; }

bool equal(const Dfa& a, const Dfa& b) { return a.next == b.next && a.label == b.label; }

struct Pair {
  explicit Pair(test::PolicyGenerator& random)
      : a(random.set(3)),
        b(random.set(3)),
        alphabet(std::array<const PathSet*, 2>{&a, &b}, kAnchors.size()),
        dfa_a(compile(a, alphabet).value()),
        dfa_b(compile(b, alphabet).value()) {}

  PathSet a;
  PathSet b;
  Alphabet alphabet;
  Dfa dfa_a;
  Dfa dfa_b;
};

TEST_CASE("products decide by both labels") {
  const std::vector<std::string> paths = test::paths_over({"a", "b", "aa"}, 4);
  test::PolicyGenerator random(2, 2);
  for (int i = 0; i < 100; ++i) {
    const Pair pair(random);
    for (const auto combine : {both, either, without}) {
      const Dfa combined = product(pair.dfa_a, pair.dfa_b, combine).value();
      for (const std::string& path : paths) {
        const Label a = test::matches(pair.a, path, kAnchors) ? 1 : 0;
        const Label b = test::matches(pair.b, path, kAnchors) ? 1 : 0;
        if (label_of(combined, pair.alphabet, path, kAnchors) == combine(a, b)) continue;
        FAIL_CHECK("pair ", i, " on `", path, "`");
      }
    }
  }
}

TEST_CASE("equal languages give equal automata") {
  test::PolicyGenerator random(3, 2);
  for (int i = 0; i < 200; ++i) {
    const Pair pair(random);
    const Dfa& a = pair.dfa_a;
    const Dfa& b = pair.dfa_b;
    CHECK(equal(product(a, b, both).value(), product(b, a, both).value()));
    CHECK(equal(product(a, a, either).value(), a));
    // a = (a ∩ b) ∪ (a ∖ b)
    const Dfa in = product(a, b, both).value();
    const Dfa out = product(a, b, without).value();
    CHECK(equal(product(in, out, either).value(), a));
    CHECK(equal(minimize(a), a));
  }
}

TEST_CASE("minimizing keeps every label and joins what is alike") {
  // Four states in two pairs of equals, and one that nothing reaches.
  Dfa dfa;
  dfa.symbols = 2;
  dfa.label = {0, 7, 0, 7, 5};
  dfa.next = {1, 2, 2, 1, 3, 0, 0, 3, 4, 4};
  const Dfa small = minimize(dfa);
  CHECK(small.label == std::vector<Label>{0, 7});
  CHECK(small.next == std::vector<std::uint32_t>{1, 0, 0, 1});
}

TEST_CASE("a product that needs too many states is refused, not cut") {
  // Two counters whose sizes share no divisor: the product counts to the product of the two.
  const auto counter = [](std::uint32_t size) {
    Dfa dfa;
    dfa.symbols = 1;
    for (std::uint32_t i = 0; i < size; ++i) {
      dfa.next.push_back((i + 1) % size);
      dfa.label.push_back(i == 0 ? 1 : 0);
    }
    return dfa;
  };
  CHECK(product(counter(199), counter(200), both)->size() == 39'800);
  static_assert(kMaxStates == 32 * 1875 && kMaxStates + 1 == 29 * 2069);
  CHECK(product(counter(32), counter(1875), both)->size() == kMaxStates);
  const Result<Dfa> large = product(counter(29), counter(2069), both);
  REQUIRE_FALSE(large);
  CHECK(large.error().message == "the path rules together need too many states");
}

}  // namespace
}  // namespace srt::glob
