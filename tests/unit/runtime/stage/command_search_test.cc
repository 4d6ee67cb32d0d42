#include "runtime/stage/command_search.h"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace srt::stage {
namespace {

/// Searches in a made-up file system.
struct Searcher {
  std::map<std::string, Candidate> files;
  std::vector<std::string> probed = {};

  /// The path found, or the status.
  std::string operator()(const char* name, std::string_view path, std::size_t room = 64) {
    std::array<char, 64> buffer;
    const CommandSearch search =
        find_command(name, path, std::span(buffer).first(room), [this](const char* candidate) {
          probed.emplace_back(candidate);
          const auto file = files.find(candidate);
          return file == files.end() ? Candidate::absent : file->second;
        });
    return search.path != nullptr ? search.path : std::to_string(search.status);
  }
};

constexpr Candidate kRuns = Candidate::executable;
constexpr Candidate kDoesNotRun = Candidate::not_executable;

TEST_CASE("a name with a slash is a path") {
  Searcher search = {{{"./tool", kRuns}, {"/b/tool", kRuns}, {"a/plain", kDoesNotRun}}};
  CHECK(search("./tool", "/b") == "./tool");
  CHECK(search("a/plain", "/b") == "126");
  CHECK(search("a/missing", "/b") == "127");
}

TEST_CASE("other names are looked up in the directories of the path, in order") {
  Searcher search = {{{"/b/tool", kRuns}, {"/c/tool", kRuns}, {"tool", kRuns}}};
  CHECK(search("tool", "/a:/b:/c") == "/b/tool");
  CHECK(search.probed == std::vector<std::string>{"/a/tool", "/b/tool"});
  CHECK(search("tool", "/a") == "127");
}

TEST_CASE("an empty directory is the working directory, wherever it stands") {
  Searcher search = {{{"tool", kRuns}}};
  for (const char* path : {"", ":/a", "/a:", "/a::/b"}) {
    CAPTURE(path);
    CHECK(search("tool", path) == "tool");
  }
}

TEST_CASE("a file that does not run is passed over, and remembered when nothing else is found") {
  Searcher search = {{{"/a/tool", kDoesNotRun}, {"/b/tool", kRuns}}};
  CHECK(search("tool", "/a:/b") == "/b/tool");
  CHECK(search("tool", "/a:/c") == "126");
}

TEST_CASE("an empty name is not found") {
  Searcher search = {{{"/a/", kRuns}, {"", kRuns}}};
  CHECK(search("", "/a:") == "127");
}

TEST_CASE("a candidate that does not fit the buffer does not exist") {
  Searcher search = {{{"/a/tool", kRuns}, {"/long/tool", kRuns}}};
  CHECK(search("tool", "/long:/a", 8) == "/a/tool");
  CHECK(search("tool", "/long:/a", 7) == "127");
}

TEST_CASE("PATH comes from the environment, with a default where it has none") {
  char home[] = "HOME=/home/u";
  char near_miss[] = "PATHS=/x";
  char path[] = "PATH=/a:/b";
  char* with[] = {home, near_miss, path, nullptr};
  char* without[] = {home, near_miss, nullptr};
  CHECK(search_path(with) == "/a:/b");
  CHECK(search_path(without) == "/usr/bin:/bin");
}

}  // namespace
}  // namespace srt::stage
