// srt-run: loads a bundle, starts the proxy, launches the command.

#include <cstdio>
#include <exception>

#include "runtime/base/complain.h"
#include "runtime/base/control_descriptor.h"
#include "runtime/base/exit_status.h"
#include "runtime/base/file.h"
#include "runtime/base/standard_descriptors.h"
#include "runtime/bundle/format.h"
#include "runtime/run/connect.h"
#include "runtime/run/options.h"
#include "runtime/run/platform.h"

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

int main(const std::vector<std::string>& arguments) {
  if (const Status reserved = reserve_standard_descriptors(); !reserved) return kExitFailure;
  const Result<Options> options = parse_options(arguments);
  if (!options) return fail(options.error());
  if (options->action == Options::Action::help) return print(usage());
  if (options->action == Options::Action::doctor) {
    const platform::Findings machine = platform::examine_machine();
    const int printed = print(machine.text);
    return machine.holds ? printed : kExitFailure;
  }
  if (options->action == Options::Action::version) return print("srt-run " SRT_VERSION "\n");

  if (options->action == Options::Action::connect) {
    const Status connected = connect_through_proxy(options->target);
    return connected ? kExitDone : fail(connected.error());
  }

  if (options->action == Options::Action::probe) {
    const Status answered = platform::answer_probes();
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
  const platform::Request request = {*options, *bytes, *caller};
  if (options->action == Options::Action::dry_run) {
    const Result<std::string> text = platform::describe_run(request);
    return text ? print(*text) : fail(text.error());
  }
  if (options->action == Options::Action::self_test) {
    const Result<platform::Findings> found = platform::self_test(request);
    if (!found) return fail(found.error());
    const int printed = print(found->text);
    return found->holds ? printed : kExitNotAsExpected;
  }
  const Result<int> status = platform::run(request, std::move(control));
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
