#include "runtime/base/sha256.h"

#include <doctest/doctest.h>

namespace srt {
namespace {

std::string hex(std::string_view text) { return to_hex(sha256({text})); }

// Expected values: FIPS 180-4 examples (NIST, "SHA256.pdf"), and for the lengths around the padding
// boundaries those that sha256sum(1) gives.
TEST_CASE("digests are those of the standard") {
  CHECK(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("lengths around a block's end are padded right") {
  CHECK(hex(std::string(55, 'a')) ==
        "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  CHECK(hex(std::string(56, 'a')) ==
        "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  CHECK(hex(std::string(63, 'a')) ==
        "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
  CHECK(hex(std::string(64, 'a')) ==
        "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  CHECK(hex(std::string(65, 'a')) ==
        "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0");
}

TEST_CASE("parts are hashed as one text") {
  const std::string text(300, 'x');
  const std::string_view whole = text;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    CHECK(sha256({whole.substr(0, at), whole.substr(at)}) == sha256({whole}));
  }
  CHECK(sha256({}) == sha256({""}));
}

}  // namespace
}  // namespace srt
