#pragma once

#include <string_view>
#include <vector>

#include "compiler/glob/dfa.h"
#include "tests/support/naive_matcher.h"

namespace srt::glob {

/// What an automaton says of a path: its bytes, and a mark wherever an anchor's directory ends.
inline Label label_of(const Dfa& dfa, const Alphabet& alphabet, std::string_view path,
                      const test::AnchorValues& anchors) {
  std::uint32_t state = 0;
  const auto take_marks = [&](std::size_t end) {
    for (AnchorId anchor = 0; anchor < anchors.size(); ++anchor) {
      if (anchors[anchor] == path.substr(0, end)) state = dfa.step(state, alphabet.mark(anchor));
    }
  };
  take_marks(0);
  for (std::size_t i = 0; i < path.size(); ++i) {
    state = dfa.step(state, alphabet.byte(static_cast<unsigned char>(path[i])));
    if (i + 1 == path.size() || path[i + 1] == '/') take_marks(i + 1);
  }
  return dfa.label[state];
}

/// A set compiled for itself.
struct Compiled {
  explicit Compiled(const PathSet& set, std::size_t anchors = 0)
      : alphabet(std::vector<const PathSet*>{&set}, anchors), dfa(compile(set, alphabet).value()) {}

  bool contains(std::string_view path, const test::AnchorValues& anchors = {}) const {
    return label_of(dfa, alphabet, path, anchors) != 0;
  }

  Alphabet alphabet;
  Dfa dfa;
};

}  // namespace srt::glob
