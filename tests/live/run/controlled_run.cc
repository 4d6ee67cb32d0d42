#include "tests/live/run/controlled_run.h"

#include <poll.h>
#include <unistd.h>

namespace srt::live {
namespace {

constexpr const char* kPrologue =
    "export NO_PROXY= no_proxy=\n"
    "trap 'echo signalled' USR2\n"
    "wait_for() { while [ ! -e $1 ]; do sleep 0.02; done; }\n"
    "get() { curl -s -o /dev/null -w \"$1 %{http_code}\\n\" http://$2/page; }\n";

}  // namespace

ControlledRun::ControlledRun(Account& account, std::vector<std::string> launcher,
                             const std::string& script)
    : account_(account) {
  launcher.insert(launcher.end(), {"bash", "-c", kPrologue + script});
  account.before_each([this] { check(dup2(control_.reading.get(), kControl) >= 0, "dup2"); });
  pid_ = account.start(launcher, output_.writing.get());
  output_.writing.reset();
  control_.reading.reset();
}

bool ControlledRun::says(const std::string& text) {
  while (true) {
    std::string line;
    for (char c = 0; c != '\n' && has_output(10'000) && read(output_.reading.get(), &c, 1) == 1;) {
      line += c;
    }
    said_ += line;
    if (line.empty()) return false;
    if (contains(line, text)) return true;
  }
}

void ControlledRun::tell(const std::string& text) const {
  check(
      write(control_.writing.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()),
      "write");
}

bool ControlledRun::has_output(int milliseconds) const {
  pollfd ready = {output_.reading.get(), POLLIN, 0};
  return poll(&ready, 1, milliseconds) != 0;
}

}  // namespace srt::live
