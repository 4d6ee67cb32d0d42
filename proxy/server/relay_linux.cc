#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <functional>
#include <memory>

#include "proxy/server/proxy_state.h"
#include "proxy/server/relay.h"
#include "proxy/server/session.h"

namespace srt::net {

namespace {

using asio::ip::tcp;

// The largest pipe that a process without CAP_SYS_RESOURCE may ask for by default
// (/proc/sys/fs/pipe-max-size, pipe(7)). The default of 64 KiB makes splice slower than copying.
constexpr int kPipeBytes = 1024 * 1024;

// Pipes kept for the next relay; an idle one costs two descriptors and no pages.
constexpr size_t kMaxIdlePipes = 32;

// Bytes moved before the other connections get their turn.
constexpr uint64_t kTurnBytes = uint64_t{8} * 1024 * 1024;

// Moves bytes one way. It keeps itself alive by the handlers it waits with; the session outlives
// these, as whoever started the pump waits for its end.
class Pump : public std::enable_shared_from_this<Pump> {
 public:
  Pump(Session& session, tcp::socket& source, tcp::socket& sink, uint64_t limit,
       std::chrono::milliseconds idle_time)
      : session_(session), source_(source), sink_(sink), limit_(limit), idle_time_(idle_time) {}

  // `done` is called once, never before `start` returned.
  void start(std::function<void(Transfer)> done) {
    done_ = std::move(done);
    for (tcp::socket* socket : {&source_, &sink_}) {
      std::error_code ignored;
      if (!socket->native_non_blocking()) socket->native_non_blocking(true, ignored);
    }
    session_.set_deadline(idle_time_);
    take_turn_later();
  }

 private:
  enum class Step : unsigned char { again, waits, ended };

  void take_turn_later() {
    asio::post(session_.state().io, [self = shared_from_this()] { self->take_turn(); });
  }

  void take_turn() {
    const uint64_t turn_end = result_.moved + kTurnBytes;
    while (result_.moved < turn_end) {
      const Step step = in_pipe_ > 0 ? drain() : fill();
      if (step == Step::waits) return;
      if (step == Step::ended) {
        finish();
        return;
      }
    }
    take_turn_later();
  }

