#include "runtime/launch/launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/bpf_common.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string_view>

#include "runtime/launch/bwrap_args.h"
#include "runtime/launch/bwrap_program.h"
#include "runtime/launch/namespace_child.h"
#include "runtime/launch/network_namespace.h"
#include "runtime/launch/pass_descriptors.h"
#include "runtime/launch/redirect.h"
#include "runtime/launch/signal_guard.h"
#include "runtime/launch/stage_message_encoder.h"
#include "runtime/launch/supervisor.h"
#include "runtime/stage/stage_image.h"
#include "runtime/stage/stage_message.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)  // Linux 5.19
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U  // Linux 6.3, include/uapi/linux/memfd.h
#endif

namespace srt {
namespace {

Error system_error(std::string_view what) {
  return {fmt::format("{}: {}", what, std::strerror(errno))};
}

bool is_below_dev(std::string_view path) { return path.starts_with("/dev/"); }

/// Whether an absolute path has no `.`, no `..` and no more slashes than it needs.
bool is_normal(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view name = path.substr(0, path.find('/'));
    if (name.empty() || name == "." || name == "..") return false;
    path.remove_prefix(name.size());
  }
  return true;
}

Status check_spec(const LaunchSpec& spec) {
  if (spec.command.empty() || spec.command.front().empty()) return Error{"no command was given"};
  if (!spec.working_directory.starts_with('/')) {
    return Error{
        fmt::format("the working directory `{}` is not an absolute path", spec.working_directory)};
  }
  if (spec.ports.size() > kMaxPorts) {
    return Error{fmt::format("the sandbox can listen on at most {} ports, not on {}", kMaxPorts,
                             spec.ports.size())};
  }
  if (spec.filter.empty() || spec.filter.size() > BPF_MAXINSNS) {
    return Error{fmt::format("a seccomp filter has 1 to {} instructions, this one {}", BPF_MAXINSNS,
                             spec.filter.size())};
  }
  // The stage makes it, and must not leave it behind on the host: /dev is the sandbox's own tmpfs.
  if (!spec.private_tmp.empty() &&
      (!is_below_dev(spec.private_tmp) || !is_normal(spec.private_tmp))) {
    return Error{fmt::format("the private temporary directory `{}` is not beneath `/dev`",
                             spec.private_tmp)};
  }
  return ok();
}

/// bwrap creates mount points that do not exist, on the host if that is where they are, and follows
/// symbolic links on the way. So each has to be there now; the second stage looks again.
Status check_mount_points(const std::vector<const Mount*>& mounts) {
  for (const Mount* mount : mounts) {
    // These come with the fresh /proc and /dev.
    if (is_below_dev(mount->path) || mount->path.starts_with("/proc/")) continue;
    open_how how = {};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_NO_SYMLINKS;
    const UniqueFd fd(
        static_cast<int>(syscall(SYS_openat2, AT_FDCWD, mount->path.c_str(), &how, sizeof(how))));
    struct stat status;
    const bool found = fd && fstat(fd.get(), &status) == 0;
    const std::string reason = found ? "it is another kind of file now" : std::strerror(errno);
    if (found && S_ISDIR(status.st_mode) == mount->directory) continue;
    return Error{fmt::format("cannot mount on `{}`: {}", mount->path, reason),
                 "something on the host changed the path during the launch; start again"};
  }
  return ok();
}

std::uint8_t checks_of(Mount::Kind kind, bool root) {
  switch (kind) {
    case Mount::Kind::read_write:
    case Mount::Kind::pin:
      return 0;
    case Mount::Kind::read_only:
      return StageMount::kReadOnly;
    case Mount::Kind::hidden_file:
    case Mount::Kind::hidden_directory:
      return StageMount::kReadOnly | StageMount::kUnreadable;
    case Mount::Kind::sealed_directory:
      break;
  }
  return root ? StageMount::kReadOnly : StageMount::kReadOnly | StageMount::kUnreadable;
}

/// What Landlock allows where `mount` is. It knows allowed roots only: what lies hidden in one is
/// the mounts' to close, and a pin is in a writable place already.
std::uint8_t allowed_by(const Mount& mount) {
  const std::uint8_t directory = mount.directory ? StageMount::kDirectory : 0;
  switch (mount.kind) {
    case Mount::Kind::read_write:
      return directory | StageMount::kAllowWrite;
    case Mount::Kind::read_only:
      return directory | StageMount::kAllowRead;
    case Mount::Kind::sealed_directory:
      return mount.path == "/" ? directory | StageMount::kAllowListing : 0;
    case Mount::Kind::pin:
    case Mount::Kind::hidden_file:
    case Mount::Kind::hidden_directory:
      break;
  }
  return 0;
}

/// Leaves out of `mounts`, which are in order, what is allowed by a mount above: a rule takes the
/// kernel some 20 µs.
class Allowances {
 public:
  std::uint8_t of(const Mount& mount) {
    const std::uint8_t flags = allowed_by(mount);
    const std::uint8_t gives = flags & (StageMount::kAllowRead | StageMount::kAllowWrite);
    for (std::string_view above = mount.path; above.size() > 1;) {
      above = above.substr(0, std::max<std::size_t>(above.rfind('/'), 1));
      const auto found = given_.find(above);
      if (found == given_.end()) continue;
      if (found->second >= gives && gives != 0) return 0;
    }
    if (gives != 0) given_.emplace(mount.path, gives);
    return flags;
  }

