#include "compiler/lint/hosts.h"

#include <doctest/doctest.h>

#include "compiler/lint/script.h"
#include "tests/unit/compiler/lint/ask.h"

namespace srt::lint {
namespace {

bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string hosts(std::string_view text) { return found_by(check_hosts, text); }

TEST_CASE("a host that anyone can publish under is reported unless it is denied below") {
  CHECK(says(hosts("allow connect *.github.io:443"), "[anyone-publishes]"));
  CHECK(says(hosts("allow connect *.github.com:443"), "`gist.github.com`: anyone can publish"));
  CHECK(hosts("allow connect *.github.com:443\ndeny connect gist.github.com") == "");
  CHECK(hosts("allow connect team.github.io:443") == "");
  CHECK(hosts("allow connect *.github.io:22") == "");
}

TEST_CASE("a grant without a port is reported, unless every port is written") {
  CHECK(says(hosts("allow connect a.example.com"), "write `a.example.com:443`, or `:1-65535`"));
  CHECK(says(hosts("allow connect \"*.example.com\""), "[missing-port]"));
  CHECK(says(hosts("allow connect [2001:db8::1]"), "[missing-port]"));
  CHECK(hosts("allow connect a.example.com:1-65535, b.example.com:443") == "");
  CHECK(hosts("deny connect a.example.com") == "");
}

TEST_CASE("an address is reported beside names only") {
  CHECK(says(hosts("allow connect 10.0.0.7:5432, a.example.com:443"), "[address-beside-name]"));
  CHECK(hosts("allow connect 10.0.0.7:5432") == "");
}

TEST_CASE("labels that mix scripts or look like others are problems, ordinary ones are not") {
  const auto problem = problem_of_label("xn--pple-43d");
  REQUIRE(problem.has_value());
  CHECK(problem->reading == "\xD0\xB0pple");
  CHECK(problem->what == "with letters of Cyrillic and Latin");
  CHECK(problem_of_label("xn--80ak6aa92e").has_value());  // all Cyrillic, looks Latin
  CHECK(problem_of_label("xn--a-").has_value());
  for (const char* label : {"example", "xn--bcher-kva", "xn--80asehdb", "xn--fsqu00a", "www"}) {
    CAPTURE(label);
    CHECK_FALSE(problem_of_label(label).has_value());
  }
  CHECK(says(hosts("allow connect xn--pple-43d.com:443"), "[mixed-scripts]"));
}

}  // namespace
}  // namespace srt::lint
