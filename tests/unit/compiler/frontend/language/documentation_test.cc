// The examples of the documentation are policies.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/unit/compiler/frontend/language/compile.h"

namespace srt::language {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(std::string(SRT_SOURCE_DIR) + "/" + path);
  REQUIRE(in);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> code_blocks(const std::string& text, const std::string& language) {
  const std::string open = "```" + language + "\n";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    at += open.size();
    const std::size_t end = text.find("```", at);
    REQUIRE(end != std::string::npos);
    blocks.push_back(text.substr(at, end - at));
    at = end;
  }
  return blocks;
}

TEST_CASE("every example of docs/language.md compiles") {
  const auto blocks = code_blocks(read_file("docs/language.md"), "srt");
  CHECK(blocks.size() > 5);
  for (const std::string& block : blocks) {
    CAPTURE(block);
    CHECK(Compiled(block).messages() == "");
  }
}

TEST_CASE("every mistake that docs/language.md shows is refused") {
  const auto blocks = code_blocks(read_file("docs/language.md"), "srt-mistake");
  CHECK(!blocks.empty());
  for (const std::string& block : blocks) {
    std::istringstream lines(block);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(Compiled(line).diagnostics.has_errors());
    }
  }
}

TEST_CASE("the example policy compiles") {
  const Compiled compiled(read_file("docs/examples/agent.srt"));
  CHECK(compiled.messages() == "");
  CHECK(compiled.policy.name == "agent");
}

}  // namespace
}  // namespace srt::language
