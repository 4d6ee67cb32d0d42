#include "runtime/run/prepare.h"

#include <sys/utsname.h>

#include "runtime/plan/plan.h"
#include "runtime/run/environment.h"
#include "runtime/run/served_ports.h"

namespace srt {
namespace {

Result<std::vector<std::uint64_t>> filter_for_this_machine(const Bundle& bundle) {
  utsname machine = {};
  uname(&machine);
  for (const Bundle::Filter& filter : bundle.filters) {
    if (filter.arch == machine.machine) return filter.instructions;
  }
  return Error{"the bundle has no seccomp program for `" + std::string(machine.machine) + "`",
               "run it on one of the architectures that `srtc inspect` lists"};
}

}  // namespace

Result<LaunchSpec> prepare(const Bundle& bundle, const Caller& caller, const Places& places,
                           const std::vector<std::string>& command) {
  LaunchSpec spec;
  spec.command = command;
  spec.working_directory = caller.working_directory;
  if (places.tmp_is_private) spec.private_tmp = places.tmp;
  Result<std::vector<std::uint64_t>> filter = filter_for_this_machine(bundle);
  if (!filter) return filter.error();
  spec.filter = std::move(*filter);
  spec.limits = bundle.limits;
  Result<MountPlan> plan = make_mount_plan(bundle, places.anchors, caller.working_directory);
  if (!plan) return plan.error();
  spec.plan = std::move(*plan);
  const std::vector<ServedPort> ports = served_ports(bundle);
  for (const ServedPort& served : ports) spec.ports.push_back(served.port);
  spec.capture = !ports.empty();
  if (spec.capture) spec.captured_ports = captured_ports(bundle).ports;
  const std::uint16_t proxy_port = ports.empty() ? std::uint16_t{0} : ports.front().port;
  spec.environment = command_environment(bundle, caller, places, proxy_port);
  return spec;
}

}  // namespace srt
