#include "runtime/run/live_update.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace srt {
namespace {

constexpr std::size_t kMaxLine = PATH_MAX;

using Watched = asio::posix::stream_descriptor;

Error watch_error(const std::string& reason) { return {"cannot watch for new rules: " + reason}; }

}  // namespace

LiveUpdate::LiveUpdate(asio::io_context& io, std::string bundle, Apply apply, Fail fail)
    : bundle_(std::move(bundle)),
      apply_(std::move(apply)),
      fail_(std::move(fail)),
      control_(io),
      signals_(io) {}

Status LiveUpdate::start(UniqueFd control, UniqueFd signals) {
  asio::error_code failure;
  signals_.assign(signals.get(), failure);
  if (failure) return watch_error(failure.message());
  signals.release();
  await_signals();
  if (!control) return ok();
  control_.assign(control.get(), failure);
  if (failure) return watch_error(failure.message());
  control.release();
  await_lines();
  return ok();
}

void LiveUpdate::stop() {
  asio::error_code ignored;
  control_.close(ignored);
  signals_.close(ignored);
}

void LiveUpdate::await_lines() {
  control_.async_wait(Watched::wait_read, [this](asio::error_code failure) {
    if (failure == asio::error::operation_aborted) return;
    if (!failure && read_lines()) return await_lines();
    if (!line_.empty()) {
      fail_(line_, Error{"the line on the control descriptor has no end"});
    }
    asio::error_code ignored;
    control_.close(ignored);
  });
}

// Whether more can come.
bool LiveUpdate::read_lines() {
  std::array<char, kMaxLine> buffer;
  const ssize_t size = read(control_.native_handle(), buffer.data(), buffer.size());
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  take({buffer.data(), static_cast<std::size_t>(size)});
  return size > 0;
}

void LiveUpdate::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    if (!line_is_long_) line_ += bytes.substr(0, end);
    if (line_.size() > kMaxLine) {
      line_is_long_ = true;
      line_.resize(kMaxLine);
    }
    if (end == bytes.size()) return;
    bytes.remove_prefix(end + 1);
    const std::string line = std::exchange(line_, {});
    if (std::exchange(line_is_long_, false)) {
      fail_(line.substr(0, 40) + "…", Error{"the line is longer than a path can be"});
    } else {
      apply_(line);
    }
  }
}

void LiveUpdate::await_signals() {
  signals_.async_wait(Watched::wait_read, [this](asio::error_code failure) {
    if (failure) return;
    // Of a signalfd(2) no less than the whole of one signal can be read.
    std::array<char, 1024> ignored;
    bool came = false;
    while (read(signals_.native_handle(), ignored.data(), ignored.size()) > 0) came = true;
    if (came) apply_(bundle_);
    await_signals();
  });
}

}  // namespace srt
