#include <algorithm>
#include <chrono>
#include <cstdio>

#include "compiler/glob/algebra.h"
#include "tests/bench/bench.h"
#include "tests/support/policy_bundle.h"

#ifdef SRT_BENCH_RE2
#include <re2/set.h>
#endif

namespace srt::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 15;

// The median over some rounds of the time of one of `count` things that `body` does.
template <typename F>
double nanoseconds_each(std::size_t count, const F& body) {
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = Clock::now();
    body();
    const std::chrono::duration<double, std::nano> taken = Clock::now() - start;
    times.push_back(taken.count() / static_cast<double>(count));
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

// Globs of the shapes that people write.
std::string glob(int i) {
  const std::string n = std::to_string(i);
  switch (i % 4) {
    case 0:
      return "/srv/team" + std::to_string(i % 97) + "/project" + n;
    case 1:
      return "/srv/team" + std::to_string(i % 97) + "/**/secret" + n + ".*";
    case 2:
      return "/home/user" + n + "/.config/*.key";
    default:
      return "/opt/tool" + n + "/**";
  }
}

std::vector<std::string> paths(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i % count);
    const std::string team = "/srv/team" + std::to_string(i % 97);
    out.push_back(team + "/project" + n + "/src/main.cc");
    out.push_back(team + "/x/y/z/secret" + n + ".pem");
    out.push_back("/home/user" + n + "/.config/app.key");
    out.push_back("/usr/lib/x86_64-linux-gnu/libc.so." + n);
  }
  return out;
}

#ifdef SRT_BENCH_RE2
// The same language: what a glob matches, and all beneath it.
std::string regex(const std::string& glob) {
  std::string out;
  for (std::size_t i = 0; i < glob.size(); ++i) {
    if (glob.compare(i, 3, "/**") == 0) {
      out += "(/[^/]+)*";
      i += 2;
    } else if (glob[i] == '*') {
      out += "[^/]*";
    } else {
      out += glob[i] == '.' ? "\\." : std::string(1, glob[i]);
    }
  }
  return out + "(/.*)?";
}

double match_re2(int count, const std::vector<std::string>& subjects, std::size_t& matches) {
  RE2::Options options;
  options.set_max_mem(64 << 20);
  RE2::Set set(options, RE2::ANCHOR_BOTH);
  for (int i = 0; i < count; ++i) set.Add(regex(glob(i)), nullptr);
  set.Compile();
  return nanoseconds_each(subjects.size(), [&] {
    matches = 0;
    std::vector<int> found;
    for (const std::string& subject : subjects) matches += set.Match(subject, &found) ? 1U : 0U;
  });
}
#endif

}  // namespace

int match(int count) {
  std::string text = "default write allow\n";
  for (int i = 0; i < count; ++i) text += "deny write " + glob(i) + '\n';
  const test::PolicyBundle made(text);
  const std::vector<std::string> anchors = made.anchors("/w", "/h");
  const PathTable& table = made.bundle.paths;
  const std::vector<std::string> subjects = paths(count);
  std::size_t matches = 0;
  const double ours = nanoseconds_each(subjects.size(), [&] {
    matches = 0;
    for (const std::string& subject : subjects) {
      matches += table.verdict(table.find(subject, anchors)).access == Access::write ? 0U : 1U;
    }
  });
  std::printf("%.0f", ours);
#ifdef SRT_BENCH_RE2
  std::size_t theirs_matches = 0;
  const double theirs = match_re2(count, subjects, theirs_matches);
  if (theirs_matches != matches) {
    std::fprintf(stderr, "srt-bench: %zu matches, RE2 has %zu\n", matches, theirs_matches);
    return 1;
  }
  std::printf(" %.0f\n", theirs);
#else
  std::puts(" -");
#endif
  return 0;
}

int inclusion() {
  constexpr int kCount = 60;
  std::string text;
  for (int i = 0; i < kCount; ++i) text += "deny write " + glob(i) + '\n';
  const test::PolicyBundle made(text);
  std::vector<const glob::PathSet*> sets;
  for (const ir::Rule& rule : made.policy.rules) {
    if (const auto* set = std::get_if<glob::PathSet>(&rule.subject)) sets.push_back(set);
  }
  std::size_t included = 0;
  const double time = nanoseconds_each(sets.size() * sets.size(), [&] {
    for (const glob::PathSet* a : sets) {
      for (const glob::PathSet* b : sets) included += glob::is_subset(*a, *b) ? 1U : 0U;
    }
  });
  std::printf("%.0f\n", time);
  return included > 0 ? 0 : 1;
}

}  // namespace srt::bench
