#include "tests/support/sbpl/probes.h"

#include <algorithm>
#include <vector>

namespace srt::test::sbpl {
namespace {

// Reads a regex and makes a text up as it goes.
class Sampler {
 public:
  Sampler(std::string_view regex, std::mt19937& random) : regex_(regex), random_(random) {}

  std::string alternatives() {
    std::vector<std::string> texts = {sequence()};
    while (peek() == '|') {
      ++at_;
      texts.push_back(sequence());
    }
    return texts[random_() % texts.size()];
  }

 private:
  char peek() const { return at_ < regex_.size() ? regex_[at_] : '\0'; }

  std::string sequence() {
    std::string out;
    while (at_ < regex_.size() && peek() != '|' && peek() != ')') {
      const std::size_t begin = at_;
      std::string one = atom();
      const char count = peek();
      if (count != '*' && count != '+' && count != '?') {
        out += one;
        continue;
      }
      const std::size_t end = at_ + 1;
      const unsigned times = count == '+' ? 1 + random_() % 2 : random_() % (count == '?' ? 2 : 3);
      for (unsigned i = 0; i < times; ++i) {
        at_ = begin;
        out += atom();
      }
      at_ = end;
    }
    return out;
  }

  std::string atom() {
    const char c = regex_[at_++];
    if (c == '^' || c == '$') return "";
    if (c == '.') return "x";
    if (c == '\\') return std::string(1, regex_[at_++]);
    if (c == '[') return bracket();
    if (c != '(') return std::string(1, c);
    std::string inner = alternatives();
    ++at_;
    return inner;
  }

  std::string bracket() {
    const bool negated = peek() == '^';
    if (negated) ++at_;
    std::string members;
    while (members.empty() || peek() != ']') members += regex_[at_++];
    ++at_;
    if (negated) return "x";
    return std::string(1, members[random_() % members.size()]);
  }

  std::string_view regex_;
  std::mt19937& random_;
  std::size_t at_ = 0;
};

void add_around(std::set<std::string>& out, std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (!path.starts_with('/')) return;
  out.insert(path);
  out.insert((path == "/" ? "" : path) + "/x");
  std::string other = path;
  std::transform(other.begin(), other.end(), other.begin(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter ? static_cast<char>(c ^ 0x20) : c;
  });
  out.insert(other.substr(0, other.rfind('/')) + path.substr(path.rfind('/')));
  out.insert(path.substr(0, path.rfind('/')) + other.substr(other.rfind('/')));
  for (std::size_t end = path.rfind('/'); end != 0 && end != std::string::npos;
       end = path.rfind('/', end - 1)) {
    out.insert(path.substr(0, end));
  }
}

}  // namespace

std::string sample_of(std::string_view regex, std::mt19937& random) {
  return Sampler(regex, random).alternatives();
}

std::set<std::string> probes_of(const Profile& profile, std::uint32_t seed, int per_regex) {
  std::mt19937 random(seed);
  std::set<std::string> out = {"/", "/x", "/private/tmp/x", "/tmp/x"};
  for (const auto& [kind, text] : profile.path_texts()) {
    if (kind != "regex") {
      add_around(out, text);
      continue;
    }
    for (int i = 0; i < per_regex; ++i) add_around(out, sample_of(text, random));
  }
  return out;
}

}  // namespace srt::test::sbpl
