#include "runtime/run/run_proxy.h"

#include <sys/resource.h>

#include <utility>

#include "runtime/base/complain.h"
#include "runtime/base/file.h"
#include "runtime/bundle/format.h"
#include "runtime/run/name_servers.h"
#include "runtime/run/way_out.h"

namespace srt {

// Each connection takes two, and a caller's soft limit is there for programs that use select(2).
void use_all_descriptors() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Result<std::unique_ptr<RunProxy>> RunProxy::make(Run run) {
  Result<WayOut> way_out = choose_way_out(run.bundle, run.caller, run.target);
  if (!way_out) return way_out.error();
  net::ProxyOptions options;
  options.upstream = std::move(way_out->upstream);
  options.direct = std::move(way_out->direct);
  options.search = resolver_settings_of_machine().search;
  return std::make_unique<RunProxy>(std::move(run), std::move(options));
}

RunProxy::RunProxy(Run run, net::ProxyOptions options)
    : run_(std::move(run)),
      in_force_(run_.bundle),
      proxy_(run_.io, run_.bundle.host_policy(run_.target), reporting(std::move(options))),
      live_update_(
          run_.io, run_.options.bundle, [this](const std::string& path) { update(path); },
          [this](const std::string& path, const Error& error) { update_failed(path, error); }) {}

net::ProxyOptions RunProxy::reporting(net::ProxyOptions options) {
  options.report = [this](const net::Refusal& refusal) {
    run_.report.add(refusal, in_force_);
    if (run_.options.verbose) complain("srt-run", Error{"refused: " + refusal.message});
  };
  return options;
}

Status RunProxy::start_updates(UniqueFd control, UniqueFd signals) {
  return live_update_.start(std::move(control), std::move(signals));
}

// The bundle whose network rules are to replace those that the command was started with.
Result<Bundle> RunProxy::load_update(const std::string& path) const {
  if (!run_.bundle.allows_network(run_.target)) {
    return Error{"the command has no network, as the bundle it was started with allows none",
                 "start it with a bundle that allows a host"};
  }
  const Result<std::string> bytes = read_regular_file(path, format::kMaxBundleSize);
  if (!bytes) return bytes.error();
  return run_.load(*bytes, path);
}

void RunProxy::update(const std::string& path) {
  Result<Bundle> loaded = load_update(path);
  if (!loaded) return update_failed(path, loaded.error());
  in_force_ = *std::move(loaded);
  proxy_.update(in_force_.host_policy(run_.target));
  if (run_.options.verbose) {
    complain("srt-run", Error{"note: the network rules are those of `" + path + "` now"});
  }
}

void RunProxy::update_failed(const std::string& path, const Error& error) const {
  complain("srt-run", Error{"the network rules stay: " + error.message, error.help});
  run_.report.add_failed_update(path, error);
}

}  // namespace srt
