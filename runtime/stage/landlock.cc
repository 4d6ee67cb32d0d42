#include "runtime/stage/landlock.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "runtime/base/landlock.h"
#include "runtime/stage/system_call.h"

namespace srt::stage {
namespace {

/// struct landlock_ruleset_attr as of ABI 6; older kernels take what they do not know as zero.
struct RulesetAttributes {
  std::uint64_t handled_access_fs;
  std::uint64_t handled_access_net;
  std::uint64_t scoped;
};

/// struct landlock_path_beneath_attr.
struct [[gnu::packed]] PathBeneath {
  std::uint64_t allowed_access;
  std::int32_t parent_fd;
};

std::uint64_t rights_of(std::uint8_t flags) {
  std::uint64_t rights = 0;
  if ((flags & StageMount::kAllowListing) != 0) rights |= landlock::kReadDir;
  if ((flags & StageMount::kAllowRead) != 0) rights |= landlock::kRead;
  if ((flags & StageMount::kAllowWrite) != 0) rights |= landlock::kRead | landlock::kWrite;
  if ((flags & StageMount::kAllowDevices) != 0) rights |= landlock::kIoctlDev;
  if ((flags & StageMount::kDirectory) == 0) rights &= landlock::kOfFiles;
  return rights;
}

long add_rule(long ruleset, const char* path, std::uint64_t rights) {
  constexpr int kPathBeneath = 1;  // LANDLOCK_RULE_PATH_BENEATH
  const long fd = system_call(SYS_openat, AT_FDCWD, word(path), O_PATH | O_CLOEXEC);
  if (fd < 0) return fd;
  const PathBeneath rule = {rights, static_cast<std::int32_t>(fd)};
  const long result = system_call(SYS_landlock_add_rule, ruleset, kPathBeneath, word(&rule), 0);
  system_call(SYS_close, fd);
  return result;
}

}  // namespace

long make_ruleset(std::span<const StageMount> mounts, std::optional<MountProblem>& problem) {
  const long abi = system_call(SYS_landlock_create_ruleset, 0, 0, landlock::kGetVersion);
  const bool restricts_files = std::ranges::any_of(
      mounts, [](const StageMount& mount) { return (mount.flags & StageMount::kAllows) != 0; });
  const std::uint64_t handled = restricts_files ? landlock::handled_rights(abi) : 0;
  const RulesetAttributes attributes = {handled, 0, landlock::scopes(abi)};
  if (handled == 0 && attributes.scoped == 0) return -1;
  const auto fail = [&](long result, std::uint32_t subject) {
    problem = MountProblem{StageFailure::scope, static_cast<int>(-result), subject};
    return -1L;
  };
  const long ruleset =
      system_call(SYS_landlock_create_ruleset, word(&attributes), sizeof(attributes), 0);
  if (ruleset < 0) return fail(ruleset, 0);
  for (std::uint32_t i = 0; i < mounts.size(); ++i) {
    const std::uint64_t rights = rights_of(mounts[i].flags) & handled;
    if (rights == 0) continue;
    const long result = add_rule(ruleset, mounts[i].path, rights);
    if (result < 0) return fail(result, i);
  }
  if (!restricts_files) return ruleset;
  // What the caller gave, a terminal above all, is not beneath any of these. Pipes and sockets,
  // which no ruleset restricts, are refused as a rule (EBADFD).
  for (const char* path : {"/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2"}) {
    const long result = add_rule(ruleset, path, landlock::kOfFiles & handled);
    if (result < 0 && result != -EBADFD) return fail(result, 0);
  }
  return ruleset;
}

}  // namespace srt::stage
