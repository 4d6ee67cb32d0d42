#include "tests/fuzz/fuzzer.h"
#include "tests/support/laws.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  srt::fuzz::hold(srt::test::breach_of_http_laws(srt::fuzz::text_of(data, size)));
  return 0;
}
