// The default program in this machine's kernel: a child installs it and makes a call.

#include <asm/ioctls.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "compiler/backend/seccomp/filter.h"
#include "runtime/base/unique_fd.h"

namespace srt::seccomp {
namespace {

constexpr int kNotInstalled = 255;

bool install(std::vector<sock_filter>& program) {
  const sock_fprog filter = {static_cast<unsigned short>(program.size()), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}

/// The exit status of a child that runs `body` under the default program and exits with its result;
/// 128 + N if signal N ended it.
template <typename Body>
int status_under_filter(const FilterOptions& options, Body body) {
  const auto arch = build_arch();
  REQUIRE(arch);
  auto program = build_filter(*arch, options);
  REQUIRE(program);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(install(*program) ? body() : kNotInstalled);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// The errno of `attempt`, which returns -1 with errno when it fails, or 0.
template <typename Attempt>
int errno_under_filter(Attempt attempt, const FilterOptions& options = {}) {
  return status_under_filter(options, [&] { return attempt() == -1 ? errno : 0; });
}

/// A bound unix socket in a directory of its own.
class UnixService {
 public:
  explicit UnixService(int type) {
    char name[] = "/tmp/srt-seccomp-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    directory_ = name;
    address_.sun_family = AF_UNIX;
    const std::string path = directory_ + "/socket";
    std::memcpy(address_.sun_path, path.c_str(), path.size() + 1);
    socket_.reset(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    REQUIRE(socket_);
    REQUIRE(bind(socket_.get(), address(), sizeof address_) == 0);
    if (type != SOCK_DGRAM) REQUIRE(listen(socket_.get(), 1) == 0);
  }
  UnixService(const UnixService&) = delete;
  UnixService& operator=(const UnixService&) = delete;
  ~UnixService() { std::filesystem::remove_all(directory_); }

  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t kAddressSize = sizeof(sockaddr_un);

  /// Whether anything was sent, or connected, to the service.
  bool was_reached() const {
    char byte;
    return recv(socket_.get(), &byte, 1, 0) >= 0 ||
           UniqueFd(accept(socket_.get(), nullptr, nullptr));
  }

 private:
  std::string directory_;
  sockaddr_un address_{};
  UniqueFd socket_;
};

TEST_CASE("sockets: only the internet's streams and datagrams, and routes") {
  CHECK(errno_under_filter([] { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }) == 0);
  CHECK(errno_under_filter([] { return socket(AF_INET6, SOCK_DGRAM, 0); }) == 0);
  CHECK(errno_under_filter([] { return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); }) == 0);
  CHECK(errno_under_filter([] { return socket(AF_UNIX, SOCK_STREAM, 0); }) == EACCES);
  CHECK(errno_under_filter([] { return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }) == EPERM);
  CHECK(errno_under_filter([] { return socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT); }) ==
        EPROTONOSUPPORT);
  CHECK(errno_under_filter([] { return socket(AF_PACKET, SOCK_RAW, 0); }) == EAFNOSUPPORT);
  CHECK(errno_under_filter([] { return socket(AF_UNIX, SOCK_STREAM, 0); },
                           {.allow_unix_sockets = true}) == 0);
}

TEST_CASE("a family is judged as the kernel reads it, without what is above 32 bits") {
  CHECK(errno_under_filter(
            [] { return syscall(SYS_socket, AF_UNIX | 1UL << 32, SOCK_STREAM, 0); }) == EACCES);
  CHECK(errno_under_filter(
            [] { return syscall(SYS_socket, AF_INET | 1UL << 32, SOCK_STREAM, 0); }) == 0);
}

TEST_CASE("pairs: streams and sequences of packets, which reach no path") {
  for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
    CAPTURE(type);
    const UnixService service(type);
    int pair[2];
    CHECK(errno_under_filter([&] {
            return socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);
          }) == 0);
    CHECK(errno_under_filter([&] {
            if (socketpair(AF_UNIX, type, 0, pair) != 0) return -1;
            return connect(pair[0], service.address(), UnixService::kAddressSize);
          }) == EISCONN);
    // The other end's end does not make it a socket that could be connected anew.
    CHECK(errno_under_filter([&] {
            if (socketpair(AF_UNIX, type, 0, pair) != 0 || close(pair[1]) != 0) return -1;
            sendto(pair[0], "x", 1, MSG_NOSIGNAL, service.address(), UnixService::kAddressSize);
            return connect(pair[0], service.address(), UnixService::kAddressSize);
          }) == EISCONN);
    CHECK_FALSE(service.was_reached());
  }
}

TEST_CASE("pairs: datagrams are refused, because they reach any path") {
  const UnixService service(SOCK_DGRAM);
  int pair[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0);
  const UniqueFd first(pair[0]);
  const UniqueFd second(pair[1]);
  CHECK(sendto(pair[0], "x", 1, 0, service.address(), UnixService::kAddressSize) == 1);
  CHECK(service.was_reached());
  for (const int type : {SOCK_DGRAM, SOCK_RAW}) {
    CHECK(errno_under_filter([&] { return socketpair(AF_UNIX, type, 0, pair); }) == EACCES);
  }
}

TEST_CASE("C28: nothing is typed into a terminal, with garbage above the command either") {
  char key = 'x';
  for (const unsigned long garbage : {0UL, 1UL << 32}) {
    CHECK(errno_under_filter([&] { return syscall(SYS_ioctl, 0, TIOCSTI | garbage, &key); }) ==
          EPERM);
    CHECK(errno_under_filter([&] { return syscall(SYS_ioctl, 0, TIOCLINUX | garbage, &key); }) ==
          EPERM);
  }
  int available;
  CHECK(errno_under_filter([&] { return syscall(SYS_ioctl, -1, FIONREAD, &available); }) == EBADF);
}

TEST_CASE("C30 R34: io_uring and other processes are out of reach") {
  CHECK(errno_under_filter([] { return syscall(SYS_io_uring_setup, 1, nullptr); }) == EPERM);
  CHECK(errno_under_filter([] { return ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }) == EPERM);
  CHECK(errno_under_filter([] { return syscall(SYS_process_vm_readv, getpid(), 0, 0, 0, 0, 0); }) ==
        EPERM);
}

TEST_CASE("C35: no namespaces and no mounts") {
  CHECK(errno_under_filter([] { return unshare(CLONE_NEWUSER); }) == EPERM);
  CHECK(errno_under_filter([] { return unshare(CLONE_FILES); }) == 0);
  CHECK(errno_under_filter(
            [] { return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }) == EPERM);
  CHECK(errno_under_filter([] { return syscall(SYS_clone3, nullptr, 0); }) == ENOSYS);
  CHECK(errno_under_filter([] { return syscall(SYS_mount, "none", "/", "tmpfs", 0, 0); }) == EPERM);
  CHECK(errno_under_filter([] { return syscall(SYS_open_tree, AT_FDCWD, "/", 0); }) == EPERM);
}

TEST_CASE("no file that runs as the caller for everybody is left behind") {
  char name[] = "/tmp/srt-seccomp-XXXXXX";
  REQUIRE(mkdtemp(name) != nullptr);
  const std::string file = std::string(name) + "/file";
  const std::string made = std::string(name) + "/made";
  REQUIRE(UniqueFd(open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)));
  for (const mode_t bit : {mode_t{S_ISUID}, mode_t{S_ISGID}}) {
    CAPTURE(bit);
    CHECK(errno_under_filter([&] { return chmod(file.c_str(), bit | 0700); }) == EPERM);
    CHECK(errno_under_filter([&] {
            const int fd = open(file.c_str(), O_RDONLY);
            return fchmod(fd, bit | 0700);
          }) == EPERM);
    CHECK(errno_under_filter([&] { return fchmodat(AT_FDCWD, file.c_str(), bit | 0700, 0); }) ==
          EPERM);
    CHECK(errno_under_filter([&] {
            return static_cast<int>(
                syscall(SYS_openat, AT_FDCWD, made.c_str(), O_CREAT | O_WRONLY, bit | 0700));
          }) == EPERM);
    CHECK(errno_under_filter([&] { return open(name, O_TMPFILE | O_WRONLY, bit | 0700); }) ==
          EPERM);
    CHECK(errno_under_filter([&] { return creat(made.c_str(), bit | 0700); }) == EPERM);
    CHECK(errno_under_filter([&] { return mknod(made.c_str(), S_IFREG | bit | 0700, 0); }) ==
          EPERM);
    const struct { std::uint64_t flags, mode, resolve; } how = {O_CREAT | O_WRONLY, bit | 0700U, 0};
    CHECK(errno_under_filter([&] {
            return syscall(SYS_openat2, AT_FDCWD, made.c_str(), &how, sizeof how);
          }) == ENOSYS);
    // The kernel takes both bits off a directory's mode itself.
    const std::string directory = std::string(name) + "/directory";
    CHECK(errno_under_filter([&] { return mkdir(directory.c_str(), bit | 0700); }) == 0);
    struct stat status;
    REQUIRE(stat(directory.c_str(), &status) == 0);
    CHECK((status.st_mode & (S_ISUID | S_ISGID)) == 0);
    REQUIRE(rmdir(directory.c_str()) == 0);
  }
  CHECK(errno_under_filter([&] { return chmod(file.c_str(), 01755); }) == 0);
  CHECK_FALSE(std::filesystem::exists(made));
  std::filesystem::remove_all(name);
}

TEST_CASE("C29: unknown numbers are absent") {
  CHECK(errno_under_filter([] { return syscall(5000); }) == ENOSYS);
  CHECK(errno_under_filter([] { return syscall(SYS_getpid | 0x40000000); }) == ENOSYS);
}

TEST_CASE("commands start, and so do threads") {
  CHECK(status_under_filter({}, [] { return execl("/bin/true", "true", nullptr); }) == 0);
  CHECK(status_under_filter({}, [] { return execl("/bin/false", "false", nullptr); }) == 1);
  CHECK(status_under_filter({}, [] {
          int result = 1;
          std::thread([&] { result = 0; }).join();
          return result;
        }) == 0);
}

TEST_CASE("personality: memory protection is not weakened") {
  CHECK(errno_under_filter([] { return syscall(SYS_personality, 0x40000); }) == EPERM);
  CHECK(errno_under_filter([] { return syscall(SYS_personality, 0xffffffff); }) == 0);
}

}  // namespace
}  // namespace srt::seccomp
