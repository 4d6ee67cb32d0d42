// srt-run: loads a bundle, starts the proxy, launches the command.

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <asio/io_context.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "proxy/server/proxy.h"
#include "runtime/base/complain.h"
#include "runtime/base/control_descriptor.h"
#include "runtime/base/exit_status.h"
#include "runtime/base/file.h"
#include "runtime/bundle/format.h"
#include "runtime/launch/standard_descriptors.h"
#include "runtime/run/connect.h"
#include "runtime/run/doctor.h"
#include "runtime/run/dry_run.h"
#include "runtime/run/live_update.h"
#include "runtime/run/load.h"
#include "runtime/run/options.h"
#include "runtime/run/prepare.h"
#include "runtime/run/probe.h"
#include "runtime/run/publish.h"
#include "runtime/run/report.h"
#include "runtime/run/selftest.h"
#include "runtime/run/served_ports.h"
#include "runtime/run/standard_streams.h"
#include "runtime/run/way_out.h"

namespace srt {
namespace {

int fail(const Error& error) {
  complain("srt-run", error);
  return kExitFailure;
}

int print(const std::string& text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? kExitDone : fail(Error{"cannot write to standard output"});
}

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

// Each connection takes two, and a caller's soft limit is there for programs that use select(2).
// The command has been given its own by then.
void use_all_descriptors() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The bundle whose network rules are to replace those of `started`, with which the command runs.
Result<Bundle> load_update(const std::string& path, const Options& options, const Bundle& started,
                           const Caller& caller) {
  if (!started.allows_network()) {
    return Error{"the command has no network, as the bundle it was started with allows none",
                 "start it with a bundle that allows a host"};
  }
  const Result<std::string> bytes = read_regular_file(path, format::kMaxBundleSize);
  if (!bytes) return bytes.error();
  Result<LoadedBundle> loaded = load_bundle(*bytes, path, caller, options.parameters);
  if (!loaded) return loaded.error();
  return std::move(loaded->bundle);
}

Result<int> run(const Options& options, const Bundle& bundle, const Caller& caller, LaunchSpec spec,
                UniqueFd control) {
  // The proxy's `splice` raises SIGPIPE where a peer is gone; the launch gives the command the
  // disposition that the caller had.
  asio::io_context io(1);
  Result<StandardStreams> streams = StandardStreams::make(spec.plan, io);
  if (!streams) return streams.error();
  spec.streams = streams->descriptors();
  Report report;
  if (!options.report.empty()) {
    Result<Report> opened = Report::open(options.report, spec.plan);
    if (!opened) return opened.error();
    report = std::move(*opened);
  }
  if (options.verbose) {
    for (const std::string& note : streams->notes()) spec.plan.notes.push_back(note);
    for (const std::string& note : spec.plan.notes) {
      complain("srt-run", Error{"note: " + note});
    }
  }
  Result<WayOut> way_out = choose_way_out(bundle, caller);
  if (!way_out) return way_out.error();
  net::ProxyOptions proxy_options;
  proxy_options.upstream = std::move(way_out->upstream);
  proxy_options.direct = std::move(way_out->direct);
  Bundle in_force = bundle;
  proxy_options.report = [&](const net::Refusal& refusal) {
    report.add(refusal, in_force);
    if (options.verbose) {
      complain("srt-run", Error{"refused: " + refusal.message});
    }
  };
  spec.on_refused_name = [&](const RefusedName& refusal) {
    report.add(refusal, bundle);
    if (options.verbose && refusal.rule < bundle.rules.size()) {
      complain("srt-run", Error{"refused: `" + refusal.path + "` cannot be made, by `" +
                                bundle.rules[refusal.rule].text + "`"});
    }
  };
  net::Proxy proxy(io, bundle.host_policy(), std::move(proxy_options));
  const auto update_failed = [&](const std::string& path, const Error& error) {
    complain("srt-run", Error{"the network rules stay: " + error.message, error.help});
    report.add_failed_update(path, error);
  };
  const auto update = [&](const std::string& path) {
    Result<Bundle> loaded = load_update(path, options, bundle, caller);
    if (!loaded) return update_failed(path, loaded.error());
    in_force = *std::move(loaded);
    proxy.update(in_force.host_policy());
    if (options.verbose) {
      complain("srt-run", Error{"note: the network rules are those of `" + path + "` now"});
    }
  };
  LiveUpdate live_update(io, options.bundle, update, update_failed);
  const std::vector<ServedPort> ports = served_ports(bundle);
  const Result<std::vector<std::uint16_t>> published = published_ports(bundle);
  if (!published) return published.error();
  Result<std::vector<PublishedListener>> outside = listen_on_host(*published);
  if (!outside) return outside.error();
  Result<int> status = launch(spec, io, [&](SandboxNetwork network) -> Status {
    use_all_descriptors();
    streams->start();
    if (Status started = live_update.start(std::move(control)); !started) return started;
    for (PublishedListener& listener : *outside) {
      Status served = proxy.publish(std::move(listener.socket), listener.port, network.make_socket);
      if (!served) return served;
    }
    return serve(proxy, ports, std::move(network));
  });
  live_update.stop();
  // A command that was told of no error is not done well while its output is lost.
  if (const Status finished = streams->finish(); !finished) {
    if (!status || *status == kExitDone) return finished.error();
    complain("srt-run", finished.error());
  }
  return status;
}

int main(const std::vector<std::string>& arguments) {
  if (const Status reserved = reserve_standard_descriptors(); !reserved) return kExitFailure;
  const Result<Options> options = parse_options(arguments);
  if (!options) return fail(options.error());
  if (options->action == Options::Action::help) return print(usage());
  if (options->action == Options::Action::doctor) {
    const Diagnosis diagnosis = examine_machine();
    const int printed = print(diagnosis.text);
    return diagnosis.can_launch ? printed : kExitFailure;
  }
  if (options->action == Options::Action::version) return print("srt-run " SRT_VERSION "\n");

  if (options->action == Options::Action::connect) {
    const Status connected = connect_through_proxy(options->target);
    return connected ? kExitDone : fail(connected.error());
  }

  if (options->action == Options::Action::probe) {
    const Status answered = answer_probes();
    return answered ? kExitDone : fail(answered.error());
  }

  UniqueFd control;
  if (options->control >= 0) {
    Result<UniqueFd> taken = take_control(options->control);
    if (!taken) return fail(taken.error());
    control = *std::move(taken);
  }
  const Result<std::string> bytes = read_file(options->bundle, format::kMaxBundleSize);
  if (!bytes) return fail(bytes.error());
  const Result<Caller> caller = this_caller();
  if (!caller) return fail(caller.error());
  const Result<LoadedBundle> loaded =
      load_bundle(*bytes, options->bundle, *caller, options->parameters);
  if (!loaded) return fail(loaded.error());
  const Bundle& bundle = loaded->bundle;
  Result<LaunchSpec> spec = prepare(bundle, *caller, loaded->places, options->command);
  if (!spec) return fail(spec.error());

  if (options->action == Options::Action::dry_run) {
    const Result<std::string> text = describe_launch(bundle, *spec);
    return text ? print(*text) : fail(text.error());
  }
  if (options->action == Options::Action::self_test) {
    const Result<SelfTest> found = self_test(bundle, *caller, loaded->places, *std::move(spec));
    if (!found) return fail(found.error());
    const int printed = print(found->text);
    return found->holds ? printed : kExitNotAsExpected;
  }
  const Result<int> status = run(*options, bundle, *caller, *std::move(spec), std::move(control));
  return status ? *status : fail(status.error());
}

}  // namespace
}  // namespace srt

int main(int argc, char** argv) {
  // Asio throws where the kernel has no epoll instance left, the library where memory is out. What
  // runs in the sandbox is dead by then.
  try {
    return srt::main({argv + 1, argv + argc});
  } catch (const std::exception& failure) {
    return srt::fail(srt::Error{failure.what()});
  }
}
