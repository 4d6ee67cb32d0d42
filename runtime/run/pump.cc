#include "runtime/run/pump.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <asio/error.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace srt {
namespace {

bool is_transient(int error) { return error == EINTR || error == EAGAIN; }

bool is_file(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

void wait_until_writable(int fd) {
  pollfd watched = {.fd = fd, .events = POLLOUT, .revents = 0};
  while (poll(&watched, 1, -1) < 0 && errno == EINTR) {
  }
}

}  // namespace

Pump::Pump(asio::io_context& io, UniqueFd source, UniqueFd sink)
    : source_(make_end(io, std::move(source), EPOLLIN)),
      sink_(make_end(io, std::move(sink), EPOLLOUT)) {}

Pump::End Pump::make_end(asio::io_context& io, UniqueFd fd, std::uint32_t event) {
  // asio makes what it waits for non-blocking, and with it the caller's descriptor.
  End end = {std::move(fd), Watched(io)};
  UniqueFd watched(epoll_create1(EPOLL_CLOEXEC));
  epoll_event wanted = {.events = event, .data = {}};
  asio::error_code failure;
  if (watched && epoll_ctl(watched.get(), EPOLL_CTL_ADD, end.fd.get(), &wanted) == 0) {
    end.watched.assign(watched.release(), failure);
  }
  return end;
}

void Pump::start() { await_next(); }

void Pump::await_next() {
  if (!sink_.fd) return;
  End& end = begin_ == end_ ? source_ : sink_;
  end.watched.async_wait(Watched::wait_read, [this](asio::error_code failure) {
    if (failure == asio::error::operation_aborted) return;
    // Other failures say that there is nothing to wait for: a file.
    carry();
    await_next();
  });
}

void Pump::carry() {
  if (begin_ == end_) {
    fill();
  } else {
    drain();
  }
}

void Pump::fill() {
  const ssize_t count = read(source_.fd.get(), bytes_.data(), bytes_.size());
  if (count <= 0 && !(count < 0 && is_transient(errno))) return close();
  begin_ = 0;
  end_ = count < 0 ? 0 : static_cast<std::size_t>(count);
}

void Pump::drain() {
  // A pipe that is ready takes this much without blocking (pipe(7)).
  const std::size_t most = is_file(sink_.fd.get()) ? bytes_.size() : PIPE_BUF;
  const ssize_t count =
      write(sink_.fd.get(), bytes_.data() + begin_, std::min(end_ - begin_, most));
  if (count < 0 && !is_transient(errno)) {
    error_ = errno;
    return close();
  }
  if (count > 0) begin_ += static_cast<std::size_t>(count);
}

void Pump::close() {
  for (End* end : {&source_, &sink_}) {
    asio::error_code ignored;
    end->watched.close(ignored);
    end->fd.reset();
  }
}

Status Pump::finish() {
  while (sink_.fd) {
    const bool was_empty = begin_ == end_;
    if (!was_empty) wait_until_writable(sink_.fd.get());
    carry();
    if (was_empty && begin_ == end_) close();
  }
  if (error_ != 0) return Error{std::strerror(error_)};
  return ok();
}

}  // namespace srt
