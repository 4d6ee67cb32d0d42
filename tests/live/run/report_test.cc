#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/live/run/account.h"

namespace srt::live {
namespace {

TEST_CASE("--dry-run lists each mount with its rule and starts nothing") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    for (const char* name : {"a", "a/b", "a/b/locked", "secret"}) {
      account.directory(std::string("project/") + name);
    }
    account.file("project/.env", "secret\n");
    const std::string bundle = account.compile(
        "allow write .\n"
        "deny write ./a/b/locked because \"no\"\n"
        "deny read ./secret, ./**/.env\n"
        "deny read ~/.ssh\n"
        "deny write ./later\n"
        "allow connect example.com, localhost:18080\n");
    const Ending ending =
        account.run({"srt-run", "--dry-run", bundle, "sh", "-c", "touch 'it is' ran"});
    CHECK(ending.status == 0);
    CAPTURE(ending.out);
    const std::string project = account.project();
    const std::string origin = ", " + (account / "policy.srt") + ":";
    for (const std::string& line : std::vector<std::string>{
             "[mounts]\nread  /  # default\n",
             "\nwrite " + project + "  # allow write ." + origin + "1:13\n",
             "\nread  " + project + "/a/b/locked  # deny write ./a/b/locked" + origin + "2:12\n",
             "\npin   " + project + "/a  # cannot be renamed (EBUSY)",
             "\npin   " + project + "/a/b  # cannot be renamed (EBUSY)",
             "\nhide  " + project + "/secret  # deny read ./secret" + origin + "3:11\n",
             "\nhide  " + project + "/.env  # deny read ./**/.env" + origin + "3:21\n",
             "\nnote: `" + project +
                 "/later` is not there, and `deny write ./later` keeps it from being made\n",
             "\nTMPDIR=/dev/shm/tmp\n",
             "\n127.0.0.1:3128 leads to the proxy\n",
             "\n127.0.0.1:18080 leads to localhost:18080\n",
             "\nport 53 of every address answers look-ups\n",
             "\n[command]\nsh -c 'touch '\\''it is'\\'' ran'\n",
         }) {
      CHECK_MESSAGE(contains(ending.out, line), line);
    }
    CHECK_FALSE(exists(account / "project/ran"));
  }
}

std::vector<nlohmann::json> lines_of(const std::string& path) {
  std::vector<nlohmann::json> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    lines.push_back(nlohmann::json::parse(line, nullptr, false));
  }
  return lines;
}

TEST_CASE("--report has a line of JSON for each refusal, with the rule and its place") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile(
        "allow connect *.example.com\n"
        "deny connect bad.example.com because \"it is \\\"bad\\\"\"\n");
    const std::string report = account / "report";
    const Ending ending =
        account.run({"srt-run", "--report", report, bundle, "sh", "-c",
                     "curl -sS http://bad.example.com/; curl -sS https://other.example/; exit 3"});
    CHECK(ending.status == 3);
    const std::vector<nlohmann::json> lines = lines_of(report);
    REQUIRE(lines.size() == 2);
    for (const nlohmann::json& line : lines) {
      REQUIRE(line.is_object());
      CHECK(line.at("operation") == "connect");
      CHECK(line.at("verdict") == "deny");
      const std::string time = line.at("time");
      CHECK(time.size() == std::string("2000-01-01T00:00:00.000Z").size());
    }
    CHECK(lines[0].at("subject") == "bad.example.com:80");
    CHECK(lines[0].at("rule").is_number());
    CHECK(lines[0].at("policy") == (account / "policy.srt") + ":2:14");
    CHECK(lines[1].at("subject") == "other.example:443");
    CHECK_FALSE(lines[1].contains("rule"));

    // Appended to, and for the user alone.
    account.run({"srt-run", "--report", report, bundle, "curl", "-s", "http://bad.example.com/"});
    CHECK(lines_of(report).size() == 3);
    struct stat info = {};
    REQUIRE(stat(report.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0600);
  }
}

TEST_CASE("--verbose says what could not be done exactly and what was refused") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle =
        account.compile("allow write .\ndeny write ./later\nallow connect *.example.com");
    const Ending ending = account.run(
        {"srt-run", "--verbose", bundle, "curl", "-s", "-o", "/dev/null", "http://other.example/"});
    CHECK(
        contains(ending.err, "srt-run: note: `" + (account / "project/later") + "` is not there"));
    CHECK(contains(ending.err, "srt-run: refused: "));
    CHECK(contains(ending.err, "`other.example:80`"));
  }
}

}  // namespace
}  // namespace srt::live