 private:
  std::map<std::string, std::uint8_t, std::less<>> given_;  // writing counts for more than reading
};

std::vector<CheckedMount> checked_mounts(const std::vector<const Mount*>& mounts,
                                         const HostView& host,
                                         const std::optional<MountPlan>& landlock_plan,
                                         bool nested_namespaces) {
  std::vector<CheckedMount> checked;
  Allowances allowances;
  for (const Mount* mount : mounts) {
    std::uint8_t flags = checks_of(mount->kind, mount->path == "/");
    if (!landlock_plan) flags |= allowances.of(*mount);
    checked.push_back({flags, mount->path});
  }
  if (landlock_plan) {
    for (const Mount* mount : effective_mounts(*landlock_plan)) {
      const auto flags = static_cast<std::uint8_t>(allowances.of(*mount) | StageMount::kNoMount);
      checked.push_back({flags, mount->path});
    }
  }
  constexpr std::uint8_t kOwn = StageMount::kDirectory | StageMount::kAllowWrite;
  checked.push_back({kOwn, "/proc"});
  checked.push_back({kOwn | StageMount::kAllowDevices, "/dev"});
  for (const std::string& path : host.closed_proc_paths) {
    checked.push_back({StageMount::kReadOnly, path});
  }
  for (const std::string& file : host.hidden_proc_files) {
    checked.push_back({StageMount::kReadOnly | StageMount::kUnreadable, file});
  }
  if (nested_namespaces) {
    for (CheckedMount& mount : checked) mount.flags &= StageMount::kChecks;
  }
  return checked;
}

/// A memfd that holds `bytes` and can never change.
Result<UniqueFd> sealed_memfd(const char* name, std::span<const std::byte> bytes,
                              unsigned extra_flags) {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  UniqueFd fd(memfd_create(name, kFlags | extra_flags));
  // Before Linux 6.3 every memfd was executable and the flag unknown.
  if (!fd && errno == EINVAL) fd.reset(memfd_create(name, kFlags));
  if (!fd) return system_error("cannot create a memory file");
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t written = write(fd.get(), bytes.data() + done, bytes.size() - done);
    if (written < 0) return system_error("cannot fill a memory file");
    done += static_cast<std::size_t>(written);
  }
  if (lseek(fd.get(), 0, SEEK_SET) < 0 ||
      fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) {
    return system_error("cannot seal a memory file");
  }
  return fd;
}

Result<UniqueFd> arguments_memfd(const std::vector<std::string>& words) {
  std::vector<std::byte> bytes;
  for (const std::string& word : words) {
    const auto* data = reinterpret_cast<const std::byte*>(word.c_str());
    bytes.insert(bytes.end(), data, data + word.size() + 1);
  }
  return sealed_memfd("srt-bwrap-args", bytes, 0);
}

struct Pair {
  UniqueFd first;
  UniqueFd second;
};

Result<Pair> make_pipe(int flags) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | flags) < 0) return system_error("cannot create a pipe");
  return Pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<Pair> make_socket_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
    return system_error("cannot create a socket pair");
  }
  return Pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// The groups of an ordinary caller stay: nothing lets it drop them. Where root may not either, as
/// in a user namespace that denies setgroups(2), it is in the same place.
Status drop_supplementary_groups() {
  if (geteuid() != 0 || setgroups(0, nullptr) == 0 || errno == EPERM) return ok();
  return system_error("cannot drop the supplementary groups");
}

Result<std::vector<UniqueFd>> receive_sockets(int control) {
  ReceivedReport received;
  const ssize_t size = receive_report(control, received);
  if (size != sizeof(StageReport) || received.report.event != StageReport::Event::listening) {
    return Error{"the sandbox's sockets did not arrive"};
  }
  return std::move(received.descriptors);
}

