#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <thread>

#include "tests/bench/bench.h"

namespace srt::bench {
namespace {

constexpr int kNames = 20'000;

std::string name(char letter, int i) { return letter + std::to_string(i); }

/// Prints the mean time in microseconds of `act(i)` over all names.
template <typename Act>
bool measure(const char* what, Act act) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kNames; ++i) {
    if (act(i) < 0) return false;
  }
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
  std::printf("%s %.2f\n", what, time.count() / kNames);
  return true;
}

int open_and_close(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags, 0644);
  return fd < 0 ? fd : close(fd);
}

}  // namespace

int names() {
  struct stat info;
  const bool done =
      measure("create", [](int i) { return open_and_close(name('a', i), O_CREAT | O_WRONLY); }) &&
      measure("open", [](int i) { return open_and_close(name('a', i), O_RDONLY); }) &&
      measure("stat", [&](int i) { return stat(name('a', i).c_str(), &info); }) &&
      measure("rename", [](int i) { return rename(name('a', i).c_str(), name('b', i).c_str()); }) &&
      measure("mkdir", [](int i) { return mkdir(name('d', i).c_str(), 0755); });
  for (int i = 0; i < kNames; ++i) {
    unlink(name('b', i).c_str());
    rmdir(name('d', i).c_str());
  }
  return done ? 0 : 1;
}

int round_trip() {
  // The calling thread alone is under the filter; another one answers each of its calls.
  int listener = -1;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 1;
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter = {4, program};
  double time = 0;
  std::thread caller([&] {
    const long fd =
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
    __atomic_store_n(&listener, fd < 0 ? -2 : static_cast<int>(fd), __ATOMIC_SEQ_CST);
    if (fd < 0) return;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kNames; ++i) syscall(SYS_getppid);
    const std::chrono::duration<double, std::micro> all = std::chrono::steady_clock::now() - start;
    time = all.count() / kNames;
  });
  while (__atomic_load_n(&listener, __ATOMIC_SEQ_CST) == -1) std::this_thread::yield();
  for (int i = 0; i < kNames && listener >= 0; ++i) {
    seccomp_notif call = {};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) break;
    seccomp_notif_resp answer = {.id = call.id, .val = 1, .error = 0, .flags = 0};
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
  caller.join();
  if (listener < 0) return 1;
  std::printf("%.2f\n", time);
  return 0;
}

}  // namespace srt::bench
