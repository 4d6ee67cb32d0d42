#include "runtime/launch/namespace_child.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/dns_port.h"
#include "runtime/launch/bind_socket.h"
#include "runtime/launch/loopback.h"
#include "runtime/launch/memory_device.h"
#include "runtime/launch/pass_descriptors.h"
#include "runtime/launch/pidfd.h"
#include "runtime/launch/suspended_clone.h"
#include "runtime/stage/stage_message.h"

namespace srt {
namespace {

static_assert(kArgumentsFd == kFirstBwrapFd && kFirstDataFd == kArgumentsFd + 1);

/// What bwrap must not die or stop of: it is the command that the terminal's signals are meant for,
/// and the second stage gives the command its own dispositions back.
constexpr int kIgnoredByBwrap[] = {SIGINT,  SIGQUIT, SIGTERM, SIGHUP,  SIGTSTP,
                                   SIGTTIN, SIGTTOU, SIGPIPE, SIGUSR1, SIGUSR2};

enum class Step { none, map_ids, proc, devices, network, listen, descriptors, execute };

/// Memory that the child shares with the suspended launcher. Everything that needs formatting or
/// allocation was done by the launcher.
struct Shared {
  const NamespaceChildSpec& spec;
  std::array<char, 32> uid_map;
  std::array<char, 32> gid_map;
  // Written by the child.
  Step failed_step = Step::none;
  int error = 0;
};

int write_file(const char* path, std::string_view text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const ssize_t written = write(fd, text.data(), text.size());
  const int error = written < 0 ? errno : 0;
  close(fd);
  return error;
}

/// The order is the kernel's: without CAP_SETGID outside, setgroups(2) must be denied before the
/// groups can be mapped (user_namespaces(7)).
int map_ids(const Shared& shared) {
  if (const int error = write_file("/proc/self/setgroups", "deny")) return error;
  if (const int error = write_file("/proc/self/uid_map", shared.uid_map.data())) return error;
  return write_file("/proc/self/gid_map", shared.gid_map.data());
}

/// bwrap looks its child up in /proc by the number that it has for bwrap, which is one of the new
/// pid namespace (namespace_ids_read() of bubblewrap.c). In the caller's /proc that is another
/// process, or, as in most containers, none: bwrap would give up.
int mount_proc() {
  // What is mounted here is seen nowhere else: where the user namespace is new, the mount namespace
  // is a slave of its parent (mount_namespaces(7)).
  constexpr unsigned long kFlags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return mount("proc", "/proc", "proc", kFlags, nullptr) < 0 ? errno : 0;
}

/// What the command's network is like beside its interface. All of it is comfort: where a kernel
/// lacks one of these, the launch goes on.
void tune_network() {
  // The sandbox's ports are its own, those below 1024 too.
  write_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
  // Tracked connections that have ended would fill the table at some thousands a second.
  write_file("/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_time_wait", "2");
}

/// Sockets of the network namespace, on their way to the launcher: they belong to it whoever uses
/// them. Closed here in the end.
class MadeSockets {
 public:
  MadeSockets() = default;
  MadeSockets(const MadeSockets&) = delete;
  MadeSockets& operator=(const MadeSockets&) = delete;
  ~MadeSockets() {
    for (const int made : std::span(sockets_).first(count_)) close(made);
  }