/// Listeners on the captured ports of every address, for kernels that cannot redirect.
Status capture_ports(const LaunchSpec& spec, int bwrap, SandboxNetwork& network) {
  for (const std::uint16_t port : spec.captured_ports) {
    if (std::ranges::find(spec.ports, port) != spec.ports.end()) continue;
    for (const int family : {AF_INET, AF_INET6}) {
      Result<UniqueFd> listener = make_socket_in(bwrap, family, port);
      if (listener) {
        network.captured.push_back(*std::move(listener));
      } else if (family == AF_INET) {
        return std::move(listener).error();
      }
    }
  }
  return ok();
}

/// Takes what the namespace child made, and has the kernel redirect connections while bwrap mounts:
/// the namespace's owner may, and only the command has to wait for it.
Result<SandboxNetwork> receive_network(const LaunchSpec& spec, int control,
                                       const NamespaceChild& child) {
  SandboxNetwork network;
  UniqueFd netfilter;
  if (spec.capture) {
    Result<std::vector<UniqueFd>> received = receive_sockets(control);
    if (!received) return std::move(received).error();
    if (!received->empty()) netfilter = std::move(received->front());
    Result<std::vector<UniqueFd>> name_servers = receive_sockets(control);
    if (!name_servers) return std::move(name_servers).error();
    network.name_servers = *std::move(name_servers);
  }
  for (std::size_t i = 0; i < spec.ports.size(); ++i) {
    Result<std::vector<UniqueFd>> received = receive_sockets(control);
    if (!received) return std::move(received).error();
    for (UniqueFd& listener : *received) network.listeners.push_back(std::move(listener));
  }
  if (netfilter && !spec.ports.empty()) {
    network.redirected = redirect_connections(netfilter.get(), spec.ports.front()) == 0;
  }
  if (spec.capture && !network.redirected) {
    if (Status status = capture_ports(spec, child.pidfd(), network); !status) {
      return std::move(status).error();
    }
  }
  // The launch ends before whoever serves does, and the number would be another process's then.
  auto pidfd = std::make_shared<UniqueFd>(fcntl(child.pidfd(), F_DUPFD_CLOEXEC, 0));
  network.make_socket = [pidfd](int family) { return make_socket_in(pidfd->get(), family); };
  return network;
}

/// Everything that is decided and rendered before the first process.
struct Preparation {
  std::string bwrap;
  BwrapArgs args;
  std::vector<CheckedMount> mounts;
  rlimit open_files;  ///< the caller's
  rlimit command_open_files;
  StageLimits limits;
};

/// What the stage sets for the command. Nobody raises a hard limit.
Result<StageLimits> stage_limits(const Limits& wanted) {
  StageLimits limits = kNoLimits;
  for (const LimitInfo& info : kLimits) {
    const auto i = static_cast<std::size_t>(info.limit);
    if (!wanted[i] || info.limit == Limit::files) continue;
    rlimit now;
    if (getrlimit(kLimitResources[i], &now) < 0) return system_error("cannot read a limit");
    std::uint64_t value = *wanted[i];
    if (info.limit == Limit::processes) {
      // copy_process() of kernel/fork.c exempts root, whatever the user namespace.
      if (geteuid() == 0) {
        return Error{"the kernel does not limit the number of root's processes",
                     "start the command as an ordinary user, or leave out `limit processes`"};
      }
      value += value < kNoLimit - 1 ? 1 : 0;  // the second stage is one
    }
    limits[i] = std::min<std::uint64_t>(value, now.rlim_max);
  }
  return limits;
}

Result<Preparation> prepare(const LaunchSpec& spec) {
  if (Status status = check_spec(spec); !status) return std::move(status).error();
  Result<std::string> bwrap = find_bwrap();
  if (!bwrap) return std::move(bwrap).error();

  const Result<HostView> seen = look_at_host();
  if (!seen) return seen.error();
  const HostView& host = *seen;
  Result<BwrapArgs> args = bwrap_args(spec.plan, host, spec.working_directory, kFirstDataFd,
                                      spec.nested_namespaces, !spec.guard.empty());
  if (!args) return std::move(args).error();
  const std::vector<const Mount*> mounts = effective_mounts(spec.plan);
  if (Status status = check_mount_points(mounts); !status) return std::move(status).error();

  rlimit open_files;
  if (getrlimit(RLIMIT_NOFILE, &open_files) < 0) return system_error("cannot read a limit");
  rlimit command_open_files = open_files;
  if (const auto wanted = spec.limits[static_cast<std::size_t>(Limit::files)]) {
    command_open_files.rlim_max = std::min<rlim_t>(*wanted, open_files.rlim_max);
    command_open_files.rlim_cur = command_open_files.rlim_max;
  }
  const Result<StageLimits> limits = stage_limits(spec.limits);
  if (!limits) return limits.error();
  return Preparation{*std::move(bwrap),
                     *std::move(args),
                     checked_mounts(mounts, host, spec.landlock_plan, spec.nested_namespaces),
                     open_files,
                     command_open_files,
                     *limits};
}

