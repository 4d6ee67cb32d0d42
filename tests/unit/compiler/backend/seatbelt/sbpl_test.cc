#include <doctest/doctest.h>

#include "tests/support/sbpl/profile.h"

namespace srt::test::sbpl {
namespace {

Profile load(const std::string& rules, const Profile::Parameters& parameters = {}) {
  Result<Profile> profile = Profile::load("(version 1)(deny default)" + rules, parameters);
  REQUIRE_MESSAGE(profile, profile.error().message);
  return *profile;
}

bool is_refused(const std::string& rules) {
  return !Profile::load("(version 1)(deny default)" + rules, {});
}

bool reads(const Profile& profile, const std::string& path, Reading reading) {
  return profile.allows({"file-read-data", path}, reading);
}

TEST_CASE("the last rule that matches decides, wildcards of operations included") {
  const Profile profile = load(R"((allow file-read* (subpath "/a"))
                                  (deny file-read-data (literal "/a/b"))
                                  (allow file-read-data (regex #"^/a/b/c\.d$")))");
  for (const Reading reading : {Reading::last_match, Reading::by_shape}) {
    CHECK(reads(profile, "/a", reading));
    CHECK(reads(profile, "/a/x/y", reading));
    CHECK_FALSE(reads(profile, "/ab", reading));
    CHECK_FALSE(reads(profile, "/a/b", reading));
    CHECK(reads(profile, "/a/b/c.d", reading));
    CHECK(profile.allows({"file-read-metadata", "/a/b"}, reading));
    CHECK_FALSE(profile.allows({"file-write-data", "/a"}, reading));
  }
}

TEST_CASE("by shape, compound filters and specific operations are not undone") {
  const Profile compound = load(R"((allow file-read* (require-all (subpath "/a")
                                                                  (require-not (subpath "/a/x"))))
                                   (deny file-read* (subpath "/a/b"))
                                   (deny file-read* (literal "/a/c")))");
  CHECK_FALSE(reads(compound, "/a/b", Reading::last_match));
  CHECK(reads(compound, "/a/b", Reading::by_shape));
  CHECK_FALSE(reads(compound, "/a/c", Reading::by_shape));
  CHECK_FALSE(reads(compound, "/a/x", Reading::by_shape));

  const Profile specific = load(R"((deny file-write-unlink (subpath "/a"))
                                   (allow file-write* (subpath "/a")))");
  CHECK(specific.allows({"file-write-unlink", "/a/b"}, Reading::last_match));
  CHECK_FALSE(specific.allows({"file-write-unlink", "/a/b"}, Reading::by_shape));
}

TEST_CASE("definitions, conditions and parameters are evaluated") {
  const std::string rules = R"(
    (define (inner? path top) (and (> (string-length path) (string-length top))
      (string=? (substring path 0 (+ (string-length top) 1)) (string-append top "/"))))
    (when (inner? (param "A") (param "B")) (allow file-read* (subpath (param "A"))))
    (allow file-read* (regex (string-append "^" (regex-quote (param "A")) "/\\x2ex$"))
                      (if (string=? "a" "a") (path-ancestors "/p/q") (literal "/never"))))";
  const Profile inside = load(rules, {{"A", "/b/[*]"}, {"B", "/b"}});
  CHECK(reads(inside, "/b/[*]/y", Reading::last_match));
  CHECK(reads(inside, "/p", Reading::last_match));
  CHECK(reads(inside, "/", Reading::last_match));
  CHECK_FALSE(reads(inside, "/p/q", Reading::last_match));
  CHECK_FALSE(reads(inside, "/never", Reading::last_match));
  const Profile apart = load(rules, {{"A", "/b/[*]"}, {"B", "/c"}});
  CHECK_FALSE(reads(apart, "/b/[*]/y", Reading::last_match));
}

TEST_CASE("what Seatbelt would refuse is refused") {
  CHECK(is_refused(R"((allow file-read* (subpath "")))"));
  CHECK(is_refused(R"((allow file-read* (subpath "/a/")))"));
  CHECK(is_refused(R"((allow file-read* (subpath (param "UNSET"))))"));
  CHECK(is_refused(R"((allow file-read* (subpat "/a")))"));
  CHECK(is_refused(R"((allow file-read* (subpath "/a"))"));
  CHECK(is_refused(R"((allow file-read* (subpath "/a"))))"));
  CHECK(is_refused(R"((allow (subpath "/a")))"));
  CHECK(is_refused(R"((allow file-read* (regex #"^a{2}$")))"));
  CHECK(is_refused(R"((allow file-read* (regex #"^(a$")))"));
  CHECK(is_refused(R"((allow file-read* (regex #"^a.*?b$")))"));
  CHECK_FALSE(is_refused("(allow file-read* (literal \"/" + std::string(1024, 'a') + "\"))"));
  CHECK(is_refused("(allow file-read* (literal \"/" + std::string(1025, 'a') + "\"))"));
  CHECK_FALSE(Profile::load("(deny default)", {}));
}

}  // namespace
}  // namespace srt::test::sbpl
