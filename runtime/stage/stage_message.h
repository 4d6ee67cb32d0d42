#pragma once

#include <sys/resource.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "runtime/base/limit.h"

/// What launcher and second stage say to each other. Both are built from one tree and the stage is
/// embedded in the launcher, so there is one version and native byte order. No heap, no exceptions:
/// the stage has neither.
namespace srt {

/// Signals are numbered from 1 to this (_NSIG of the kernel, on every architecture here).
inline constexpr int kSignalCount = 64;

/// The descriptors that the stage (and bwrap before it) is started with, beside 0 to 2. Whatever
/// bwrap alone needs comes from kFirstBwrapFd on.
enum StageFd : int {
  kLifelineFd = 3,     ///< read end of a pipe whose write end the launcher holds until it dies
  kControlFd = 4,      ///< SOCK_SEQPACKET: reports out, one byte in when the command may start
  kMessageFd = 5,      ///< the encoded StageMessage
  kStageImageFd = 6,   ///< the stage itself
  kErrorOutputFd = 7,  ///< the command's descriptor 2; that of bwrap goes to the launcher
  kFirstBwrapFd = 8,
};

/// One mount point that has to be there before the command may start.
struct StageMount {
  enum Flag : std::uint8_t {
    kReadOnly = 1,    ///< the mount is not writable
    kUnreadable = 2,  ///< opening it for reading fails with EACCES
    kAllowRead = 4,  ///< Landlock allows reading here and beneath, and what mounts do not take away
    kAllowWrite = 8,  ///< likewise everything but what devices take
    kAllowDevices = 16,
    kAllowListing = 32,  ///< of directories
    kDirectory = 64,
    kNoMount = 128,  ///< only allowed, and no mount point
    kChecks = kReadOnly | kUnreadable,
    kAllows = kAllowRead | kAllowWrite | kAllowDevices | kAllowListing,
  };

  std::uint8_t flags;
  const char* path;  ///< absolute, no symbolic link in any component
};

/// The command's resource limits by Limit, soft and hard alike; kNoLimit for those that stay as
/// they are. That of open files is not among them, as the launcher changed it for itself.
using StageLimits = std::array<std::uint64_t, kLimits.size()>;
inline constexpr std::uint64_t kNoLimit = UINT64_MAX;
inline constexpr StageLimits kNoLimits = [] {
  StageLimits limits = {};
  limits.fill(kNoLimit);
  return limits;
}();

/// The kernel's names of the limits, by Limit.
inline constexpr std::array kLimitResources = {RLIMIT_DATA, RLIMIT_NOFILE, RLIMIT_NPROC,
                                               RLIMIT_CPU,  RLIMIT_FSIZE,  RLIMIT_CORE};
static_assert(kLimitResources.size() == kLimits.size());

/// Everything that the stage has to know. Strings and lists point into the encoded message and the
/// room given to decode_stage_message().
struct StageMessage {
  std::uint64_t ignored_signals;  ///< bit N-1: the command starts with signal N ignored
  std::uint64_t blocked_signals;  ///< likewise blocked
  std::uint64_t open_files_soft;  ///< the command's RLIMIT_NOFILE
  std::uint64_t open_files_hard;
  StageLimits limits;
  std::span<const std::uint64_t> filter;  ///< each a struct sock_filter
  std::span<const std::byte> guard;       ///< an encoded guard::Table, or empty: nothing is guarded
  std::span<const StageMount> mounts;
  const char* private_tmp;  ///< a directory to make, or ""
  char** command;           ///< ends with a null pointer
  char** environment;       ///< ends with a null pointer
};

/// What an encoded message begins with; the filter, the guard's table padded to eight bytes, then
/// the strings follow.
struct StageMessageHeader {
  std::uint32_t size;  ///< of the whole message, in bytes
  std::uint32_t filter_length;
  std::uint32_t mount_count;
  std::uint32_t command_count;
  std::uint32_t environment_count;
  std::uint32_t guard_size;  ///< in bytes, 0 for none
  std::uint64_t ignored_signals;
  std::uint64_t blocked_signals;
  std::uint64_t open_files_soft;
  std::uint64_t open_files_hard;
  StageLimits limits;
};

/// How many bytes decode_stage_message() needs beside the message, 0 when `message` is damaged. The
/// message must be aligned for StageMessageHeader.
inline std::size_t stage_message_room(std::span<const std::byte> message) {
  if (message.size() < sizeof(StageMessageHeader)) return 0;
  const auto& header = *reinterpret_cast<const StageMessageHeader*>(message.data());
  const std::uint64_t rest = message.size() - sizeof(header);
  // Every string takes at least its end mark, every mount a byte of flags besides: counts beyond
  // that lie, and would make the room grow without bound.
  const std::uint64_t least = std::uint64_t{header.filter_length} * sizeof(std::uint64_t) +
                              (std::uint64_t{header.guard_size} + 7) / 8 * 8 +
                              std::uint64_t{header.mount_count} * 2 + 1 + header.command_count +
                              header.environment_count;
  if (header.size != message.size() || least > rest) return 0;
  return header.mount_count * sizeof(StageMount) +
         (std::size_t{header.command_count} + header.environment_count + 2) * sizeof(char*);
}

/// Takes NUL-terminated strings off the front of a byte range.
class StringReader {
 public:
  explicit StringReader(std::span<std::byte> bytes) : rest_(bytes) {}

