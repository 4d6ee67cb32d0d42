#include "runtime/base/control_descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace srt {

Result<int> control_number(const std::string& text) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && rest == end && number > STDERR_FILENO) return number;
  return Error{"`" + text + "` is no descriptor that `--control-fd` can read",
               "give the number of an open one above 2, as in `--control-fd 3 3<PIPE`"};
}

Result<UniqueFd> take_control(int number) {
  struct stat info = {};
  const std::string name = "descriptor " + std::to_string(number) + " of `--control-fd`";
  if (fstat(number, &info) != 0) {
    return Error{name + ": " + std::strerror(errno), "open it, as in `--control-fd 3 3<PIPE`"};
  }
  if (!S_ISFIFO(info.st_mode) && !S_ISSOCK(info.st_mode)) {
    return Error{name + " is neither a pipe nor a socket", "give it one"};
  }
  UniqueFd control(number);
  if (fcntl(number, F_SETFD, FD_CLOEXEC) != 0) return Error{name + ": " + std::strerror(errno)};
  return control;
}

}  // namespace srt
