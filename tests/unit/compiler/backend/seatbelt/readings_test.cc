#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "compiler/backend/seatbelt/filter.h"
#include "compiler/backend/seatbelt/seatbelt.h"
#include "compiler/frontend/front_end.h"
#include "tests/support/random_policy.h"
#include "tests/support/random_settings.h"
#include "tests/support/sbpl/probes.h"

// No decision depends on how rules of different shapes rank: both readings of a profile agree.
namespace srt::seatbelt {
namespace {

using test::sbpl::Profile;
using test::sbpl::Reading;

// Every parameter that a profile asks for, in three arrangements: directories apart from each
// other, each in the one before, and all of them the root directory.
std::vector<Profile::Parameters> arrangements_of(const std::string& text) {
  std::vector<Profile::Parameters> out(3);
  const std::regex use("\\((?:dir|param) \"([^\"]+)\"\\)");
  std::string inner;
  for (std::sregex_iterator it(text.begin(), text.end(), use), end; it != end; ++it) {
    const std::string name = (*it)[1];
    if (out[0].contains(name)) continue;
    const std::string number = std::to_string(out[0].size());
    inner += "/d" + number;
    out[0][name] = "/Users/d" + number;
    out[1][name] = inner;
    out[2][name] = "/";
  }
  for (Profile::Parameters& parameters : out) parameters["PROXY_PORT"] = "4321";
  return out;
}

void check_readings(const std::string& text, std::uint32_t seed) {
  for (const Profile::Parameters& parameters : arrangements_of(text)) {
    const Result<Profile> profile = Profile::load(text, parameters);
    REQUIRE_MESSAGE(profile, profile.error().message);
    for (const std::string& path : probes_of(*profile, seed, 3)) {
      for (const char* operation : test::sbpl::kPathOperations) {
        if (profile->allows({operation, path}, Reading::last_match) !=
            profile->allows({operation, path}, Reading::by_shape)) {
          CAPTURE(text);
          FAIL_CHECK(operation << ' ' << path);
        }
      }
    }
  }
}

// Some goldens leave out what is the same in all.
std::string before_an_excerpt() {
  std::string out = "(version 1)\n(deny default)\n";
  for (const Definition& definition : kPathDefinitions) out += definition.text;
  return out;
}

std::optional<std::string> profile_of(const char* name, const std::string& text) {
  SourceSet sources;
  Diagnostics diagnostics;
  const FileId file = sources.add(name, text);
  const ir::Policy policy = read_policy(sources, file, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return emit(ir::select(policy, Target::macos), diagnostics);
}

TEST_CASE("both readings agree on every golden profile") {
  int read = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SRT_GOLDEN)) {
    if (entry.path().filename() != "out.sb") continue;
    CAPTURE(entry.path());
    std::stringstream file;
    file << std::ifstream(entry.path()).rdbuf();
    std::string text = file.str();
    if (!text.starts_with("(version 1)")) text = before_an_excerpt() + text;
    check_readings(text, 1);
    ++read;
  }
  CHECK(read >= 8);
}

TEST_CASE("both readings agree on random policies and settings") {
  int read = 0;
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    for (const auto& text :
         {profile_of("a.srt", test::random_policy(seed)),
          profile_of("a.json", test::random_settings(settings::Format::npm, seed))}) {
      if (!text) continue;
      check_readings(*text, seed);
      ++read;
    }
  }
  CHECK(read > 10);
}

}  // namespace
}  // namespace srt::seatbelt
