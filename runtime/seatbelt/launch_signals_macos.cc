#include "runtime/seatbelt/launch_signals.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace srt {
namespace {

// The ends that the handler writes to. A signal finds no other way to say where.
volatile sig_atomic_t note_end = -1;
volatile sig_atomic_t update_end = -1;

void note(int number, siginfo_t* info, void*) {
  const int error = errno;
  const SignalNote made = {
      number, info != nullptr && (info->si_code == SI_USER || info->si_code == SI_QUEUE)};
  const int end = number == SIGUSR2 ? update_end : note_end;
  // A pipe that is full holds more signals than anyone sends on purpose.
  [[maybe_unused]] const ssize_t written = write(end, &made, sizeof(made));
  errno = error;
}

// Both ends close when a program is executed, and neither blocks.
bool make_pipe(std::array<UniqueFd, 2>& ends) {
  int made[2];
  if (pipe(made) != 0) return false;
  for (int i = 0; i < 2; ++i) {
    ends[static_cast<std::size_t>(i)].reset(made[i]);
    if (fcntl(made[i], F_SETFD, FD_CLOEXEC) != 0 || fcntl(made[i], F_SETFL, O_NONBLOCK) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<LaunchSignals>> LaunchSignals::take() {
  std::unique_ptr<LaunchSignals> signals(new LaunchSignals);
  if (!make_pipe(signals->notes_) || !make_pipe(signals->updates_)) {
    return Error{std::string("cannot watch for signals: ") + std::strerror(errno)};
  }
  note_end = signals->notes_[1].get();
  update_end = signals->updates_[1].get();
  pthread_sigmask(SIG_BLOCK, nullptr, &signals->mask_before_);
  struct sigaction noting = {};
  noting.sa_sigaction = note;
  noting.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&noting.sa_mask);
  struct sigaction ignoring = {};
  ignoring.sa_handler = SIG_IGN;
  std::size_t i = 0;
  for (const int number : kNoted) {
    struct sigaction& before = signals->before_[i++];
    sigaction(number, nullptr, &before);
    // With SIGCHLD ignored there would be nothing to wait for.
    if (before.sa_handler != SIG_IGN || number == SIGCHLD) sigaction(number, &noting, nullptr);
  }
  for (const int number : kIgnored) sigaction(number, &ignoring, &signals->before_[i++]);
  return signals;
}

LaunchSignals::~LaunchSignals() {
  if (!notes_[0]) return;
  // One that comes now is for nobody, and not the end of this process.
  struct sigaction ignoring = {};
  ignoring.sa_handler = SIG_IGN;
  sigaction(SIGUSR2, &ignoring, nullptr);
  give_back();
  note_end = -1;
  update_end = -1;
}

void LaunchSignals::hold() const {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

void LaunchSignals::release() const { pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr); }

void LaunchSignals::give_back() const {
  std::size_t i = 0;
  for (const int number : kNoted) sigaction(number, &before_[i++], nullptr);
  for (const int number : kIgnored) sigaction(number, &before_[i++], nullptr);
  release();
}

}  // namespace srt
