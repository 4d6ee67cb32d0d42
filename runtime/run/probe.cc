#include "runtime/run/probe.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "runtime/base/file.h"
#include "runtime/base/unique_fd.h"

namespace srt {
namespace {

constexpr std::size_t kMaxProbes = std::size_t{64} << 20;  // bytes

ProbeResult result_of(bool done) {
  if (done) return ProbeResult::done;
  return errno == ENOENT || errno == ENOTDIR ? ProbeResult::missing : ProbeResult::refused;
}

bool is_listed(const char* path) {
  DIR* directory = opendir(path);
  if (directory == nullptr) return false;
  errno = 0;
  const bool read = readdir(directory) != nullptr || errno == 0;
  const int error = errno;
  closedir(directory);
  errno = error;
  return read;
}

}  // namespace

ProbeResult attempt(const Probe& probe) {
  const char* path = probe.path.c_str();
  const bool reads = probe.operation == Operation::read;
  struct stat status;
  if (stat(path, &status) != 0) return result_of(false);
  if (S_ISDIR(status.st_mode) && reads) return result_of(is_listed(path));
  if (S_ISREG(status.st_mode)) {
    const int flags = (reads ? O_RDONLY : O_WRONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    return result_of(static_cast<bool>(UniqueFd(open(path, flags))));
  }
  return result_of(faccessat(AT_FDCWD, path, reads ? R_OK : W_OK, AT_EACCESS) == 0);
}

std::string encode(const std::vector<Probe>& probes) {
  std::string bytes;
  for (const Probe& probe : probes) {
    bytes += probe.operation == Operation::read ? 'r' : 'w';
    bytes.append(probe.path).push_back('\0');
  }
  return bytes;
}

Status answer_probes() {
  const Result<std::string> bytes = read_file("-", kMaxProbes);
  if (!bytes) return bytes.error();
  std::string results;
  for (std::size_t at = 0; at < bytes->size();) {
    const std::size_t end = std::min(bytes->find('\0', at), bytes->size());
    const Operation operation = (*bytes)[at] == 'r' ? Operation::read : Operation::write;
    results += static_cast<char>(attempt({operation, bytes->substr(at + 1, end - at - 1)}));
    at = end + 1;
  }
  if (!write_all(STDOUT_FILENO, results)) {
    return Error{std::string("cannot answer: ") + std::strerror(errno)};
  }
  return ok();
}

}  // namespace srt
