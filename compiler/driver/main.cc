// srtc: the compiler's command line.

#include "compiler/driver/command_line.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/print.h"

namespace srt::driver {

int run_command(const PrintCommand& command) { return print(command.text) ? kDone : kFile; }

namespace {

int main(std::vector<std::string> arguments) {
  const Result<Command> command = parse_command_line(std::move(arguments));
  if (!command) {
    complain("srtc", command.error());
    return kUsage;
  }
  return std::visit([](const auto& chosen) { return run_command(chosen); }, *command);
}

}  // namespace
}  // namespace srt::driver

int main(int argc, char** argv) { return srt::driver::main({argv + 1, argv + argc}); }