  /// The next byte, or nothing at the end.
  std::optional<std::uint8_t> byte() {
    if (rest_.empty()) return std::nullopt;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_ = rest_.subspan(1);
    return value;
  }

  /// The next string, or null when no end mark follows.
  char* string() {
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] != std::byte{0}) continue;
      char* text = reinterpret_cast<char*>(rest_.data());
      rest_ = rest_.subspan(i + 1);
      return text;
    }
    return nullptr;
  }

  /// Fills `list` with strings and ends it with a null pointer; false when they run out.
  bool strings(std::span<char*> list) {
    for (char*& text : list.first(list.size() - 1)) {
      text = string();
      if (text == nullptr) return false;
    }
    list.back() = nullptr;
    return true;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  std::span<std::byte> rest_;
};

/// Decodes `message`; nothing when it is damaged in any way. `room` is aligned for pointers and has
/// stage_message_room() bytes; both must outlive the result.
inline std::optional<StageMessage> decode_stage_message(std::span<std::byte> message,
                                                        std::span<std::byte> room) {
  const std::size_t needed = stage_message_room(message);
  if (needed == 0 || room.size() < needed) return std::nullopt;
  const auto& header = *reinterpret_cast<const StageMessageHeader*>(message.data());
  auto* filter = reinterpret_cast<const std::uint64_t*>(message.data() + sizeof(header));
  const std::size_t filter_bytes = header.filter_length * sizeof(std::uint64_t);
  const std::span<std::byte> guard =
      message.subspan(sizeof(header) + filter_bytes, header.guard_size);
  const std::size_t guard_bytes = (std::size_t{header.guard_size} + 7) / 8 * 8;
  StringReader reader(message.subspan(sizeof(header) + filter_bytes + guard_bytes));

  auto* mounts = reinterpret_cast<StageMount*>(room.data());
  for (std::uint32_t i = 0; i < header.mount_count; ++i) {
    const std::optional<std::uint8_t> flags = reader.byte();
    const char* path = reader.string();
    if (!flags || path == nullptr) return std::nullopt;
    mounts[i] = {*flags, path};
  }
  auto** command = reinterpret_cast<char**>(mounts + header.mount_count);
  auto** environment = command + header.command_count + 1;
  const char* private_tmp = reader.string();
  if (private_tmp == nullptr || header.command_count == 0 ||
      !reader.strings({command, header.command_count + std::size_t{1}}) ||
      !reader.strings({environment, header.environment_count + std::size_t{1}}) ||
      !reader.at_end()) {
    return std::nullopt;
  }
  return StageMessage{
      .ignored_signals = header.ignored_signals,
      .blocked_signals = header.blocked_signals,
      .open_files_soft = header.open_files_soft,
      .open_files_hard = header.open_files_hard,
      .limits = header.limits,
      .filter = {filter, header.filter_length},
      .guard = guard,
      .mounts = {mounts, header.mount_count},
      .private_tmp = private_tmp,
      .command = command,
      .environment = environment,
  };
}

/// Why the stage gave up before the command ran.
enum class StageFailure : std::uint32_t {
  message_damaged,
  mount_missing,   ///< `subject` is not a mount point, or lies behind a symbolic link
  mount_writable,  ///< `subject` should be read-only
  mount_readable,  ///< `subject` should be unreadable
  private_tmp,     ///< the directory could not be made
  process,         ///< no process for the command
  limit,           ///< the limit with the number `subject`
  privileges,      ///< PR_SET_NO_NEW_PRIVS
  scope,           ///< Landlock
  filter,          ///< seccomp
  guard,           ///< names that do not exist yet cannot be guarded
};

/// One packet on the control socket.
struct StageReport {
  enum class Event : std::uint32_t {
    listening,     ///< carries the listening sockets; sent by the process that becomes bwrap
    started,       ///< the command runs; carries its pidfd
    not_executed,  ///< `value` is the exit status, 126 or 127, `error` why
    stopped,       ///< `value` is the signal that stopped the command
    exited,        ///< `value` is the command's wait status
    failed,        ///< `failure` and `error` say why, `subject` of what
    guarded,       ///< within the stage: carries the listener of the command's filter
    refused,       ///< rule `subject` refused a call of thread `value`: a path and a program follow
  };

  Event event;
  std::int32_t value = 0;
  StageFailure failure = {};
  std::int32_t error = 0;     ///< an errno
  std::uint32_t subject = 0;  ///< index into StageMessage::mounts, or a Limit
};

}  // namespace srt
