#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"

namespace srt {

/// What the process that becomes bwrap needs. Descriptors are borrowed; they may have any number.
struct NamespaceChildSpec {
  const char* program;  ///< absolute path of bwrap
  int lifeline;         ///< read end; the launcher holds `lifeline_holder`, the write end
  int lifeline_holder;
  int control;
  int message;
  int stage_image;
  int arguments;               ///< bwrap's, for `--args`
  int error_output;            ///< bwrap's descriptor 2
  std::array<int, 3> streams;  ///< the command's input, output and errors
  int empty_file;              ///< stands in for every hidden file
  int hidden_files;            ///< how often
  bool capture;                ///< whether to pass what capturing connections takes
  std::span<const std::string> loopback_names;  ///< further ones
  std::span<const std::uint16_t> ports;         ///< of the listening sockets to pass over `control`
  std::uint64_t open_files_hard;                ///< the hard limit: as many are allowed to bwrap
};

/// Where in bwrap's descriptor table `NamespaceChildSpec::arguments` and the empty files end up.
inline constexpr int kArgumentsFd = 8;
inline constexpr int kFirstDataFd = 9;

/// A running bwrap: process 1 of a pid namespace of its own, so that its end ends all within. Kills
/// and reaps it when destroyed.
class NamespaceChild {
 public:
  NamespaceChild(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  NamespaceChild(NamespaceChild&& other) noexcept;
  NamespaceChild& operator=(NamespaceChild&&) = delete;
  ~NamespaceChild() { end(); }

  /// Kills bwrap and waits until it and everything in its pid namespace are gone.
  void end();

  int pidfd() const { return pidfd_.get(); }

 private:
  pid_t pid_;
  UniqueFd pidfd_;
};

/// Makes a process in new user, mount, network and pid namespaces, sets these up, and has it
/// execute bwrap. Returns once bwrap runs. To be called on the thread that lives as long as the
/// launch: its death is the child's.
///
/// Over `control` come reports of `listening`, each with what was made in the network namespace:
/// with `capture` first a NETLINK_NETFILTER socket, or nothing where the kernel has none, then
/// sockets on port 53 of every address, UDP and listening TCP; then for each of `ports` those that
/// listen on 127.0.0.1 and, where there is IPv6, on ::1.
Result<NamespaceChild> start_namespace_child(const NamespaceChildSpec& spec);

}  // namespace srt
