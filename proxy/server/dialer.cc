#include "proxy/server/dialer.h"

#include <algorithm>
#include <array>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "proxy/server/look_up.h"
#include "proxy/server/proxy_state.h"

namespace srt::net {

namespace {

using asio::ip::tcp;

// Addresses tried for one name, which may have hundreds, and how many of them may be silent at
// once: each holds a descriptor.
constexpr size_t kMaxAttempts = 128;
constexpr size_t kMaxSilent = 16;

constexpr std::array kLoopback = {kLoopback4, kLoopback6};

tcp::endpoint endpoint_of(const IpAddress& address, uint16_t port) {
  if (address.is_v4()) {
    asio::ip::address_v4::bytes_type bytes{};
    std::ranges::copy(address.bytes(), bytes.begin());
    return {asio::ip::address_v4(bytes), port};
  }
  asio::ip::address_v6::bytes_type bytes{};
  std::ranges::copy(address.bytes(), bytes.begin());
  return {asio::ip::address_v6(bytes), port};
}

// Lets the families take turns, IPv6 first, each in its own order.
std::vector<IpAddress> interleave(const std::vector<IpAddress>& addresses) {
  std::vector<IpAddress> six;
  std::vector<IpAddress> four;
  for (const IpAddress& address : addresses) (address.is_v4() ? four : six).push_back(address);
  std::vector<IpAddress> order;
  for (size_t i = 0; i < std::max(six.size(), four.size()); ++i) {
    if (i < six.size()) order.push_back(six[i]);
    if (i < four.size()) order.push_back(four[i]);
  }
  order.resize(std::min(order.size(), kMaxAttempts), IpAddress::v4(0));
  return order;
}

struct RaceResult {
  std::optional<tcp::socket> socket;
  std::error_code error;
};

// Dials addresses one after another, each as soon as the one before failed or was silent for a
// while; the first to connect wins and the others are dropped.
class DialRace : public std::enable_shared_from_this<DialRace> {
 public:
  DialRace(asio::io_context& io, std::vector<tcp::endpoint> endpoints, const ProxyLimits& limits)
      : io_(io),
        endpoints_(std::move(endpoints)),
        stagger_(io),
        deadline_(io),
        stagger_time_(limits.dial_stagger),
        total_time_(limits.dial_time) {}

  // `done` is called once, never before `start` returned.
  void start(std::function<void(RaceResult)> done) {
    done_ = std::move(done);
    deadline_.expires_after(total_time_);
    deadline_.async_wait([self = shared_from_this()](std::error_code error) {
      if (!error) self->finish({std::nullopt, asio::error::timed_out});
    });
    asio::post(io_, [self = shared_from_this()] { self->next(); });
  }

 private:
  void next() {
    if (!done_ || sockets_.size() == endpoints_.size()) return;
    if (sockets_.size() - failed_ == kMaxSilent) return;  // until one of them fails
    const size_t index = sockets_.size();
    sockets_.push_back(std::make_unique<tcp::socket>(io_));
    tcp::socket& socket = *sockets_.back();
    std::error_code error;
    socket.open(endpoints_[index].protocol(), error);
    if (error) {
      attempt_failed(error);
      return;
    }
    socket.async_connect(endpoints_[index], [self = shared_from_this(), index](std::error_code e) {
      if (!self->done_) return;
      if (e) {
        std::error_code ignored;
        self->sockets_[index]->close(ignored);
        self->attempt_failed(e);
      } else {
        // A proxy adds no delay of its own to small writes.
        std::error_code ignored;
        self->sockets_[index]->set_option(tcp::no_delay(true), ignored);
        self->finish({std::move(*self->sockets_[index]), {}});
      }
    });
    if (sockets_.size() == endpoints_.size()) return;
    stagger_.expires_after(stagger_time_);
    stagger_.async_wait([self = shared_from_this()](std::error_code e) {
      if (!e) self->next();
    });
  }

  void attempt_failed(std::error_code error) {
    if (++failed_ == endpoints_.size()) {
      finish({std::nullopt, error});
      return;
    }
    stagger_.cancel();
    next();
  }

  void finish(RaceResult result) {
    if (!done_) return;
    stagger_.cancel();
    deadline_.cancel();
    for (const auto& socket : sockets_) {
      std::error_code ignored;
      socket->close(ignored);
    }
    std::exchange(done_, nullptr)(std::move(result));
  }

