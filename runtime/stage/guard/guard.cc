#include "runtime/stage/guard/guard.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <utility>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)  // Linux 5.19
#endif

namespace srt::guard {
namespace {

using stage::system_call;
using stage::word;

/// struct seccomp_notif_addfd.
struct AddDescriptor {
  std::uint64_t id;
  std::uint32_t flags;
  std::uint32_t source;
  std::uint32_t target;
  std::uint32_t target_flags;
};
constexpr unsigned long kAddDescriptor = _IOW('!', 3, AddDescriptor);
constexpr unsigned long kSetFlags = _IOW('!', 4, std::uint64_t);  // Linux 6.6
constexpr long kSyncWakeUp = 1;

long control(int listener, unsigned long request, const void* argument) {
  return system_call(SYS_ioctl, listener, static_cast<long>(request), word(argument));
}

}  // namespace

long install_filter(const void* program) {
  return system_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                     SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
                     word(program));
}

Guard::Guard(const Table& table, std::span<std::byte> room, int listener)
    : judge_(table, room),
      listener_(listener),
      own_descriptors_(
          system_call(SYS_openat, AT_FDCWD, word("/proc/self/fd"), O_PATH | O_CLOEXEC)) {
  // The command started with this process's umask.
  umask_ = static_cast<std::uint32_t>(system_call(SYS_umask, 0));
  system_call(SYS_umask, umask_);
  system_call(SYS_chdir, word("/"));
  // Where the kernel can, the two take turns on one processor, which is quicker.
  system_call(SYS_ioctl, listener_, static_cast<long>(kSetFlags), kSyncWakeUp);
}

bool Guard::answer(Refusal& refusal, std::uint32_t& thread) {
  seccomp_notif call = {};
  refusal.rule = kNoRule;
  // One whose caller was killed meanwhile is gone.
  if (control(listener_, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) return false;
  thread = call.pid;
  answer(call, refusal);
  return refusal.rule != kNoRule;
}

void Guard::answer(const seccomp_notif& call, Refusal& refusal) {
  const Caller caller(listener_, own_descriptors_.get(), call.id, call.pid);
  const Request request = read_request(call.data);
  if (request.kind == Request::Kind::set_umask) {
    // Nothing depends on it but how other calls are performed later: the caller's own business.
    umasks_differ_ = umasks_differ_ || (request.mode & 0777) != umask_;
    const seccomp_notif_resp response = {
        .id = call.id, .val = 0, .error = 0, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    control(listener_, SECCOMP_IOCTL_NOTIF_SEND, &response);
    return;
  }
  if (const long result = take_umask(caller); result != 0) return finish(call.id, result);
  Outcome outcome = Act(caller, judge_, refusal).run(request);
  // Once it has its answer the caller may be gone.
  if (refusal.rule != kNoRule) refusal.program = caller.program();
  if (outcome.opened) return finish(call.id, std::move(outcome.opened), outcome.flags);
  if (outcome.waits_on) return open_apart(caller, outcome);
  finish(call.id, outcome.result);
}

long Guard::take_umask(const Caller& caller) {
  if (!umasks_differ_) return 0;
  const long umask = caller.umask();
  if (umask < 0) return umask;
  if (static_cast<std::uint32_t>(umask) == umask_) return 0;
  umask_ = static_cast<std::uint32_t>(umask);
  system_call(SYS_umask, umask);
  return 0;
}

void Guard::finish(std::uint64_t notification, long result) {
  const seccomp_notif_resp response = {.id = notification,
                                       .val = result < 0 ? 0 : result,
                                       .error = static_cast<std::int32_t>(result < 0 ? result : 0),
                                       .flags = 0};
  control(listener_, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

// Not in one step (SECCOMP_ADDFD_FLAG_SEND): the caller would go on while the file is open here
// too, and find a fifo with another end that is nobody's, or a program that cannot be run as
// somebody may write to it (ETXTBSY).
void Guard::finish(std::uint64_t notification, Descriptor opened, std::uint32_t flags) {
  const AddDescriptor add = {.id = notification,
                             .flags = 0,
                             .source = static_cast<std::uint32_t>(opened.get()),
                             .target = 0,
                             .target_flags = flags & O_CLOEXEC};
  const long installed = control(listener_, kAddDescriptor, &add);
  opened = Descriptor();
  finish(notification, installed);
}

/// Opens a fifo in a process of its own, as nothing else can be answered meanwhile.
void Guard::open_apart(const Caller& caller, const Outcome& outcome) {
  for (Opener& opener : openers_) {
    if (opener.process != 0) continue;
    opener.notification = caller.notification();
    opener.process = system_call(SYS_clone, SIGCHLD);
    if (opener.process > 0) return;
    if (opener.process < 0) {
      finish(caller.notification(), opener.process);
      opener.process = 0;
      return;
    }
    give_up_insight();
    Text<64> link;
    link += "/proc/self/fd/";
    link += static_cast<std::uint32_t>(outcome.waits_on.get());
    Descriptor fifo(system_call(SYS_openat, AT_FDCWD, word(link.c_str()), outcome.flags, 0));
    if (fifo) {
      finish(caller.notification(), std::move(fifo), outcome.flags);
    } else {
      finish(caller.notification(), fifo.error());
    }
    for (;;) system_call(SYS_exit_group, 0);
  }
  finish(caller.notification(), -EAGAIN);
}

bool Guard::is_busy() const {
  for (const Opener& opener : openers_) {
    if (opener.process != 0) return true;
  }
  return false;
}

void Guard::tend() {
  for (const Opener& opener : openers_) {
    if (opener.process == 0) continue;
    if (control(listener_, SECCOMP_IOCTL_NOTIF_ID_VALID, &opener.notification) == 0) continue;
    system_call(SYS_kill, opener.process, SIGKILL);
  }
}

void Guard::ended(long process) {
  for (Opener& opener : openers_) {
    if (opener.process != process) continue;
    // Without effect where it has answered.
    finish(opener.notification, -EINTR);
    opener.process = 0;
  }
}

}  // namespace srt::guard
