#include "runtime/base/stop_process.h"

#include <signal.h>
#include <unistd.h>

namespace srt {

void stop_process(int number) {
  if (number == SIGSTOP) {
    kill(getpid(), SIGSTOP);
    return;
  }
  const struct sigaction standard = {};  // SIG_DFL
  struct sigaction before;
  sigset_t only;
  sigset_t mask;
  sigemptyset(&only);
  sigaddset(&only, number);
  sigaction(number, &standard, &before);
  pthread_sigmask(SIG_UNBLOCK, &only, &mask);
  raise(number);
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  sigaction(number, &before, nullptr);
}

}  // namespace srt