  asio::io_context& io_;
  std::vector<tcp::endpoint> endpoints_;
  std::vector<std::unique_ptr<tcp::socket>> sockets_;
  asio::steady_timer stagger_;
  asio::steady_timer deadline_;
  std::chrono::milliseconds stagger_time_;
  std::chrono::milliseconds total_time_;
  size_t failed_ = 0;
  std::function<void(RaceResult)> done_;
};

asio::awaitable<RaceResult> race(ProxyState& state, std::vector<tcp::endpoint> endpoints) {
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(RaceResult)>(
      [&state, list = std::move(endpoints)](auto handler) mutable {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        std::make_shared<DialRace>(state.io, std::move(list), state.options.limits)
            ->start([shared](RaceResult result) { std::move (*shared)(std::move(result)); });
      },
      asio::use_awaitable);
}

using Checked = std::variant<std::vector<IpAddress>, Refusal>;

// The addresses of a host: of a literal itself, of localhost loopback, of other names what the
// resolver finds.
asio::awaitable<Checked> addresses_of(ProxyState& state, const Authority& asked) {
  if (const auto* address = std::get_if<IpAddress>(&asked.host)) {
    co_return std::vector<IpAddress>{*address};
  }
  const auto& name = std::get<HostName>(asked.host);
  if (name.is_localhost()) {
    co_return std::vector<IpAddress>(kLoopback.begin(), kLoopback.end());
  }
  Resolution resolution = co_await look_up(state, name);
  if (resolution.outcome == Resolution::Outcome::found) co_return std::move(resolution.addresses);
  const bool timed_out = resolution.outcome == Resolution::Outcome::timed_out;
  co_return not_resolved(asked.host, asked.port,
                         timed_out ? RefusalKind::resolve_timeout : RefusalKind::not_resolved,
                         resolution.reason);
}

// Those addresses of a host that may be dialed, at least one.
asio::awaitable<Checked> checked_addresses(ProxyState& state, const Authority& asked) {
  Checked found = co_await addresses_of(state, asked);
  if (std::holds_alternative<Refusal>(found)) co_return found;
  std::optional<Refusal> refused;
  std::vector<IpAddress> passed;
  for (const IpAddress& address : std::get<std::vector<IpAddress>>(found)) {
    const AddressVerdict verdict =
        check_resolved_address(state.policy, asked.host, address, asked.port, state.options.is_own);
    if (verdict.allowed()) {
      passed.push_back(address);
    } else if (!refused) {
      refused = blocked_address(asked.host, asked.port, address, verdict);
    }
  }
  if (passed.empty()) co_return *std::move(refused);
  co_return passed;
}

std::vector<tcp::endpoint> endpoints_of(const std::vector<IpAddress>& addresses, uint16_t port) {
  std::vector<tcp::endpoint> endpoints;
  for (const IpAddress& address : interleave(addresses)) {
    endpoints.push_back(endpoint_of(address, port));
  }
  return endpoints;
}

std::string reason_of(const RaceResult& result) {
  return result.error == asio::error::timed_out ? "no answer" : result.error.message();
}

// The address that a socket is connected to.
std::optional<IpAddress> address_of(const tcp::socket& socket) {
  std::error_code error;
  const tcp::endpoint endpoint = socket.remote_endpoint(error);
  if (error) return std::nullopt;
  if (endpoint.address().is_v4()) {
    return IpAddress::from_bytes(endpoint.address().to_v4().to_bytes());
  }
  return IpAddress::from_bytes(endpoint.address().to_v6().to_bytes());
}

asio::awaitable<Dialed> dial_addresses(ProxyState& state, Authority asked,
                                       std::vector<IpAddress> addresses) {
  RaceResult result = co_await race(state, endpoints_of(addresses, asked.port));
  if (!result.socket) {
    const bool timed_out = result.error == asio::error::timed_out;
    co_return not_connected(asked.host, asked.port,
                            timed_out ? RefusalKind::connect_timeout : RefusalKind::not_connected,
                            reason_of(result));
  }
  std::optional<IpAddress> address = address_of(*result.socket);
  co_return Route{Peer(*std::move(result.socket)), address};
}

// The address that the upstream proxy is to be asked for in the place of a name; none where the
// name will do.
asio::awaitable<std::variant<std::optional<IpAddress>, Refusal>> address_for_upstream(
    ProxyState& state, const Authority& asked) {
  const bool literal = std::holds_alternative<IpAddress>(asked.host);
  if (!literal && !state.policy.denies_addresses(asked.port)) co_return std::nullopt;
  Checked checked = co_await checked_addresses(state, asked);
  if (auto* refusal = std::get_if<Refusal>(&checked)) {
    if (!is_blocked(refusal->kind)) {
      refusal->help =
          "the policy denies addresses, so names are looked up here before the upstream proxy is "
          "asked; allow the address itself, or leave those rules out";
    }
    co_return std::move(*refusal);
  }
  const auto& addresses = std::get<std::vector<IpAddress>>(checked);
  const auto four = std::ranges::find_if(addresses, &IpAddress::is_v4);
  co_return four == addresses.end() ? addresses.front() : *four;
}

asio::awaitable<Dialed> dial_upstream(ProxyState& state, Authority asked, Traffic traffic) {
  const Upstream& upstream = *state.options.upstream;
  const std::string name = to_string(upstream);
  auto target = co_await address_for_upstream(state, asked);
  if (auto* refusal = std::get_if<Refusal>(&target)) co_return std::move(*refusal);
  std::optional<IpAddress> address = std::get<std::optional<IpAddress>>(target);

  // Whoever named the upstream proxy meant its address, whatever that is.
  const Authority proxy{upstream.host, upstream.port};
  Checked found = co_await addresses_of(state, proxy);
  if (std::holds_alternative<Refusal>(found)) {
    co_return upstream_failed(asked.host, asked.port, name, "cannot be resolved");
  }
  const auto& addresses = std::get<std::vector<IpAddress>>(found);
  RaceResult result = co_await race(state, endpoints_of(addresses, upstream.port));
  if (!result.socket) {
    const std::string reason = "cannot be reached: " + reason_of(result);
    co_return upstream_failed(asked.host, asked.port, name, reason);
  }
  Route route{Peer(*std::move(result.socket)), address};
  const bool by_name = !route.address || std::holds_alternative<IpAddress>(asked.host);
  if (traffic == Traffic::http_requests && by_name) {
    route.absolute_form = true;
    co_return route;
  }
  Authority tunneled = asked;
  if (route.address) tunneled.host = *route.address;
  const std::optional<std::string> failure =
      co_await open_upstream_tunnel(state, route.peer, tunneled);
  if (failure) co_return upstream_failed(asked.host, asked.port, name, *failure);
  co_return route;
}

}  // namespace

std::optional<Refusal> judge(const ProxyState& state, const Authority& asked) {
  const HostDecision decision = state.policy.decide(asked.host, asked.port);
  if (decision.effect == Effect::allow) return std::nullopt;
  return blocked(asked.host, asked.port, decision);
}

std::optional<Refusal> judge(const ProxyState& state, const Authority& asked,
                             const std::optional<IpAddress>& address) {
  std::optional<Refusal> refusal = judge(state, asked);
  if (refusal) return refusal;
  if (!address) {
    if (!state.policy.denies_addresses(asked.port)) return std::nullopt;
    return Refusal{RefusalKind::blocked, to_authority(asked.host, asked.port),
                   "the policy denies addresses now, and the address of this connection is known "
                   "to the upstream proxy alone",
                   "connect again"};
  }
  const AddressVerdict verdict =
      check_resolved_address(state.policy, asked.host, *address, asked.port, state.options.is_own);
  if (verdict.allowed()) return std::nullopt;
  return blocked_address(asked.host, asked.port, *address, verdict);
}

namespace {

asio::awaitable<Dialed> dial_directly(ProxyState& state, Authority asked) {
  Checked checked = co_await checked_addresses(state, asked);
  if (auto* refusal = std::get_if<Refusal>(&checked)) co_return std::move(*refusal);
  co_return co_await dial_addresses(state, std::move(asked),
                                    std::get<std::vector<IpAddress>>(std::move(checked)));
}

}  // namespace

asio::awaitable<Dialed> dial(ProxyState& state, Authority asked, Traffic traffic) {
  const uint64_t policy_before = state.policy_number;
  Dialed dialed = Refusal{};
  if (state.options.upstream && !state.options.direct.contains(asked.host)) {
    dialed = co_await dial_upstream(state, asked, traffic);
  } else {
    dialed = co_await dial_directly(state, asked);
  }
  const auto* route = std::get_if<Route>(&dialed);
  if (route != nullptr && policy_before != state.policy_number) {
    std::optional<Refusal> refusal = judge(state, asked, route->address);
    if (refusal) co_return *std::move(refusal);
  }
  co_return dialed;
}

asio::awaitable<Dialed> dial_loopback(ProxyState& state, uint16_t port) {
  std::vector<IpAddress> addresses(kLoopback.begin(), kLoopback.end());
  Authority asked{kLoopback.front(), port};
  co_return co_await dial_addresses(state, std::move(asked), std::move(addresses));
}

}  // namespace srt::net
