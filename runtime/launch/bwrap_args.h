#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/plan/mount_plan.h"

namespace srt {

/// What a rendering of a mount plan depends on beside the plan.
struct HostView {
  /// Files of /proc that are hidden from the command, whatever the plan says.
  std::vector<std::string> hidden_proc_files;
  /// Files and directories of /proc that govern the machine and are closed for writing.
  std::vector<std::string> closed_proc_paths;
  /// Symbolic links directly in "/" and their targets: where "/" is sealed they are made again, as
  /// /bin and /lib64 are such links and programs name them.
  std::vector<std::pair<std::string, std::string>> root_links;
};

/// Looks at this machine. An error when it cannot: what was not seen would not be closed.
Result<HostView> look_at_host();

/// The mounts of `plan` that are made, in order: of two on one path the later one, and none that
/// grants something at or beneath /proc or /dev, which are the sandbox's own.
std::vector<const Mount*> effective_mounts(const MountPlan& plan);

/// The plan as bubblewrap's command line, without program and command. The hidden files take one
/// descriptor each, open on an empty file: `first_data_fd` and those after it.
struct BwrapArgs {
  std::vector<std::string> words;
  int hidden_files = 0;
};

/// Renders `plan` for bubblewrap 0.8 or later. Fails on a plan that does not begin with "/", and on
/// one that exceeds bubblewrap's limits on the number and the length of arguments. No mount point
/// is created but in a tmpfs of the sandbox's own, as long as the plan's paths exist on the host.
/// With `nested_namespaces` user namespaces can be made inside. With `guarded` the second stage
/// keeps CAP_SYS_PTRACE, to look at callers that others cannot look at, and CAP_SETPCAP, to make
/// sure that the command cannot have it.
Result<BwrapArgs> bwrap_args(const MountPlan& plan, const HostView& host,
                             const std::string& working_directory, int first_data_fd,
                             bool nested_namespaces, bool guarded = false);

}  // namespace srt
