#pragma once

#include <functional>
#include <string>

#include "runtime/base/result.h"
#include "runtime/run/environment.h"
#include "runtime/run/load.h"
#include "runtime/run/options.h"
#include "runtime/seatbelt/command_file.h"
#include "runtime/seatbelt/launch.h"
#include "runtime/seatbelt/path_rules.h"
#include "runtime/seatbelt/sandbox_exec.h"

namespace srt {

/// The name under which a profile is given the proxy's port (compiler/backend/seatbelt).
inline constexpr const char* kProxyPort = "PROXY_PORT";

/// Makes the private temporary directory, or says where it would be.
using PrivateTmp = std::function<Result<std::string>()>;

/// Reads a bundle as load_bundle() does, by the rules of macOS. Fails where it has no profile.
Result<LoadedBundle> load_for_macos(const std::string& bytes, const std::string& path,
                                    const Options& options, const Caller& caller,
                                    const PrivateTmp& private_tmp);

/// The command's environment, with the proxy on `port` that asks for `user_info`; 0 for none.
Environment environment_on_macos(const LoadedBundle& loaded, const Caller& caller,
                                 std::uint16_t port, const std::string& user_info);

/// The file of the command, sought in the environment that it gets. 126 where the rules do not let
/// it be read, and so not be executed: sandbox-exec's own status would not tell.
CommandFile find_allowed_command(const LoadedBundle& loaded, const Caller& caller,
                                 const Environment& environment, const std::string& name);

/// The launch with the profile in this file. `command` is its words, the first of which stands for
/// `file`.
SeatbeltLaunch make_launch(const LoadedBundle& loaded, const std::string& profile,
                           const std::string& port, const std::string& file,
                           const std::vector<std::string>& command, Environment environment);

}  // namespace srt
