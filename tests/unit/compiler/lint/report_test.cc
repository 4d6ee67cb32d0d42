#include "compiler/lint/report.h"

#include <doctest/doctest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>

namespace srt::lint {
namespace {

using Json = nlohmann::json;

// Two policies with messages: one beyond ASCII, of two lines, at the end of the text, repeated.
struct Sample {
  Sample() {
    const FileId plain = first.add("dir with space/p\xC3\xA4.srt",
                                   "deny read ~/\xC3\xA9\xE2\x82\xAC/x\n\tallow bind 1,\n  2");
    // `x` behind a character of two bytes and one of three.
    of_first.report(Diag::dead_rule, {plain, 18, 19}, "x", "nothing").help = "remove it";
    of_first.report(Diag::dead_rule, {plain, 18, 19}, "x", "nothing").help = "remove it";
    of_first.report(Diag::missing_port, {plain, 21, 38}, "1,\n  2");
    const auto end = static_cast<std::uint32_t>(first.file(plain).text().size());
    of_first.report(Diag::not_all_compared, {plain, end, end}, 3);
    const FileId other = second.add("b.srt", "x");
    of_second.report(Diag::unknown_statement, {other, 0, 1}, "x");
    of_second.report(Diag::dead_rule, {other, 0, 1}, "y", "z");
  }
  std::array<Report, 2> reports() const {
    return {Report{of_first, first}, Report{of_second, second}};
  }

  SourceSet first;
  SourceSet second;
  Diagnostics of_first;
  Diagnostics of_second;
};

TEST_CASE("SARIF has what code scanning needs") {
  const Sample sample;
  const auto reports = sample.reports();
  const Json sarif = Json::parse(to_sarif(reports));
  CHECK(sarif.at("$schema") == "https://json.schemastore.org/sarif-2.1.0.json");
  CHECK(sarif.at("version") == "2.1.0");
  REQUIRE(sarif.at("runs").size() == 1);
  const Json& run = sarif.at("runs")[0];
  const Json& driver = run.at("tool").at("driver");
  CHECK(driver.at("name") == "srtc");
  CHECK(driver.at("version") == SRT_VERSION);
  std::set<std::string> ids;
  for (const Json& rule : driver.at("rules")) {
    CHECK(ids.insert(rule.at("id").get<std::string>()).second);
    CHECK_FALSE(rule.at("shortDescription").at("text").get<std::string>().empty());
    CHECK_FALSE(rule.at("help").at("text").get<std::string>().empty());
  }
  REQUIRE(run.at("results").size() == 5);  // equal messages once
  for (const Json& result : run.at("results")) {
    const std::size_t index = result.at("ruleIndex");
    REQUIRE(index < driver.at("rules").size());
    CHECK(driver.at("rules")[index].at("id") == result.at("ruleId"));
    const std::set<std::string> levels = {"error", "warning", "note"};
    CHECK(levels.contains(result.at("level").get<std::string>()));
    CHECK_FALSE(result.at("message").at("text").get<std::string>().empty());
    REQUIRE(result.at("locations").size() == 1);
    const Json& physical = result.at("locations")[0].at("physicalLocation");
    const std::string uri = physical.at("artifactLocation").at("uri");
    CHECK_FALSE(uri.starts_with('/'));
    const Json& region = physical.at("region");
    CHECK(region.at("startLine") >= 1);
    CHECK(region.at("startColumn") >= 1);
    CHECK(region.at("endLine") >= region.at("startLine"));
    CHECK(region.at("endColumn") >= 1);
  }
}

TEST_CASE("SARIF places count code points and characters from the begin, and bytes beside them") {
  const Sample sample;
  const auto reports = sample.reports();
  const Json sarif = Json::parse(to_sarif(reports));
  CHECK(sarif.at("runs")[0].at("columnKind") == "unicodeCodePoints");
  const Json& results = sarif.at("runs")[0].at("results");
  const Json& first = results[0].at("locations")[0].at("physicalLocation");
  CHECK(first.at("artifactLocation").at("uri") == "dir%20with%20space/p%C3%A4.srt");
  CHECK(results[0].at("message").at("text") == "`x` never decides: nothing\nhelp: remove it");
  const Json region = {{"startLine", 1},   {"startColumn", 16}, {"endLine", 1},
                       {"endColumn", 17},  {"charOffset", 15},  {"charLength", 1},
                       {"byteOffset", 18}, {"byteLength", 1}};
  CHECK(first.at("region") == region);
  const Json two_lines = {{"startLine", 2},   {"startColumn", 2}, {"endLine", 3},
                          {"endColumn", 4},   {"charOffset", 18}, {"charLength", 17},
                          {"byteOffset", 21}, {"byteLength", 17}};
  CHECK(results[1].at("locations")[0].at("physicalLocation").at("region") == two_lines);
  CHECK(results[2].at("level") == "note");
  CHECK(results[2].at("locations")[0].at("physicalLocation").at("region").at("byteLength") == 0);
}

TEST_CASE("JSON has the same messages, with lines, columns and offsets in bytes") {
  const Sample sample;
  const auto reports = sample.reports();
  const Json json = Json::parse(to_json(reports));
  CHECK(json.at("version") == 1);
  REQUIRE(json.at("diagnostics").size() == 5);
  const Json first = {{"id", "dead-rule"},
                      {"severity", "warning"},
                      {"message", "`x` never decides: nothing"},
                      {"help", "remove it"},
                      {"file", "dir with space/p\xC3\xA4.srt"},
                      {"line", 1},
                      {"column", 19},
                      {"end_line", 1},
                      {"end_column", 20},
                      {"begin", 18},
                      {"end", 19}};
  CHECK(json.at("diagnostics")[0] == first);
  CHECK(json.at("diagnostics")[3].at("file") == "b.srt");
}

TEST_CASE("without messages the report is whole, and bytes that are no text stand for themselves") {
  CHECK(Json::parse(to_sarif({})).at("runs")[0].at("results").empty());
  SourceSet sources;
  Diagnostics diagnostics;
  const FileId file = sources.add("\xFF.srt", "\xFF");
  diagnostics.report(Diag::dead_rule, {file, 0, 1}, "\xFF", "z");
  const std::array<Report, 1> reports = {Report{diagnostics, sources}};
  const Json result = Json::parse(to_sarif(reports)).at("runs")[0].at("results")[0];
  CHECK(result.at("locations")[0].at("physicalLocation").at("artifactLocation").at("uri") ==
        "%FF.srt");
}

}  // namespace
}  // namespace srt::lint