  /// Makes one on `port`, one that listens where it is of a kind that can. Returns 0 or an errno.
  int add(int family, int kind, bool loopback, std::uint16_t port) {
    const int made = socket(family, kind | SOCK_CLOEXEC, 0);
    if (made < 0) return errno;
    sockets_[count_++] = made;
    const int one = 1;
    // Where a rule names port 53 of the host's loopback, that is asked before the wildcard.
    if (port == kDnsPort) setsockopt(made, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
    return bind_socket(made, family, kind, loopback, port);
  }

  /// Makes one for each family, the second where there is IPv6.
  int add_both(int kind, bool loopback, std::uint16_t port) {
    if (const int error = add(AF_INET, kind, loopback, port)) return error;
    const std::size_t before = count_;
    const int error = add(AF_INET6, kind, loopback, port);
    if (error != EAFNOSUPPORT && error != EADDRNOTAVAIL) return error;
    if (count_ > before) close(sockets_[--count_]);
    return 0;
  }

  void add_netfilter() {
    const int made = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (made >= 0) sockets_[count_++] = made;
  }

  int pass(int control) const {
    return send_report(control, {.event = StageReport::Event::listening},
                       std::span(sockets_).first(count_));
  }

 private:
  int sockets_[kMaxPassedDescriptors];
  std::size_t count_ = 0;
};

int pass_capturing_sockets(int control) {
  {
    MadeSockets netfilter;
    netfilter.add_netfilter();
    if (const int error = netfilter.pass(control)) return error;
  }
  MadeSockets name_servers;
  if (const int error = name_servers.add_both(SOCK_DGRAM, false, kDnsPort)) return error;
  if (const int error = name_servers.add_both(SOCK_STREAM, false, kDnsPort)) return error;
  return name_servers.pass(control);
}

int pass_listeners(int control, std::uint16_t port) {
  MadeSockets listeners;
  if (const int error = listeners.add_both(SOCK_STREAM, true, port)) return error;
  return listeners.pass(control);
}

/// Makes the mount of a device's node read-only, where the node is the caller's.
int seal_device(const char* device) {
  struct stat status;
  if (stat(device, &status) != 0 || status.st_uid != geteuid()) return 0;
  if (mount(device, device, nullptr, MS_BIND, nullptr) < 0) return errno;
  mount_attr read_only = {};
  read_only.attr_set = MOUNT_ATTR_RDONLY;
  // Linux 5.12.
  return syscall(SYS_mount_setattr, AT_FDCWD, device, 0, &read_only, sizeof(read_only)) < 0 ? errno
                                                                                            : 0;
}

/// A command of root's could change the mode of a device's node, and for the whole machine: the
/// sandbox's /dev holds the host's nodes. Their mounts are made read-only here, which bwrap keeps,
/// and which stops no writing to the device itself.
int seal_own_devices() {
  for (const MemoryDevice& device : kMemoryDevices) {
    if (const int error = seal_device(device.path)) return error;
  }
  return seal_device("/dev/tty");
}

/// Opens anew, by its mount here, what is open as `fd` if that is a device of the caller's own.
/// Returns `fd` for anything else.
int reopened_device(int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0 || !S_ISCHR(status.st_mode) || status.st_uid != geteuid()) return fd;
  const MemoryDevice* device = memory_device(status.st_rdev);
  if (device == nullptr) return fd;
  return open(device->path, (fcntl(fd, F_GETFL) & O_ACCMODE) | O_CLOEXEC);
}

void set_signals() {
  struct sigaction action = {};
  for (int number = 1; number <= kSignalCount; ++number) {
    action.sa_handler = SIG_DFL;
    for (const int ignored : kIgnoredByBwrap) {
      if (number == ignored) action.sa_handler = SIG_IGN;
    }
    sigaction(number, &action, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Lays the descriptor table out as StageFd and bwrap's arguments say. Everything else is closed.
int set_descriptors(const NamespaceChildSpec& spec) {
  const int end = kFirstDataFd + spec.hidden_files;
  const rlimit limit = {.rlim_cur = spec.open_files_hard, .rlim_max = spec.open_files_hard};
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return errno;

  int streams[3];
  for (std::size_t i = 0; i < std::size(streams); ++i) {
    streams[i] = reopened_device(spec.streams[i]);
    if (streams[i] < 0) return errno;
  }
  const std::pair<int, int> places[] = {
      {spec.lifeline, kLifelineFd},       {spec.control, kControlFd},
      {spec.message, kMessageFd},         {spec.stage_image, kStageImageFd},
      {spec.arguments, kArgumentsFd},     {streams[0], STDIN_FILENO},
      {streams[1], STDOUT_FILENO},        {streams[2], kErrorOutputFd},
      {spec.error_output, STDERR_FILENO},
  };
  // First out of the way of every place, then down to the own one.
  int parked[std::size(places)];
  for (std::size_t i = 0; i < std::size(places); ++i) {
    parked[i] = fcntl(places[i].first, F_DUPFD, end);
    if (parked[i] < 0) return errno;
  }
  const int empty_file = fcntl(spec.empty_file, F_DUPFD, end);
  if (empty_file < 0) return errno;
  for (std::size_t i = 0; i < std::size(places); ++i) {
    if (dup2(parked[i], places[i].second) < 0) return errno;
  }
  for (int fd = kFirstDataFd; fd < end; ++fd) {
    if (dup2(empty_file, fd) < 0) return errno;
  }
  return close_range(static_cast<unsigned>(end), ~0U, 0) < 0 ? errno : 0;
}

int execute_bwrap(const char* program) {
  // kArgumentsFd and kStageImageFd.
  const char* arguments[] = {"bwrap", "--args", "8", "/proc/self/fd/6", nullptr};
  static_assert(kArgumentsFd == 8 && kStageImageFd == 6);
  const char* environment[] = {nullptr};
  execve(program, const_cast<char**>(arguments), const_cast<char**>(environment));
  return errno;
}

int run_child(void* argument) {
  Shared& shared = *static_cast<Shared*>(argument);
  const NamespaceChildSpec& spec = shared.spec;
  // Either this signal comes, or the launcher died before it was asked for and the lifeline is cut.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  close(spec.lifeline_holder);
  pollfd lifeline = {.fd = spec.lifeline, .events = 0, .revents = 0};
  if (poll(&lifeline, 1, 0) != 0) _exit(1);

  const auto fail = [&](Step step, int error) {
    shared.failed_step = step;
    shared.error = error;
    _exit(1);
  };
  if (const int error = map_ids(shared)) fail(Step::map_ids, error);
  if (const int error = mount_proc()) fail(Step::proc, error);
  if (const int error = seal_own_devices()) fail(Step::devices, error);
  if (const int error = set_up_loopback(spec.loopback_names)) fail(Step::network, error);
  tune_network();
  if (spec.capture) {
    if (const int error = pass_capturing_sockets(spec.control)) fail(Step::listen, error);
  }
  for (const std::uint16_t port : spec.ports) {
    if (const int error = pass_listeners(spec.control, port)) fail(Step::listen, error);
  }
  set_signals();
  if (const int error = set_descriptors(spec)) fail(Step::descriptors, error);
  fail(Step::execute, execute_bwrap(spec.program));
  return 1;
}

/// The number in a file of /proc/sys, -1 when it cannot be read.
long read_setting(const char* path) {
  const UniqueFd fd(open(path, O_RDONLY | O_CLOEXEC));
  char text[32] = {};
  if (!fd || read(fd.get(), text, sizeof(text) - 1) <= 0) return -1;
  return std::strtol(text, nullptr, 10);
}

/// How to mend a machine that refuses user namespaces.
std::string namespace_help() {
  if (read_setting("/proc/sys/user/max_user_namespaces") == 0) {
    return "as root, `sysctl -w user.max_user_namespaces=15000`";
  }
  if (read_setting("/proc/sys/kernel/unprivileged_userns_clone") == 0) {
    return "as root, `sysctl -w kernel.unprivileged_userns_clone=1`";
  }
  if (read_setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1) {
    return "give srt-run an AppArmor profile with `userns,`, or as root, "
           "`sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`";
  }
  return "inside a container, start that with a seccomp profile that allows `clone` and `unshare`";
}

Error setup_error(Step step, int error) {
  const std::string reason = std::strerror(error);
  switch (step) {
    case Step::none:
      break;
    case Step::map_ids:
      return {"cannot set up a user namespace: " + reason, namespace_help()};
    case Step::proc:
      return {"cannot mount the sandbox's /proc: " + reason,
              "inside a container, start that with nothing mounted over /proc (docker and podman: "
              "`--security-opt systempaths=unconfined`, `--security-opt unmask=ALL`)"};
    case Step::devices:
      return {"cannot protect the devices of /dev: " + reason};
    case Step::network:
      return {"cannot set up the sandbox's network: " + reason, namespace_help()};
    case Step::listen:
      return {"cannot listen inside the sandbox's network: " + reason};
    case Step::descriptors:
      return {"cannot set up bubblewrap's descriptors: " + reason,
              "raise the hard limit on open files (`ulimit -Hn`)"};
    case Step::execute:
      return {"cannot execute bubblewrap: " + reason};
  }
  return {"the sandbox's first process ended before it began"};
}

}  // namespace

NamespaceChild::NamespaceChild(NamespaceChild&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}

void NamespaceChild::end() {
  if (pid_ < 0) return;
  signal_process(pidfd_.get(), SIGKILL);
  // zap_pid_ns_processes() of kernel/pid_namespace.c: process 1 is reaped last of its namespace.
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  pidfd_.reset();
}

Result<NamespaceChild> start_namespace_child(const NamespaceChildSpec& spec) {
  Shared shared = {.spec = spec, .uid_map = {}, .gid_map = {}};
  std::snprintf(shared.uid_map.data(), shared.uid_map.size(), "%u %u 1", geteuid(), geteuid());
  std::snprintf(shared.gid_map.data(), shared.gid_map.size(), "%u %u 1", getegid(), getegid());
  int pidfd = -1;
  const int pid = clone_suspended(
      run_child, &shared,
      CLONE_PIDFD | CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | SIGCHLD, &pidfd);
  if (pid < 0) {
    return Error{std::string("cannot create a user namespace: ") + std::strerror(errno),
                 namespace_help()};
  }
  NamespaceChild child(pid, UniqueFd(pidfd));
  if (shared.failed_step != Step::none) return setup_error(shared.failed_step, shared.error);
  return child;
}

}  // namespace srt
