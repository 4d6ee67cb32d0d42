#include <asio/io_context.hpp>
#include <memory>
#include <optional>

#include "runtime/base/complain.h"
#include "runtime/base/exit_status.h"
#include "runtime/run/doctor_macos.h"
#include "runtime/run/dry_run_macos.h"
#include "runtime/run/platform.h"
#include "runtime/run/prepare_macos.h"
#include "runtime/run/run_proxy.h"
#include "runtime/seatbelt/launch_signals.h"
#include "runtime/seatbelt/proxy_listener.h"
#include "runtime/seatbelt/run_files.h"

namespace srt::platform {
namespace {

// The proxy's place and secret, for the command alone.
struct Door {
  std::uint16_t port = 0;
  std::string user_info;
};

Result<Door> open_door(net::Proxy& proxy) {
  Result<ProxyListener> listener = listen_for_command();
  if (!listener) return listener.error();
  const Result<net::ClientToken> token = net::ClientToken::make();
  if (!token) return token.error();
  for (UniqueFd& socket : listener->sockets) {
    if (Status served = proxy.serve(std::move(socket), *token); !served) return served.error();
  }
  return Door{listener->port, token->user_info()};
}

Result<Report> open_report(const Options& options, const LoadedBundle& loaded) {
  if (options.report.empty()) return Report();
  const PathRules rules(loaded.bundle);
  return Report::open(options.report, [&](const std::string& directory) {
    return rules.may_change(loaded.places.anchors, directory);
  });
}

int not_started(const std::string& command, int status) {
  complain("srt-run",
           Error{"`" + command + "`: " +
                 (status == kExitNotFound ? "command not found" : "it cannot be executed")});
  return status;
}

Error not_on_macos(const std::string& option) {
  return {"`" + option + "` is not there on macOS",
          "docs/check-on-mac.sh tries a profile on the live kernel"};
}

}  // namespace

Result<int> run(const Request& request, UniqueFd control) {
  const auto& [options, bytes, caller] = request;
  // Before a signal can end this process with files left, and before anything can be said to a peer
  // that is gone.
  const Result<std::unique_ptr<LaunchSignals>> signals = LaunchSignals::take();
  if (!signals) return signals.error();
  Result<RunFiles> files = RunFiles::make(caller);
  if (!files) return files.error();
  const auto load = [&](const std::string& content, const std::string& path) {
    return load_for_macos(content, path, options, caller, [&] { return files->private_tmp(); });
  };
  const Result<LoadedBundle> loaded = load(bytes, options.bundle);
  if (!loaded) return loaded.error();
  const Bundle& bundle = loaded->bundle;

  asio::io_context io(1);
  const Result<Report> report = open_report(options, *loaded);
  if (!report) return report.error();
  const auto load_update = [&](const std::string& content,
                               const std::string& path) -> Result<Bundle> {
    Result<LoadedBundle> made = load(content, path);
    if (!made) return made.error();
    return std::move(made->bundle);
  };
  const Result<std::unique_ptr<RunProxy>> proxy =
      RunProxy::make({io, options, bundle, caller, *report, Target::macos, load_update});
  if (!proxy) return proxy.error();
  Door door;
  if (bundle.allows_network(Target::macos)) {
    Result<Door> opened = open_door((*proxy)->proxy());
    if (!opened) return opened.error();
    door = *std::move(opened);
  }
  Status updates = (*proxy)->start_updates(std::move(control), (*signals)->take_updates());
  if (!updates) return updates.error();

  Environment environment = environment_on_macos(*loaded, caller, door.port, door.user_info);
  const CommandFile file =
      find_allowed_command(*loaded, caller, environment, options.command.front());
  if (file.status != 0) return not_started(options.command.front(), file.status);
  const Result<std::string> profile = files->write_profile(*bundle.seatbelt);
  if (!profile) return profile.error();
  const std::string port = door.port == 0 ? "" : std::to_string(door.port);
  const Result<int> status = launch_seatbelt(
      make_launch(*loaded, *profile, port, file.path, options.command, std::move(environment)),
      **signals, io, use_all_descriptors);
  (*proxy)->stop_updates();
  return status;
}

Result<std::string> describe_run(const Request& request) {
  return describe_launch_on_macos(request);
}

Result<Findings> self_test(const Request&) { return not_on_macos("--selftest"); }

Findings examine_machine() { return examine_mac(); }

Status answer_probes() { return not_on_macos("--probe"); }

}  // namespace srt::platform
