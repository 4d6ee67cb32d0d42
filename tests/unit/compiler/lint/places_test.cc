#include "compiler/lint/places.h"

#include <doctest/doctest.h>

#include "tests/unit/compiler/lint/ask.h"

namespace srt::lint {
namespace {

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string places(std::string_view text) { return found_by(check_places, text); }
std::string single_files(std::string_view text) { return found_by(check_single_files, text); }

TEST_CASE("what runs later and can be written is reported, at the rule that allows it") {
  const std::string said =
      places("use std.secrets\nallow write ./src, ~/.local/bin\nallow write .");
  CHECK(says(said,
             "test.srt:2:20: warning: `allow write ~/.local/bin` lets the command write "
             "`~/.local/bin`: it is a directory of `PATH` [runs-later]"));
  CHECK(says(said, "`allow write .` lets the command write `./.git/hooks/pre-commit` and 4 more"));
  CHECK_FALSE(says(said, "`allow write ./src`"));
  CHECK(places("use std.secrets\nallow write .\nuse std.protect") == "");
}

TEST_CASE("other values of parameters are tried, and named") {
  const std::string project = "use std.secrets\nparam p\nallow write ${p}";
  CHECK(says(places(project),
             "`allow write ${p}` lets the command write "
             "`./.git/hooks/pre-commit` and 4 more where `${p}` is the working "
             "directory: git runs hooks"));
  CHECK(says(places("use std.secrets\nallow write .\ndeny write ./.*"),
             "where the working directory is `~`"));
  // A name in a directory is the project's own, and std.protect is the answer to the rest.
  CHECK(places("use std.secrets\nallow write ./bin, ./.local") == "");
  CHECK(places(project + "\nuse std.protect") == "");
  CHECK(
      places("use std.secrets\nparam p\nallow write .\nallow write ${p}\nuse std.protect.strict") ==
      "");
}

TEST_CASE("powerful sockets are reported, at the rule that allows them") {
  const std::string said = places("use std.secrets\nallow unix /run/user/1000/bus, ~/.agent.sock");
  CHECK(says(said, "`allow unix /run/user/1000/bus` allows `/run/user/1000/bus`: over D-Bus"));
  CHECK_FALSE(says(said, "`allow unix ~/.agent.sock`"));
  CHECK(says(places("use std.secrets\nallow unix *"), "docker.sock` and 14 more"));
  CHECK(places("use std.secrets\nallow unix *\ndeny unix *") == "");
}

TEST_CASE("a home that is readable as a whole is reported while credentials in it are") {
  CHECK(says(places("allow write ./x"), "can read `~/.ssh/id_ed25519` and 12 more"));
  CHECK(says(places("deny read ~/.ssh"), "can read `~/.aws/credentials` and 11 more"));
  CHECK(says(places("default read deny\nallow read ~"), "test.srt:2:12: warning: the command can"));
  CHECK(places("use std.secrets") == "");
  CHECK(places("default read deny\nuse std.base\nallow read .") == "");
  CHECK(places("default read deny\nallow read ~/.npmrc") == "");  // one place is meant
}

TEST_CASE("a grant of one file is reported where its directory cannot be written") {
  CHECK(says(single_files("allow write /data/out.csv"), "`allow write /data/out.csv` grants one"));
  CHECK(single_files("allow write /data, /data/out.csv") == "");
  CHECK(single_files("allow write /data/out, /data/conf.d, ./.git, /data/v1.2") == "");
  CHECK(single_files("deny write /data/out.csv") == "");
}

}  // namespace
}  // namespace srt::lint
