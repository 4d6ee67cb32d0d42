#include "proxy/server/ares_resolver.h"

#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <map>
#include <span>
#include <utility>
#include <variant>

namespace srt::net {

namespace {

// Each server is asked this often; c-ares doubles the wait with each round.
constexpr int kTries = 2;

std::vector<IpAddress> addresses_of(const ares_addrinfo& info) {
  std::vector<IpAddress> addresses;
  for (const ares_addrinfo_node* node = info.nodes; node != nullptr; node = node->ai_next) {
    const uint8_t* bytes = nullptr;
    size_t size = 0;
    if (node->ai_family == AF_INET) {
      bytes = reinterpret_cast<const uint8_t*>(
          &reinterpret_cast<const sockaddr_in*>(node->ai_addr)->sin_addr);
      size = IpAddress::kV4Bytes;
    } else if (node->ai_family == AF_INET6) {
      bytes = reinterpret_cast<const uint8_t*>(
          &reinterpret_cast<const sockaddr_in6*>(node->ai_addr)->sin6_addr);
      size = IpAddress::kV6Bytes;
    } else {
      continue;
    }
    const IpAddress address = *IpAddress::from_bytes(std::span(bytes, size));
    if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
  }
  return addresses;
}

class AresResolver : public Resolver {
 public:
  AresResolver(asio::io_context& io, std::chrono::milliseconds timeout, std::string servers)
      : io_(io), timer_(io), timeout_(timeout), servers_(std::move(servers)) {}

  ~AresResolver() override {
    if (channel_ != nullptr) ares_destroy(channel_);
  }

  void resolve(const HostName& name, std::function<void(Resolution)> done) override {
    if (const int status = open_channel(); status != ARES_SUCCESS) {
      done({Resolution::Outcome::failed, {}, ares_strerror(status)});
      return;
    }
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_flags = ARES_AI_NOSORT;
    auto* owned = new std::function<void(Resolution)>(std::move(done));
    ares_getaddrinfo(channel_, name.text().c_str(), nullptr, &hints, &AresResolver::on_answer,
                     owned);
    arm_timer();
  }

 private:
  // A socket of c-ares in the event loop. c-ares closes it, so it is released, never closed here.
  struct Watched {
    Watched(asio::io_context& io, ares_socket_t fd) : descriptor(io) {
      // Where that fails the waits fail, and the look-up times out.
      std::error_code ignored;
      descriptor.assign(fd, ignored);
    }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    ~Watched() { descriptor.release(); }

    asio::posix::stream_descriptor descriptor;
    bool readable_wanted = false;
    bool writable_wanted = false;
    bool read_pending = false;
    bool write_pending = false;
  };

