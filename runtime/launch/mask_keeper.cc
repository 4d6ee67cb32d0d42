#include "runtime/launch/mask_keeper.h"

#include <poll.h>

#include <chrono>
#include <utility>

namespace srt {
namespace {

constexpr std::chrono::milliseconds kDelay{100};

bool has_ended(int pidfd) {
  pollfd process = {.fd = pidfd, .events = POLLIN, .revents = 0};
  return poll(&process, 1, 0) == 1;
}

}  // namespace

MaskKeeper::MaskKeeper(asio::io_context& io, std::vector<const Mount*> mounts)
    : mounts_(std::move(mounts)), delay_(io), changes_(io) {}

MaskKeeper::~MaskKeeper() {
  if (changes_.is_open()) changes_.release();
}

void MaskKeeper::begin(int pidfd, std::function<void(Error)> fail) {
  fail_ = std::move(fail);
  Result<SandboxMounts> sandbox = SandboxMounts::of(pidfd);
  if (!sandbox) {
    // With a command that has ended already the mounts are gone.
    if (!has_ended(pidfd)) fail_(std::move(sandbox).error());
    return;
  }
  sandbox_ = *std::move(sandbox);
  delay_.expires_after(kDelay);
  delay_.async_wait([this](asio::error_code failure) {
    if (!failure) watch();
  });
}

void MaskKeeper::watch() {
  Result<MaskWatcher> watcher = MaskWatcher::start(mounts_);
  if (!watcher) return fail_(std::move(watcher).error());
  watcher_ = *std::move(watcher);
  asio::error_code failure;
  changes_.assign(watcher_->fd(), failure);
  if (failure) return fail_(Error{"cannot watch what mounts cover: " + failure.message()});
  if (Status status = sandbox_->mount_again(watcher_->mounts()); !status) {
    return fail_(std::move(status).error());
  }
  await_change();
}

void MaskKeeper::await_change() {
  changes_.async_wait(asio::posix::stream_descriptor::wait_read, [this](asio::error_code failure) {
    if (failure) return;  // the end
    if (Status status = cover_changed(); !status) return fail_(std::move(status).error());
    await_change();
  });
}

Status MaskKeeper::cover_changed() {
  const Result<std::vector<const Mount*>> replaced = watcher_->replaced();
  if (!replaced) return replaced.error();
  return replaced->empty() ? ok() : sandbox_->mount_again(*replaced);
}

}  // namespace srt
