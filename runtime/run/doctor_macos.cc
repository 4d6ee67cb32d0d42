#include "runtime/run/doctor_macos.h"

#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "runtime/base/own_directory.h"
#include "runtime/base/printable.h"
#include "runtime/seatbelt/proxy_listener.h"
#include "runtime/seatbelt/run_files.h"
#include "runtime/seatbelt/sandbox_exec.h"

namespace srt {
namespace {

void add_fact(std::string& text, std::string_view name, const std::string& fact) {
  std::string left(name);
  left.resize(16, ' ');
  text += printable(left + fact) + '\n';
}

std::string with_help(const Error& error) {
  return error.help.empty() ? error.message : error.message + "; " + error.help;
}

// Empty where it is as the system has it.
std::string flaw_of_sandbox_exec() {
  const char* const program = sandbox_exec_program();
  struct stat info = {};
  if (stat(program, &info) != 0 || access(program, X_OK) != 0) return "is missing";
  if (info.st_uid != 0 || is_open_to_others(info)) return "can be changed by others than root";
  return {};
}

}  // namespace

platform::Findings examine_mac() {
  platform::Findings found = {"", true};
  utsname machine = {};
  uname(&machine);
  add_fact(found.text, "kernel",
           std::string(machine.sysname) + ' ' + machine.release + ' ' + machine.machine);
  const std::string flaw = flaw_of_sandbox_exec();
  add_fact(found.text, "sandbox-exec",
           std::string("`") + sandbox_exec_program() + "` " + (flaw.empty() ? "is there" : flaw));
  const Result<Caller> caller = this_caller();
  const Result<RunFiles> files =
      caller ? RunFiles::make(*caller) : Result<RunFiles>(caller.error());
  add_fact(found.text, "profiles", files ? "can be kept for a run" : with_help(files.error()));
  const Result<ProxyListener> listener = listen_for_command();
  add_fact(found.text, "proxy", listener ? "can listen on loopback" : with_help(listener.error()));
  add_fact(found.text, "processes",
           "what the command leaves running goes on, confined and without network");
  found.holds = flaw.empty() && files && listener;
  add_fact(found.text, "launch", found.holds ? "all that it needs is there" : "not possible");
  return found;
}

}  // namespace srt
