#include "compiler/verify/words.h"

#include <doctest/doctest.h>

// What is known of words, against trying every word of four bits.
namespace srt::verify {
namespace {

struct Asked {
  WordTest test;
  bool passes;
};

bool is_in(std::uint32_t word, const std::vector<Asked>& asked) {
  return std::all_of(asked.begin(), asked.end(), [word](const Asked& one) {
    return ((word & one.test.mask) == one.test.value) == one.passes;
  });
}

TEST_CASE("a set of words is empty exactly where no word passes and fails what is asked") {
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    std::optional<WordSet> set = WordSet();
    std::vector<Asked> asked;
    for (int i = 0; i < 5 && set; ++i) {
      const auto mask = static_cast<std::uint32_t>(random() % 16);
      const auto value = static_cast<std::uint32_t>(random() % 16);
      asked.push_back({{mask, random() % 8 == 0 ? value : value & mask}, random() % 3 == 0});
      set = asked.back().passes ? set->passing(asked.back().test) : set->failing(asked.back().test);
      bool has_word = false;
      for (std::uint32_t word = 0; word < 16; ++word) has_word |= is_in(word, asked);
      REQUIRE(set.has_value() == has_word);
      if (set) CHECK(is_in(set->example(), asked));
    }
  }
}

TEST_CASE("ranges of numbers are split without losing one") {
  const NumberSet all = NumberSet::all();
  CHECK(all.within(3, 5).ranges() == std::vector<NumberSet::Range>{{3, 5}});
  CHECK(all.outside(3, 5).ranges() == std::vector<NumberSet::Range>{{0, 2}, {6, UINT32_MAX}});
  CHECK(all.outside(0, 5).ranges() == std::vector<NumberSet::Range>{{6, UINT32_MAX}});
  CHECK(all.outside(0, UINT32_MAX).is_empty());
  CHECK(all.within(7, 6).is_empty());
  CHECK_FALSE(all.outside(7, 7).contains(7));
}

}  // namespace
}  // namespace srt::verify