  Step fill() {
    // Whoever closed the sink could not wake this one while it did not wait yet.
    if (!sink_.is_open()) {
      result_.sink_failed = true;
      return Step::ended;
    }
    if (result_.moved == limit_) return Step::ended;
    if (!pipe_) pipe_ = session_.state().pipes.take();
    if (!pipe_) {
      wait_for_descriptors();
      return Step::waits;
    }
    const auto wanted = static_cast<size_t>(std::min<uint64_t>(limit_ - result_.moved, kPipeBytes));
    const ssize_t count = splice(source_.native_handle(), nullptr, pipe_->write_end.get(), nullptr,
                                 wanted, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (count > 0) {
      in_pipe_ = static_cast<size_t>(count);
      return Step::again;
    }
    if (count == 0) return Step::ended;
    if (errno == EINTR) return Step::again;
    if (errno == EAGAIN) {
      give_pipe_back();
      wait_for(source_, tcp::socket::wait_read, result_.source_failed);
      return Step::waits;
    }
    result_.source_failed = true;
    return Step::ended;
  }

  Step drain() {
    const ssize_t count = splice(pipe_->read_end.get(), nullptr, sink_.native_handle(), nullptr,
                                 in_pipe_, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (count > 0) {
      in_pipe_ -= static_cast<size_t>(count);
      result_.moved += static_cast<uint64_t>(count);
      session_.set_deadline(idle_time_);
      return Step::again;
    }
    if (count < 0 && errno == EINTR) return Step::again;
    if (count < 0 && errno == EAGAIN) {
      wait_for(sink_, tcp::socket::wait_write, result_.sink_failed);
      return Step::waits;
    }
    result_.sink_failed = true;
    return Step::ended;
  }

  void wait_for(tcp::socket& socket, tcp::socket::wait_type what, bool& failed) {
    socket.async_wait(what, [self = shared_from_this(), &failed](std::error_code error) {
      if (!error) {
        self->take_turn();
        return;
      }
      failed = true;
      self->finish();
    });
  }

  void wait_for_descriptors() {
    auto pause = std::make_shared<asio::steady_timer>(session_.state().io, kShortageTime);
    pause->async_wait([self = shared_from_this(), pause](std::error_code) { self->take_turn(); });
  }

  void give_pipe_back() {
    if (pipe_) session_.state().pipes.give(*std::move(pipe_));
    pipe_.reset();
  }

  void finish() {
    // A pipe that still holds bytes must not reach another relay.
    if (in_pipe_ > 0) pipe_.reset();
    give_pipe_back();
    std::exchange(done_, nullptr)(result_);
  }

  Session& session_;
  tcp::socket& source_;
  tcp::socket& sink_;
  uint64_t limit_;
  std::chrono::milliseconds idle_time_;
  std::optional<Pipe> pipe_;
  size_t in_pipe_ = 0;
  Transfer result_;
  std::function<void(Transfer)> done_;
};

}  // namespace

std::optional<Pipe> PipePool::take() {
  if (!idle_.empty()) {
    Pipe pipe = std::move(idle_.back());
    idle_.pop_back();
    return pipe;
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return std::nullopt;
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  // Refused when the user's pipes hold too many pages already; the smaller pipe works too.
  (void)fcntl(pipe.write_end.get(), F_SETPIPE_SZ, kPipeBytes);
  return pipe;
}

void PipePool::give(Pipe pipe) {
  if (idle_.size() < kMaxIdlePipes) idle_.push_back(std::move(pipe));
}

asio::awaitable<Transfer> transfer(Session& session, tcp::socket& source, tcp::socket& sink,
                                   uint64_t limit) {
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(Transfer)>(
      [&session, &source, &sink, limit](auto handler) {
        // It owns who waits for it, who must not own it in turn: a loop that ends early would leave
        // both.
        const auto pump =
            std::make_shared<Pump>(session, source, sink, limit, session.limits().idle_time);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        pump->start([shared](Transfer result) { std::move (*shared)(result); });
      },
      asio::use_awaitable);
}

namespace {

// The directions of a tunnel: how many run, and whom to wake when none does.
struct Directions {
  int running = 0;
  std::function<void()> ended;
};

void start_direction(Session& session, tcp::socket& source, tcp::socket& sink,
                     const std::shared_ptr<Directions>& directions) {
  const auto pump =
      std::make_shared<Pump>(session, source, sink, kUntilEnd, session.limits().tunnel_idle_time);
  ++directions->running;
  pump->start([&session, &sink, directions](Transfer result) {
    if (result.source_failed || result.sink_failed) {
      session.abort();
    } else {
      std::error_code ignored;
      sink.shutdown(tcp::socket::shutdown_send, ignored);
    }
    if (--directions->running == 0 && directions->ended) {
      std::exchange(directions->ended, nullptr)();
    }
  });
}

// Waits until none of them runs; one does.
asio::awaitable<void> end_of(Directions& directions) {
  return asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
      [&directions](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        directions.ended = [shared] { std::move (*shared)(); };
      },
      asio::use_awaitable);
}

}  // namespace

asio::awaitable<void> tunnel(Session& session, asio::awaitable<bool> admission) {
  auto directions = std::make_shared<Directions>();
  start_direction(session, session.server->socket, session.client.socket, directions);
  const bool admitted = co_await std::move(admission);
  if (admitted) {
    start_direction(session, session.client.socket, session.server->socket, directions);
  }
  if (directions->running == 0) co_return;
  // Those that run own it from here on, and whoever waits for them by it.
  Directions& left = *directions;
  directions.reset();
  co_await end_of(left);
}

}  // namespace srt::net
