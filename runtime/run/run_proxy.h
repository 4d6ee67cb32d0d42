#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "proxy/server/proxy.h"
#include "runtime/base/result.h"
#include "runtime/base/target.h"
#include "runtime/base/unique_fd.h"
#include "runtime/bundle/bundle.h"
#include "runtime/caller/caller.h"
#include "runtime/run/live_update.h"
#include "runtime/run/options.h"
#include "runtime/run/report.h"

namespace srt {

/// Gives the proxy all descriptors that this process may have. After the command was given its own
/// limit.
void use_all_descriptors();

/// The proxy of one run with all that is heard of it: refusals go to the report, and its rules are
/// replaced while it runs.
class RunProxy {
 public:
  /// Makes a bundle of a file's bytes, with this run's parameters.
  using Load = std::function<Result<Bundle>(const std::string& bytes, const std::string& path)>;

  /// What a run is about; all of it outlives the proxy.
  struct Run {
    asio::io_context& io;
    const Options& options;
    const Bundle& bundle;  ///< that the command is started with
    const Caller& caller;
    const Report& report;
    Target target;
    Load load;
  };

  /// An error where the way out cannot be used (choose_way_out()).
  static Result<std::unique_ptr<RunProxy>> make(Run run);

  RunProxy(Run run, net::ProxyOptions options);
  RunProxy(const RunProxy&) = delete;
  RunProxy& operator=(const RunProxy&) = delete;

  net::Proxy& proxy() { return proxy_; }

  /// Listens for new rules, as LiveUpdate::start does.
  Status start_updates(UniqueFd control, UniqueFd signals);
  void stop_updates() { live_update_.stop(); }

 private:
  Result<Bundle> load_update(const std::string& path) const;
  void update(const std::string& path);
  void update_failed(const std::string& path, const Error& error) const;
  net::ProxyOptions reporting(net::ProxyOptions options);

  Run run_;
  Bundle in_force_;
  net::Proxy proxy_;
  LiveUpdate live_update_;
};

}  // namespace srt
