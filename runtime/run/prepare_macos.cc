#include "runtime/run/prepare_macos.h"

#include <algorithm>
#include <utility>

#include "runtime/base/exit_status.h"

namespace srt {
namespace {

PlaceRules macos_place_rules(const Bundle& bundle, const PrivateTmp& private_tmp) {
  const PathRules rules(bundle);
  return {[rules](const std::vector<std::string>& anchors, const std::string& path) {
            return rules.access(anchors, path) == Access::write;
          },
          [rules](const std::vector<std::string>& anchors, const std::string& directory) {
            return rules.may_change(anchors, directory);
          },
          private_tmp};
}

// Whether what the command itself listens for on loopback is reached without the proxy: else all
// that is there is the host's, and reached through it.
bool listens_itself(const Bundle& bundle) {
  return bundle.default_of(Operation::bind) == Effect::allow ||
         std::any_of(bundle.rules.begin(), bundle.rules.end(), [](const Bundle::Rule& rule) {
           return rule.operation == Operation::bind && rule.effect == Effect::allow &&
                  rule.targets.macos;
         });
}

std::string variable(const Environment& environment, std::string_view name) {
  for (const auto& [key, value] : environment) {
    if (key == name) return value;
  }
  return "/usr/bin:/bin";  // the search path without one
}

bool may_read(const LoadedBundle& loaded, const std::string& file) {
  const std::string real = real_as_far_as_it_exists(file);
  return PathRules(loaded.bundle).access(loaded.places.anchors, real) != Access::none;
}

}  // namespace

Result<LoadedBundle> load_for_macos(const std::string& bytes, const std::string& path,
                                    const Options& options, const Caller& caller,
                                    const PrivateTmp& private_tmp) {
  Result<LoadedBundle> loaded =
      load_bundle(bytes, path, caller, options.parameters,
                  [&](const Bundle& bundle) { return macos_place_rules(bundle, private_tmp); });
  if (loaded && !loaded->bundle.seatbelt) {
    return Error{"`" + path + "` was compiled for Linux alone",
                 "compile it with `--target macos` or `--target all`"};
  }
  return loaded;
}

Environment environment_on_macos(const LoadedBundle& loaded, const Caller& caller,
                                 std::uint16_t port, const std::string& user_info) {
  return command_environment(loaded.bundle, caller,
                             {.target = Target::macos,
                              .tmp = loaded.places.tmp,
                              .proxy = {.port = port,
                                        .socks_port = 0,
                                        .user_info = user_info,
                                        .serves_loopback = !listens_itself(loaded.bundle)},
                              .connector = may_read(loaded, caller.program) ? caller.program : ""});
}

CommandFile find_allowed_command(const LoadedBundle& loaded, const Caller& caller,
                                 const Environment& environment, const std::string& name) {
  CommandFile found =
      find_command_file(name, variable(environment, "PATH"), caller.working_directory);
  if (found.status == 0 && !may_read(loaded, found.path)) found.status = kExitNotExecutable;
  return found;
}

SeatbeltLaunch make_launch(const LoadedBundle& loaded, const std::string& profile,
                           const std::string& port, const std::string& file,
                           const std::vector<std::string>& command, Environment environment) {
  ProfileValues values = profile_values(loaded.bundle, loaded.places);
  if (!port.empty()) values.emplace_back(kProxyPort, port);
  std::vector<std::string> words = command;
  words.front() = file;
  return {sandbox_exec_words(profile, values, words), std::move(environment)};
}

}  // namespace srt
