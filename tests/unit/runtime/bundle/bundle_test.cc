#include <doctest/doctest.h>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/frontend/front_end.h"
#include "runtime/bundle/bundle.h"
#include "runtime/bundle/format.h"

namespace srt {
namespace {

std::string small_bundle() {
  SourceSet sources;
  Diagnostics diagnostics;
  const FileId file = sources.add(
      "p.srt",
      "policy \"p\"\nparam d = ${cwd}\nallow write ${d}\ndeny read ~/*.key\nallow connect a.b:1");
  const ir::Policy policy = read_policy(sources, file, diagnostics);
  REQUIRE(!diagnostics.has_errors());
  return bundle::encode(bundle::lower(policy, sources).value());
}

TEST_CASE("a bundle is the same every time and reads back as what was written") {
  const std::string bytes = small_bundle();
  CHECK(bytes == small_bundle());
  const Result<Bundle> bundle = read_bundle(bytes);
  REQUIRE(bundle);
  CHECK(bundle::encode(*bundle) == bytes);
  CHECK(bundle->name == "p");
}

TEST_CASE("R26: a bundle with any byte changed is refused") {
  std::string bytes = small_bundle();
  for (std::size_t i = 0; i < bytes.size(); i += i < 200 ? 1 : 7) {
    bytes[i] = static_cast<char>(bytes[i] ^ 0x20);
    if (read_bundle(bytes)) FAIL_CHECK("byte ", i, " was changed unnoticed");
    bytes[i] = static_cast<char>(bytes[i] ^ 0x20);
  }
}

TEST_CASE("a bundle that is cut short or has something behind it is refused") {
  const std::string bytes = small_bundle();
  for (std::size_t size = 0; size < bytes.size(); size += size < 100 ? 1 : 997) {
    if (read_bundle(bytes.substr(0, size))) FAIL_CHECK(size, " bytes were taken for a bundle");
  }
  CHECK_FALSE(read_bundle(bytes + "x"));
}

TEST_CASE("too new, too old and foreign files are told apart") {
  const std::string bytes = small_bundle();
  const auto message = [&](std::size_t at, char value) {
    std::string changed = bytes;
    changed[at] = value;
    const Result<Bundle> read = read_bundle(changed);
    return read ? std::string() : read.error().message;
  };
  CHECK(message(format::kOldestReaderAt, 9).starts_with("the bundle is too new"));
  CHECK(message(format::kVersionAt, 0).starts_with("the bundle is too old"));
  CHECK(message(0, 'x') == "this is not a bundle");
  CHECK(message(format::kDigestAt, static_cast<char>(bytes[format::kDigestAt] + 1))
            .starts_with("the bundle is damaged"));
}

}  // namespace
}  // namespace srt
