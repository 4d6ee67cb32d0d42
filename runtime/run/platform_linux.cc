#include <netinet/in.h>
#include <sys/socket.h>

#include <asio/io_context.hpp>
#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/base/complain.h"
#include "runtime/base/exit_status.h"
#include "runtime/run/doctor.h"
#include "runtime/run/dry_run.h"
#include "runtime/run/load.h"
#include "runtime/run/platform.h"
#include "runtime/run/prepare.h"
#include "runtime/run/probe.h"
#include "runtime/run/publish.h"
#include "runtime/run/run_proxy.h"
#include "runtime/run/selftest.h"
#include "runtime/run/served_ports.h"
#include "runtime/run/standard_streams.h"
#include "runtime/run/update_signals.h"

namespace srt::platform {
namespace {

// Puts the proxy behind a socket that listens on one of `ports`.
Status serve(net::Proxy& proxy, const std::vector<ServedPort>& ports, UniqueFd listener) {
  sockaddr_in6 address = {};  // the port is in the same place in a sockaddr_in
  socklen_t size = sizeof(address);
  if (getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return Error{std::string("cannot find a listener's port: ") + std::strerror(errno)};
  }
  const std::uint16_t port = ntohs(address.sin6_port);
  for (const ServedPort& served : ports) {
    if (served.port != port) continue;
    if (served.destination) return proxy.forward(std::move(listener), *served.destination, port);
    if (served.external_port != 0) {
      return proxy.hand_over(std::move(listener), served.external_port);
    }
  }
  return proxy.capture(std::move(listener));
}

bool is_datagram(const UniqueFd& socket) {
  int type = 0;
  socklen_t size = sizeof(type);
  return getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

// Puts the proxy behind every socket that was made inside the sandbox.
Status serve(net::Proxy& proxy, const std::vector<ServedPort>& ports, SandboxNetwork network) {
  for (UniqueFd& listener : network.listeners) {
    if (Status served = serve(proxy, ports, std::move(listener)); !served) return served;
  }
  for (UniqueFd& listener : network.captured) {
    if (Status served = proxy.capture(std::move(listener)); !served) return served;
  }
  for (UniqueFd& socket : network.name_servers) {
    Status served = is_datagram(socket) ? proxy.answer_names(std::move(socket))
                                        : proxy.capture(std::move(socket));
    if (!served) return served;
  }
  return ok();
}

// A bundle and the launch that it comes to.
struct Prepared {
  LoadedBundle loaded;
  LaunchSpec spec;
};

Result<LoadedBundle> load(const Request& request, const std::string& bytes,
                          const std::string& path) {
  return load_bundle(bytes, path, request.caller, request.options.parameters, linux_place_rules);
}

Result<Prepared> prepare(const Request& request) {
  Result<LoadedBundle> loaded = load(request, request.bytes, request.options.bundle);
  if (!loaded) return loaded.error();
  Result<LaunchSpec> spec =
      prepare(loaded->bundle, request.caller, loaded->places, request.options.command);
  if (!spec) return spec.error();
  return Prepared{*std::move(loaded), *std::move(spec)};
}

void tell_of_refused_names(LaunchSpec& spec, const Bundle& bundle, const Report& report,
                           bool verbose) {
  spec.on_refused_name = [&bundle, &report, verbose](const RefusedName& refusal) {
    report.add(refusal, bundle);
    if (verbose && refusal.rule < bundle.rules.size()) {
      complain("srt-run", Error{"refused: `" + refusal.path + "` cannot be made, by `" +
                                bundle.rules[refusal.rule].text + "`"});
    }
  };
}

}  // namespace

Result<int> run(const Request& request, UniqueFd control) {
  Result<Prepared> prepared = prepare(request);
  if (!prepared) return prepared.error();
  const Options& options = request.options;
  const Bundle& bundle = prepared->loaded.bundle;
  LaunchSpec& spec = prepared->spec;
  // The proxy's `splice` raises SIGPIPE where a peer is gone; the launch gives the command the
  // disposition that the caller had.
  asio::io_context io(1);
  Result<StandardStreams> streams = StandardStreams::make(spec.plan, io);
  if (!streams) return streams.error();
  spec.streams = streams->descriptors();
  Report report;
  if (!options.report.empty()) {
    Result<Report> opened = Report::open(options.report, [&](const std::string& directory) {
      return lets_write(spec.plan, directory);
    });
    if (!opened) return opened.error();
    report = std::move(*opened);
  }
  if (options.verbose) {
    for (const std::string& note : streams->notes()) spec.plan.notes.push_back(note);
    for (const std::string& note : spec.plan.notes) {
      complain("srt-run", Error{"note: " + note});
    }
  }
  tell_of_refused_names(spec, bundle, report, options.verbose);
  const auto load_update = [&](const std::string& bytes,
                               const std::string& path) -> Result<Bundle> {
    Result<LoadedBundle> loaded = load(request, bytes, path);
    if (!loaded) return loaded.error();
    return std::move(loaded->bundle);
  };
  const Result<std::unique_ptr<RunProxy>> proxy =
      RunProxy::make({io, options, bundle, request.caller, report, Target::linux, load_update});
  if (!proxy) return proxy.error();
  const std::vector<ServedPort> ports = served_ports(bundle);
  const Result<std::vector<std::uint16_t>> published = published_ports(bundle);
  if (!published) return published.error();
  Result<std::vector<PublishedListener>> outside = listen_on_host(*published);
  if (!outside) return outside.error();
  Result<int> status = launch(spec, io, [&](SandboxNetwork network) -> Status {
    use_all_descriptors();
    streams->start();
    Result<UniqueFd> signals = update_signals();
    if (!signals) return signals.error();
    Status started = (*proxy)->start_updates(std::move(control), *std::move(signals));
    if (!started) return started;
    for (PublishedListener& listener : *outside) {
      Status served =
          (*proxy)->proxy().publish(std::move(listener.socket), listener.port, network.make_socket);
      if (!served) return served;
    }
    return serve((*proxy)->proxy(), ports, std::move(network));
  });
  (*proxy)->stop_updates();
  // A command that was told of no error is not done well while its output is lost.
  if (const Status finished = streams->finish(); !finished) {
    if (!status || *status == kExitDone) return finished.error();
    complain("srt-run", finished.error());
  }
  return status;
}

Result<std::string> describe_run(const Request& request) {
  const Result<Prepared> prepared = prepare(request);
  if (!prepared) return prepared.error();
  return describe_launch(prepared->loaded.bundle, prepared->spec);
}

Result<Findings> self_test(const Request& request) {
  Result<Prepared> prepared = prepare(request);
  if (!prepared) return prepared.error();
  Result<SelfTest> found = srt::self_test(prepared->loaded.bundle, request.caller,
                                          prepared->loaded.places, std::move(prepared->spec));
  if (!found) return found.error();
  return Findings{std::move(found->text), found->holds};
}

Findings examine_machine() {
  Diagnosis diagnosis = srt::examine_machine();
  return {std::move(diagnosis.text), diagnosis.can_launch};
}

Status answer_probes() { return srt::answer_probes(); }

}  // namespace srt::platform
