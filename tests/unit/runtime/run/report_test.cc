#include "runtime/run/report.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/policy_bundle.h"
#include "tests/support/temp_tree.h"

namespace srt {
namespace {

bool nowhere(const std::string&) { return false; }

TEST_CASE("each refusal is one line of JSON behind what is there already") {
  const test::TempTree tree;
  const std::string path = tree.file("report", "{}\n");
  const test::PolicyBundle made("deny connect example.com");
  const Report report = Report::open(path, nowhere).value();
  report.add({net::RefusalKind::blocked, "example.com:443", "no \"host\"\n\xFF", {}, {}, 0},
             made.bundle);
  report.add({net::RefusalKind::not_resolved, "none.test:80", "no address", {}, {}, {}},
             made.bundle);

  std::istringstream lines(tree.content("report"));
  std::string line;
  std::getline(lines, line);
  CHECK(line == "{}");
  std::getline(lines, line);
  const nlohmann::json blocked = nlohmann::json::parse(line);
  CHECK(blocked["subject"] == "example.com:443");
  CHECK(blocked["verdict"] == "deny");
  CHECK(blocked["rule"] == 0);
  CHECK(blocked["policy"] == "test.srt:1:14");
  CHECK(blocked["message"] == "no \"host\"\n\u00FF");
  std::getline(lines, line);
  const nlohmann::json failed = nlohmann::json::parse(line);
  CHECK(failed["verdict"] == "error");
  CHECK_FALSE(failed.contains("rule"));
  CHECK_FALSE(std::getline(lines, line));
}

TEST_CASE("a new report is its owner's alone, one that cannot be made is an error") {
  const test::TempTree tree;
  REQUIRE(Report::open(tree / "new", nowhere));
  struct stat info = {};
  REQUIRE(stat((tree / "new").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  const Result<Report> none = Report::open(tree / "none/report", nowhere);
  REQUIRE_FALSE(none);
  CHECK(none.error().message.find("none/report") != std::string::npos);
}

TEST_CASE("a report is followed through no link that a command could have left") {
  const test::TempTree tree;
  const std::string target = tree.file("target", "");
  std::filesystem::create_directory(tree / "own");
  std::filesystem::create_symlink(target, tree / "own/link");
  std::filesystem::create_symlink(tree / "own", tree / "way");
  std::set<std::string> written = {tree / "own"};
  const auto open = [&](const std::string& directory) { return written.contains(directory); };
  CHECK(Report::open(tree / "own/link", nowhere));
  CHECK_FALSE(Report::open(tree / "own/link", open));
  CHECK(Report::open(tree / "way/new", open));
  std::filesystem::create_symlink(tree / "made", tree / "own/dangling");
  CHECK_FALSE(Report::open(tree / "own/dangling", open));
  CHECK_FALSE(std::filesystem::exists(tree / "made"));
  written.insert(std::filesystem::path(target).parent_path());
  CHECK_FALSE(Report::open(tree / "way/new", open));
}

}  // namespace
}  // namespace srt
