#include "compiler/driver/print.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace srt::driver {

bool print(std::string_view text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) {
    complain("srtc",
             Error{std::string("cannot write to standard output: ") + std::strerror(errno)});
  }
  return written;
}

}  // namespace srt::driver
