#include "runtime/run/doctor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "runtime/base/complain.h"
#include "runtime/base/exit_status.h"
#include "runtime/base/landlock.h"
#include "runtime/base/printable.h"
#include "runtime/launch/bwrap_program.h"
#include "runtime/launch/launch.h"

namespace srt {
namespace {

constexpr std::uint16_t kAnyPort = 3128;

void add_fact(std::string& text, std::string_view name, std::string_view fact) {
  text += printable(fmt::format("{:<12}{}", name, fact)) + '\n';
}

std::string with_help(const Error& error) {
  return error.help.empty() ? error.message : error.message + "; " + error.help;
}

std::string own_program() {
  char path[PATH_MAX];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : std::string();
}

/// A launch with everything that a launch can have, of a program that does nothing.
LaunchSpec trial(int null) {
  constexpr sock_filter kAllow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  LaunchSpec spec;
  spec.plan.mounts = {{Mount::Kind::read_only, "/", true}};
  spec.command = {own_program(), "--version"};
  spec.working_directory = "/";
  spec.filter.resize(1);
  std::memcpy(spec.filter.data(), &kAllow, sizeof(kAllow));
  spec.streams = {null, null, null};
  spec.ports = {kAnyPort};
  spec.capture = true;
  return spec;
}

}  // namespace

std::string describe_landlock() {
  const long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, landlock::kGetVersion);
  constexpr std::string_view kSignals =
      "the command can signal the processes of its terminal job (Linux 6.12 is the first without)";
  if (landlock::handled_rights(abi) == 0) {
    return fmt::format(
        "{}: the mounts alone hold, fifos in read-only places can be written, and {}",
        abi < 0 ? "none" : "too old", kSignals);
  }
  std::string text = fmt::format("ABI {}: holds what may be written a second time", abi);
  if ((landlock::handled_rights(abi) & landlock::kTruncate) == 0) {
    text += "; files can be cut where only the mounts forbid it";
  }
  if (landlock::scopes(abi) == 0) return text + "; " + std::string(kSignals);
  return text + "; signals and abstract sockets stay within";
}

Diagnosis examine_machine() {
  Diagnosis diagnosis = {{}, false};
  utsname machine = {};
  uname(&machine);
  add_fact(diagnosis.text, "kernel", fmt::format("{} on {}", machine.release, machine.machine));
  const Result<std::string> bwrap = find_bwrap();
  add_fact(diagnosis.text, "bubblewrap", bwrap ? *bwrap : with_help(bwrap.error()));
  add_fact(diagnosis.text, "landlock", describe_landlock());
  add_fact(diagnosis.text, "names",
           can_guard_names()
               ? "denied ones are kept from being made"
               : "denied ones cannot be kept from being made: Linux 5.19 is the first "
                 "that can; policies that need it do not start");

  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  asio::io_context io(1);
  bool redirected = false;
  const Result<int> status = launch(trial(null.get()), io, [&](const SandboxNetwork& network) {
    redirected = network.redirected;
    return ok();
  });
  diagnosis.can_launch = status && *status == kExitDone;
  if (!status) {
    add_fact(diagnosis.text, "launch", "does not work: " + with_help(status.error()));
  } else if (!diagnosis.can_launch) {
    add_fact(diagnosis.text, "launch", fmt::format("does not work: status {}", *status));
  } else {
    add_fact(diagnosis.text, "launch", "works: namespaces, mounts, network, seccomp");
    add_fact(diagnosis.text, "connections",
             redirected
                 ? "led to the proxy by the kernel, whatever their port"
                 : "led to the proxy on the ports that a policy names (nf_tables is missing)");
  }
  if (geteuid() == 0) {
    add_fact(diagnosis.text, "caller",
             "root: the command has no capability, and root's files are its own");
  }
  return diagnosis;
}

}  // namespace srt