Result<UniqueFd> message_memfd(const LaunchSpec& spec, const Preparation& preparation,
                               const SignalGuard& signals) {
  const StageRequest request = {.ignored_signals = signals.ignored_before(),
                                .blocked_signals = signals.blocked_before(),
                                .open_files_soft = preparation.command_open_files.rlim_cur,
                                .open_files_hard = preparation.command_open_files.rlim_max,
                                .limits = preparation.limits,
                                .filter = spec.filter,
                                .guard = spec.guard,
                                .mounts = preparation.mounts,
                                .private_tmp = spec.private_tmp,
                                .command = spec.command,
                                .environment = spec.environment};
  const Result<std::vector<std::byte>> message = encode_stage_message(request);
  if (!message) return message.error();
  return sealed_memfd("srt-stage-message", *message, 0);
}

}  // namespace

bool can_guard_names() {
  // A null program: the kernel says first whether it knows the flags (EINVAL), then EFAULT.
  constexpr unsigned kFlags =
      SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, kFlags, nullptr) < 0 && errno == EFAULT;
}

Result<int> launch(const LaunchSpec& spec, asio::io_context& io,
                   const std::function<Status(SandboxNetwork)>& serve) {
  const Result<Preparation> preparation = prepare(spec);
  if (!preparation) return preparation.error();
  if (Status status = drop_supplementary_groups(); !status) return std::move(status).error();

  const SignalGuard signals;
  Result<UniqueFd> signal_fd = signals.open_signalfd();
  if (!signal_fd) return std::move(signal_fd).error();
  const Result<UniqueFd> message = message_memfd(spec, *preparation, signals);
  if (!message) return message.error();
  const Result<UniqueFd> arguments = arguments_memfd(preparation->args.words);
  if (!arguments) return arguments.error();
  const Result<UniqueFd> image = sealed_memfd("srt-stage", stage_image(), MFD_EXEC);
  if (!image) return image.error();
  const UniqueFd empty_file(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!empty_file) return system_error("cannot open `/dev/null`");
  Result<Pair> lifeline = make_pipe(0);
  if (!lifeline) return std::move(lifeline).error();
  Result<Pair> bwrap_error = make_pipe(O_NONBLOCK);
  if (!bwrap_error) return std::move(bwrap_error).error();
  Result<Pair> control = make_socket_pair();
  if (!control) return std::move(control).error();

  Result<NamespaceChild> bwrap =
      start_namespace_child({.program = preparation->bwrap.c_str(),
                             .lifeline = lifeline->first.get(),
                             .lifeline_holder = lifeline->second.get(),
                             .control = control->second.get(),
                             .message = message->get(),
                             .stage_image = image->get(),
                             .arguments = arguments->get(),
                             .error_output = bwrap_error->second.get(),
                             .streams = spec.streams,
                             .empty_file = empty_file.get(),
                             .hidden_files = preparation->args.hidden_files,
                             .capture = spec.capture,
                             .loopback_names = spec.loopback_names,
                             .ports = spec.ports,
                             .open_files_hard = preparation->open_files.rlim_max});
  if (!bwrap) return std::move(bwrap).error();
  control->second.reset();
  bwrap_error->second.reset();

  Result<SandboxNetwork> network = receive_network(spec, control->first.get(), *bwrap);
  if (!network) return std::move(network).error();
  if (Status served = serve(*std::move(network)); !served) return std::move(served).error();
  return supervise({.bwrap = *std::move(bwrap),
                    .control = std::move(control->first),
                    .signals = *std::move(signal_fd),
                    .bwrap_error = std::move(bwrap_error->first),
                    .mounts = preparation->mounts,
                    .plan = effective_mounts(spec.plan),
                    .command = spec.command.front(),
                    .on_refused_name = spec.on_refused_name},
                   io);
}

}  // namespace srt
