#include "runtime/base/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace srt {

Status reserve_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // open(2) returns the lowest free number, which is this one.
    if (open("/dev/null", O_RDWR) < 0) {
      return Error{std::string("cannot open `/dev/null`: ") + std::strerror(errno)};
    }
  }
  return ok();
}

}  // namespace srt
