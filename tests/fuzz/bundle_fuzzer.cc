#include "runtime/bundle/format.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/support/laws.h"

// The input is read as it is, and as the payload of a bundle: no fuzzer finds a digest.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = srt::fuzz::text_of(data, size);
  srt::fuzz::hold(srt::test::breach_of_bundle_laws(bytes));
  const bool is_bundle = bytes.starts_with(srt::format::kMagic) && size >= srt::format::kHeaderSize;
  const std::string_view payload = is_bundle ? bytes.substr(srt::format::kHeaderSize) : bytes;
  srt::fuzz::hold(srt::test::breach_of_bundle_laws(srt::test::framed(payload)));
  return 0;
}
