#include "runtime/plan/list_directory.h"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>

#include "runtime/base/unique_fd.h"

namespace srt {
namespace {

// Room for all entries of nearly every directory, so that one call gets them.
constexpr std::size_t kBufferSize = std::size_t{64} << 10;

EntryType type_of(unsigned char type) {
  switch (type) {
    case DT_UNKNOWN:
      return EntryType::unknown;
    case DT_DIR:
      return EntryType::directory;
    case DT_LNK:
      return EntryType::link;
    default:
      return EntryType::other;
  }
}

}  // namespace

int list_directory(const std::string& path,
                   const std::function<void(std::string_view, EntryType)>& visit) {
  const UniqueFd directory(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno;
  alignas(dirent64) char buffer[kBufferSize];  // not cleared: a walk lists many directories
  for (;;) {
    const ssize_t size = getdents64(directory.get(), buffer, sizeof(buffer));
    if (size < 0) return errno;
    if (size == 0) return 0;
    for (ssize_t at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
      at += entry->d_reclen;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") visit(name, type_of(entry->d_type));
    }
  }
}

}  // namespace srt
