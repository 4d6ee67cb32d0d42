// srt-calls SEED COUNT: makes that many system calls that make, move and take away names in the
// working directory, chosen by SEED, and prints what came of each and of the whole. Two runs in
// equal directories print the same, whoever performed the calls. Where the directory has a
// directory `s`, some names are in it. Nothing is changed outside of the directory two levels
// above, and no set-user-ID or set-group-ID bit is set, which no sandbox lets.

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr int kDirectory = 3;  // open on ./d
constexpr int kFile = 4;       // open on ./a
constexpr int kClosed = 77;

class Calls {
 public:
  Calls(unsigned seed, std::string start) : random_(seed), start_(std::move(start)) {
    mkdir("d", 0755);
    check(dup2(open("d", O_RDONLY | O_DIRECTORY), kDirectory));
    check(dup2(open("a", O_RDWR | O_CREAT, 0644), kFile));
  }

  void make_one() {
    switch (below(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        return open_one();
      case 5:
        return create_one();
      case 6:
      case 7:
        // One that its owner cannot list stays where it is, under a guard.
        return say("mkdir", mkdirat(directory(), name(), mode() | 0500));
      case 8:
        return say("mknod", mknodat(directory(), name(), node_type() | mode(), 0));
      case 9:
      case 10:
        return say("symlink", symlinkat(name(), directory(), name()));
      case 11:
      case 12:
        return say("link", linkat(directory(), name(), directory(), name(),
                                  pick({0, 0, AT_SYMLINK_FOLLOW, AT_EMPTY_PATH, 1})));
      case 13:
      case 14:
        return say("rename", syscall(SYS_renameat2, directory(), name(), directory(), name(),
                                     pick({0, 0, 0, 1, 2, 3, 8})));
      case 15:
        return say("unlink", unlinkat(directory(), name(), pick({0, AT_REMOVEDIR})));
      case 16:
        return say("umask", umask(static_cast<mode_t>(pick({022, 022, 077, 0, 027}))));
      case 17:
        return bind_one();
      case 18:
        return temporary_one();
      default:
        if (below(2) == 0) return change_directory();
        return say("chmod",
                   fchmodat(directory(), name(),
                            static_cast<mode_t>(pick({0755, 0700, 0555, 0775, 01777})), 0));
    }
  }

  /// The whole tree, in order.
  void print(const std::string& path) {
    struct stat info;
    if (lstat(path.c_str(), &info) != 0) return;
    printf("%s %o %d %ld", path.c_str(), info.st_mode, static_cast<int>(info.st_nlink),
           S_ISDIR(info.st_mode) ? 0L : static_cast<long>(info.st_size));
    char target[4096];
    const ssize_t size = readlink(path.c_str(), target, sizeof(target));
    printf(" %.*s\n", static_cast<int>(std::max(size, ssize_t{0})), target);
    if (!S_ISDIR(info.st_mode)) return;
    std::vector<std::string> names;
    if (DIR* open_directory = opendir(path.c_str())) {
      while (const dirent* entry = readdir(open_directory)) names.emplace_back(entry->d_name);
      closedir(open_directory);
    }
    std::sort(names.begin(), names.end());
    for (const std::string& entry : names) {
      if (entry != "." && entry != "..") print(path + '/' + entry);
    }
  }

 private:
  static void check(int fd) {
    if (fd < 0) exit(2);
  }

  unsigned below(unsigned end) { return static_cast<unsigned>(random_() % end); }

  template <typename T>
  T pick(std::initializer_list<T> all) {
    return all.begin()[below(static_cast<unsigned>(all.size()))];
  }

  const char* name() {
    const char* chosen = any_name();
    printf("%.20s, ", chosen);
    return chosen;
  }

  const char* any_name() {
    static const std::string kLongest(255, 'n');
    static const std::string kTooLong(256, 'n');
    return pick({"a",
                 "b",
                 "c",
                 "d",
                 "l",
                 "a",
                 "b",
                 "c",
                 "d/a",
                 "d/b",
                 "d/e",
                 "d/e/a",
                 "d/l",
                 "l/a",
                 "l/l",
                 "./a",
                 ".//b",
                 "a/",
                 "d/",
                 "l/",
                 "n/",
                 "d/..",
                 "d/../b",
                 "d/.",
                 "..",
                 ".",
                 "",
                 "/proc/self/cwd/a",
                 "/proc/self/cwd/d/b",
                 "/proc/self/fd/3/a",
                 "/dev/fd/3/b",
                 "/proc/thread-self/cwd/c",
                 "/dev/fd/4",
                 "/proc/self/fd/77",
                 "/missing/a",
                 "s/a",
                 "s/b",
                 "s/d",
                 "e",
                 kLongest.c_str(),
                 kTooLong.c_str(),
                 "missing/a",
                 "../x/c"});
  }

  int directory() { return pick({AT_FDCWD, AT_FDCWD, AT_FDCWD, kDirectory, kFile, kClosed}); }
  mode_t mode() { return static_cast<mode_t>(pick({0644, 0666, 0777, 0600, 0, 0755, 01777})); }
  mode_t node_type() { return static_cast<mode_t>(pick({S_IFREG, S_IFIFO, S_IFSOCK, S_IFDIR})); }

  static long closing(long fd) {
    if (fd < 0) return fd;
    describe(static_cast<int>(fd));
    close(static_cast<int>(fd));
    return fd;
  }

  static void describe(int fd) {
    struct stat info = {};
    fstat(fd, &info);
    printf("  fd %d flags %o %o mode %o size %ld\n", fd, fcntl(fd, F_GETFL), fcntl(fd, F_GETFD),
           info.st_mode, S_ISREG(info.st_mode) ? static_cast<long>(info.st_size) : 0L);
  }

  /// Nobody would open its other end.
  static bool is_fifo(int at, const char* path) {
    struct stat info = {};
    return fstatat(at, path, &info, 0) == 0 && S_ISFIFO(info.st_mode);
  }

  // Links lead out of the start, but not far: no name goes through more than two of them.
  void change_directory() {
    say("chdir", chdir(pick({".", "d", "d/..", "d/e", "l", start_.c_str()})));
    char now[4096];
    if (getcwd(now, sizeof(now)) == nullptr || !std::string(now).starts_with(start_)) {
      check(chdir(start_.c_str()));
    }
  }

  void create_one() {
    const char* path = name();
    if (!is_fifo(AT_FDCWD, path)) say("creat", closing(syscall(SYS_creat, path, mode())));
  }

  void open_one() {
    const int at = directory();
    const char* path = name();
    int flags = pick({O_RDONLY, O_WRONLY, O_RDWR}) | (below(4) == 0 ? 0 : O_CREAT);
    for (const int flag : {O_EXCL, O_TRUNC, O_APPEND, O_CLOEXEC, O_NOFOLLOW, O_NONBLOCK,
                           O_DIRECTORY, O_PATH, O_NOCTTY}) {
      if (below(6) == 0) flags |= flag;
    }
    if (is_fifo(at, path)) flags |= O_NONBLOCK;
    const long fd = syscall(SYS_openat, at, path, flags, mode());
    if (fd >= 0 && (flags & O_ACCMODE) != O_RDONLY && below(2) == 0) {
      [[maybe_unused]] const ssize_t written = write(static_cast<int>(fd), "text", 4);
    }
    say("open", closing(fd));
  }

  void temporary_one() {
    const int fd = openat(directory(), pick({".", "d", "a"}), O_TMPFILE | O_RDWR, mode());
    if (fd < 0) return say("tmpfile", fd);
    const std::string self = "/proc/self/fd/" + std::to_string(fd);
    const long result = linkat(AT_FDCWD, self.c_str(), directory(), name(), AT_SYMLINK_FOLLOW);
    close(fd);
    say("tmpfile link", result);
  }

  void bind_one() {
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::string path = name();
    const std::size_t size = std::min(path.size(), sizeof(address.sun_path));
    memcpy(address.sun_path, path.data(), size);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size + below(2));
    const long result = bind(fd, reinterpret_cast<sockaddr*>(&address),
                             std::min(length, static_cast<socklen_t>(sizeof(address))));
    const int error = errno;
    close(fd);
    errno = error;
    // A name that the kernel chose is another one each time.
    say("bind", result);
  }

  void say(const char* call, long result) {
    printf("%s %ld %s\n", call, result, result < 0 ? strerrorname_np(errno) : "");
  }

  std::mt19937 random_;
  std::string start_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  char start[4096];
  if (getcwd(start, sizeof(start)) == nullptr) return 2;
  umask(022);
  // Numbers are printed: no descriptor of whoever started this counts.
  close_range(kDirectory, ~0U, 0);
  Calls calls(static_cast<unsigned>(strtoul(argv[1], nullptr, 10)), start);
  for (long i = 0; i < strtol(argv[2], nullptr, 10); ++i) {
    printf("%ld ", i);
    calls.make_one();
  }
  if (chdir(start) != 0) return 2;
  calls.print(".");
  return 0;
}
