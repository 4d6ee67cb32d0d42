#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/limit.h"
#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"
#include "runtime/launch/refused_name.h"
#include "runtime/plan/mount_plan.h"

namespace asio {
class io_context;
}

namespace srt {

/// Whether this kernel can guard names: Linux 5.19 and later.
bool can_guard_names();

/// Everything that is decided about a run before anything starts. Whoever holds one needs neither
/// bundle nor policy: this is the seam between deciding and doing.
struct LaunchSpec {
  MountPlan plan;
  std::vector<std::string> command;  ///< argv, at least one word
  /// Names and values; complete, nothing is inherited.
  std::vector<std::pair<std::string, std::string>> environment;
  std::string working_directory;  ///< absolute, as inside
  /// The command's seccomp program: each word has the bytes of a `struct sock_filter`.
  std::vector<std::uint64_t> filter;
  /// Whether the command may make user namespaces, and mounts in them. Those that it did not make
  /// are locked together there (mount_namespaces(7)). Landlock, which forbids any mount, then only
  /// keeps signals and sockets within.
  bool nested_namespaces = false;
  /// What the command's processes may use at most, or the caller's hard limit where that is lower.
  Limits limits = {};
  /// This process's descriptors that the command gets as 0 to 2.
  std::array<int, 3> streams = {0, 1, 2};
  /// What Landlock allows, where that is to be another plan than `plan`: with one of the two that
  /// allows everything, tests see what the other holds alone. Nothing else sets it.
  std::optional<MountPlan> landlock_plan = {};
  /// With a filter that hands calls over: what they are judged by, an encoded guard::Table.
  std::vector<std::byte> guard = {};
  /// Told of each call that the guard refused.
  std::function<void(const RefusedName&)> on_refused_name = {};
  /// A directory to make, mode 0700, or empty. Beneath /dev, the sandbox's own tmpfs.
  std::string private_tmp;
  /// Ports on the sandbox's own loopback on which sockets listen for `launch`'s caller: at most
  /// kMaxPorts, none twice.
  std::vector<std::uint16_t> ports;
  /// Whether connections to all other addresses come to the first of `ports`, and look-ups of names
  /// to sockets of their own: for programs that know nothing of a proxy.
  bool capture = false;
  /// With `capture`: what the loopback interface is called besides.
  std::vector<std::string> loopback_names = {};
  /// With `capture`, where the kernel cannot redirect connections: the ports of every address on
  /// which they are awaited instead. The command cannot have them for itself then.
  std::vector<std::uint16_t> captured_ports = {};
};

/// What was made inside the sandbox's network namespace, which sockets belong to whoever uses them.
struct SandboxNetwork {
  /// Listen on each of `LaunchSpec::ports` in turn, on 127.0.0.1 and, where there is IPv6, on ::1.
  std::vector<UniqueFd> listeners;
  /// With `capture`: whether the kernel redirects connections to the first port.
  bool redirected = false;
  /// Where it does not: listen on the captured ports of every address.
  std::vector<UniqueFd> captured;
  /// With `capture`: on port 53 of every address, UDP sockets and TCP ones that listen.
  std::vector<UniqueFd> name_servers;
  /// Makes a stream socket of a family, for connections to what the command serves.
  std::function<Result<UniqueFd>(int family)> make_socket;
};

/// What the sockets' way out of the sandbox holds without anyone reading (SCM_MAX_FD and the usual
/// buffer of a socket pair are above it).
inline constexpr std::size_t kMaxPorts = 64;

/// Runs `spec.command` confined and returns the exit status that `srt-run` ends with: the command's
/// own, 128+N when a signal ended it, 126 or 127 when it could not be executed, which is also said
/// on standard error. `serve` is called before the command starts with the sandbox's network; then
/// `io` runs until everything in the sandbox is dead.
/// A signal that comes before the command starts ends the launch, with 128+N. SIGUSR2 is blocked
/// meanwhile, unless it was ignored: `serve` and what it starts may take it from a signalfd(2).
///
/// To be called on the main thread, as its death is the sandbox's, with descriptors 0 to 2 open
/// (reserve_standard_descriptors()). Of a root caller the supplementary groups are dropped for
/// good. An error means that the command never ran.
Result<int> launch(const LaunchSpec& spec, asio::io_context& io,
                   const std::function<Status(SandboxNetwork)>& serve);

}  // namespace srt
