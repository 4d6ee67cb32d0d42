// srt-bench: the measurements of run.sh that need a program.

#include <cstdio>
#include <cstdlib>

#include "tests/bench/bench.h"

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto is = [&](const char* name, std::size_t arguments) {
    return words.size() == arguments + 1 && words[0] == name;
  };
  if (is("match", 1)) return srt::bench::match(std::atoi(words[1].c_str()));
  if (is("inclusion", 0)) return srt::bench::inclusion();
  if (is("serve", 1)) return srt::bench::serve(words[1]);
  if (is("load", 2)) return srt::bench::load(words[1], words[2]);
  if (is("hold", 1)) return srt::bench::hold(words[1]);
  if (is("idle", 4)) {
    return srt::bench::idle(words[1], words[2], std::atoi(words[3].c_str()), words[4]);
  }
  if (is("names", 0)) return srt::bench::names();
  if (is("round-trip", 0)) return srt::bench::round_trip();
  std::fputs(
      "usage: srt-bench match COUNT | inclusion | serve FILE | load PORT PROXY | hold FILE | "
      "idle PORT PROXY COUNT FILE | names | round-trip\n",
      stderr);
  return 2;
}
