#include "runtime/run/prepare.h"

#include <sys/utsname.h>

#include "runtime/base/file.h"
#include "runtime/bundle/guarded_filter.h"
#include "runtime/plan/encode_guard.h"
#include "runtime/plan/plan.h"
#include "runtime/run/environment.h"
#include "runtime/run/name_servers.h"
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

// Has the filter hand over no more than there is to guard here.
Status add_guard(const Bundle& bundle, const Places& places, LaunchSpec& spec) {
  if (!guarded_filter::is_guarded(spec.filter)) return ok();
  const NameGuard& guard = spec.plan.guard;
  if (guard.is_needed && !can_guard_names()) {
    if (!bundle.accepts_no_guard) {
      return Error{"the kernel cannot keep denied names from being made: that takes Linux 5.19",
                   "write `accept looser on linux because \"…\"` on the denies of the policy, or "
                   "`existing` where they need not hold for names to come"};
    }
    spec.plan.notes.emplace_back(
        "the kernel cannot keep denied names from being made; the policy accepts that");
  }
  if (!guard.is_needed || !can_guard_names()) {
    spec.filter = guarded_filter::without_guard(std::move(spec.filter));
    return ok();
  }
  if (guard.links.empty()) spec.filter = guarded_filter::without_removals(std::move(spec.filter));
  spec.guard = encode_guard(bundle, places.anchors, guard);
  return ok();
}

// This program, where the command can see it; else empty.
std::string connector(const std::string& program, const MountPlan& plan) {
  const Mount* mount = mount_over(plan, program);
  const bool seen = mount != nullptr &&
                    (mount->kind == Mount::Kind::read_write ||
                     mount->kind == Mount::Kind::read_only || mount->kind == Mount::Kind::pin);
  return seen ? program : std::string();
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
  spec.nested_namespaces = bundle.nested_namespaces;
  Result<MountPlan> plan =
      make_mount_plan(bundle, places.anchors, caller.working_directory, can_guard_names());
  if (!plan) return plan.error();
  spec.plan = std::move(*plan);
  if (Status guarded = add_guard(bundle, places, spec); !guarded) return std::move(guarded).error();
  const std::vector<ServedPort> ports = served_ports(bundle);
  for (const ServedPort& served : ports) spec.ports.push_back(served.port);
  spec.capture = !ports.empty();
  if (spec.capture) {
    spec.captured_ports = captured_ports(bundle).ports;
    const ResolverSettings settings = resolver_settings_of_machine();
    spec.loopback_names = settings.interfaces;
    if (settings.is_out_of_reach) {
      spec.plan.notes.emplace_back(
          "`/etc/resolv.conf` names link-local servers only, and no interface that they are "
          "reached "
          "by: programs that ignore proxy variables find no names");
    }
  }
  spec.environment = command_environment(bundle, caller,
                                         {.target = Target::linux,
                                          .tmp = places.tmp,
                                          .proxy = proxy_address(ports),
                                          .connector = connector(caller.program, spec.plan)});
  return spec;
}

}  // namespace srt