  int open_channel() {
    if (channel_ != nullptr) return ARES_SUCCESS;
    ares_options options{};
    // With the doubled second wait, the tries of one server sum up to the whole time.
    options.timeout = static_cast<int>(timeout_.count() / 3);
    options.tries = kTries;
    std::string lookups = "fb";  // the hosts file, then name servers
    options.lookups = lookups.data();
    options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
      static_cast<AresResolver*>(self)->on_socket_state(fd, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    constexpr int kMask =
        ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
    const int status = ares_init_options(&channel_, &options, kMask);
    if (status != ARES_SUCCESS || servers_.empty()) return status;
    return ares_set_servers_ports_csv(channel_, servers_.c_str());
  }

  static void on_answer(void* argument, int status, int /*timeouts*/, ares_addrinfo* info) {
    const std::unique_ptr<std::function<void(Resolution)>> done(
        static_cast<std::function<void(Resolution)>*>(argument));
    Resolution resolution;
    if (status == ARES_SUCCESS && info != nullptr) resolution.addresses = addresses_of(*info);
    if (info != nullptr) ares_freeaddrinfo(info);
    if (!resolution.addresses.empty()) {
      resolution.outcome = Resolution::Outcome::found;
    } else if (status == ARES_ETIMEOUT) {
      resolution = {Resolution::Outcome::timed_out, {}, "no name server answered in time"};
    } else if (status == ARES_ENOTFOUND) {
      resolution.reason = "there is no such name";
    } else if (status == ARES_SUCCESS || status == ARES_ENODATA) {
      resolution.reason = "the name has no address";
    } else if (status == ARES_ECONNREFUSED) {
      resolution.reason = "no name server could be asked";
    } else {
      resolution.reason = ares_strerror(status);
    }
    (*done)(std::move(resolution));
  }

  void on_socket_state(ares_socket_t fd, bool readable, bool writable) {
    if (!readable && !writable) {
      watched_.erase(fd);
      return;
    }
    std::shared_ptr<Watched>& watched = watched_[fd];
    if (!watched) watched = std::make_shared<Watched>(io_, fd);
    watched->readable_wanted = readable;
    watched->writable_wanted = writable;
    wait(fd, watched);
  }

  void wait(ares_socket_t fd, const std::shared_ptr<Watched>& watched) {
    using Descriptor = asio::posix::stream_descriptor;
    if (watched->readable_wanted && !watched->read_pending) {
      watched->read_pending = true;
      watched->descriptor.async_wait(
          Descriptor::wait_read, [this, fd, weak = std::weak_ptr(watched)](std::error_code error) {
            if (error || weak.expired()) return;
            weak.lock()->read_pending = false;
            on_ready(fd, weak, fd, ARES_SOCKET_BAD);
          });
    }
    if (watched->writable_wanted && !watched->write_pending) {
      watched->write_pending = true;
      watched->descriptor.async_wait(
          Descriptor::wait_write, [this, fd, weak = std::weak_ptr(watched)](std::error_code error) {
            if (error || weak.expired()) return;
            weak.lock()->write_pending = false;
            on_ready(fd, weak, ARES_SOCKET_BAD, fd);
          });
    }
  }

  // `weak` expires when c-ares closes the socket, at the latest with the resolver: whoever waited
  // looks at it before he touches either.
  void on_ready(ares_socket_t fd, const std::weak_ptr<Watched>& weak, ares_socket_t readable,
                ares_socket_t writable) {
    ares_process_fd(channel_, readable, writable);
    if (const std::shared_ptr<Watched> still = weak.lock()) wait(fd, still);
    arm_timer();
  }

  void arm_timer() {
    timeval buffer{};
    const timeval* next = ares_timeout(channel_, nullptr, &buffer);
    if (next == nullptr) {
      timer_.cancel();
      return;
    }
    timer_.expires_after(std::chrono::seconds(next->tv_sec) +
                         std::chrono::microseconds(next->tv_usec));
    timer_.async_wait([this, weak = std::weak_ptr(alive_)](std::error_code error) {
      if (error || weak.expired()) return;
      ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      arm_timer();
    });
  }

  asio::io_context& io_;
  // Expires with the resolver, whose timer may have gone off without having been handled.
  std::shared_ptr<std::monostate> alive_ = std::make_shared<std::monostate>();
  asio::steady_timer timer_;
  std::chrono::milliseconds timeout_;
  std::string servers_;
  ares_channel channel_ = nullptr;
  std::map<ares_socket_t, std::shared_ptr<Watched>> watched_;
};

}  // namespace

std::unique_ptr<Resolver> make_ares_resolver(asio::io_context& io,
                                             std::chrono::milliseconds timeout,
                                             std::string servers) {
  return std::make_unique<AresResolver>(io, timeout, std::move(servers));
}

}  // namespace srt::net

// c-ares names services by the C library, which loads modules of the host's for that even in a
// static program: code of another version, and 0.2 MB here. We ask for addresses only, with ports
// in numbers. So these stand in the library's place, and know no service.

extern "C" {

servent* getservbyname(const char* /*name*/, const char* /*protocol*/) { return nullptr; }

int getservbyport_r(int /*port*/, const char* /*protocol*/, servent* /*entry*/, char* /*buffer*/,
                    size_t /*size*/, servent** result) {
  *result = nullptr;
  return 0;
}

}  // extern "C"
