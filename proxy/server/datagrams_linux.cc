#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/udp.hpp>
#include <cerrno>
#include <cstring>

#include "proxy/server/name_server.h"
#include "proxy/server/proxy_state.h"

namespace srt::net {

namespace {

using asio::ip::udp;

// Answered before the connections get their turn.
constexpr int kTurn = 64;

// Datagrams whose names are being looked up; further ones are dropped, and come again.
constexpr int kMaxWaiting = 256;

// A datagram's two ends, as the kernel tells them and takes them back.
struct Ends {
  sockaddr_storage asker = {};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> asked = {};
  iovec part = {};
  // Of the two above, what has come.
  socklen_t asker_size = sizeof(asker);
  size_t asked_size = sizeof(asked);

  // The message that receives into, or sends from, `bytes`.
  msghdr message(std::span<uint8_t> bytes) {
    part = {.iov_base = bytes.data(), .iov_len = bytes.size()};
    msghdr header = {};
    header.msg_name = &asker;
    header.msg_namelen = asker_size;
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = asked.data();
    header.msg_controllen = asked_size;
    return header;
  }
};

// Whichever interface it came by, the answer finds its way: there is one.
void forget_interface(msghdr& header) {
  cmsghdr* info = CMSG_FIRSTHDR(&header);
  if (info == nullptr) return;
  if (info->cmsg_level == IPPROTO_IP && info->cmsg_type == IP_PKTINFO) {
    in_pktinfo v4;
    std::memcpy(&v4, CMSG_DATA(info), sizeof(v4));
    v4.ipi_ifindex = 0;
    v4.ipi_spec_dst = v4.ipi_addr;  // the source of what is sent
    std::memcpy(CMSG_DATA(info), &v4, sizeof(v4));
  }
}

class DatagramServer : public std::enable_shared_from_this<DatagramServer> {
 public:
  DatagramServer(std::shared_ptr<ProxyState> state, udp::socket& socket)
      : state_(std::move(state)), socket_(socket) {}

  void wait() {
    socket_.async_wait(udp::socket::wait_read, [self = shared_from_this()](std::error_code error) {
      if (error || self->state_->stopped) return;
      for (int i = 0; i < kTurn && self->answer_one(); ++i) {
      }
      self->wait();
    });
  }

 private:
  // False when nothing is left to answer.
  bool answer_one() {
    std::array<uint8_t, kMaxLookUp> buffer;
    Ends ends;
    msghdr received = ends.message(buffer);
    const ssize_t size = recvmsg(socket_.native_handle(), &received, MSG_DONTWAIT);
    if (size < 0) return errno == EINTR;
    ends.asker_size = received.msg_namelen;
    ends.asked_size = received.msg_controllen;
    DnsOutcome outcome = judge_look_up(*state_, std::span(buffer).first(static_cast<size_t>(size)));
    if (!is_searched(*state_, outcome)) {
      send(ends, outcome.response);
    } else if (waiting_ < kMaxWaiting) {
      ++waiting_;
      asio::co_spawn(state_->io, answer_later(shared_from_this(), ends, std::move(outcome)),
                     asio::detached);
    }
    return true;
  }

  static asio::awaitable<void> answer_later(std::shared_ptr<DatagramServer> self, Ends ends,
                                            DnsOutcome outcome) {
    std::vector<uint8_t> answer = co_await find_out(*self->state_, std::move(outcome));
    --self->waiting_;
    if (!self->state_->stopped) self->send(ends, answer);
  }

  // Like every datagram it may be lost; the asker tries again.
  void send(Ends& ends, std::vector<uint8_t>& answer) {
    if (answer.empty()) return;
    msghdr message = ends.message(answer);
    forget_interface(message);
    sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  std::shared_ptr<ProxyState> state_;
  udp::socket& socket_;
  int waiting_ = 0;
};

bool set_flag(int socket, int level, int name) {
  const int one = 1;
  return setsockopt(socket, level, name, &one, sizeof(one)) == 0;
}

}  // namespace

Status answer_datagrams(const std::shared_ptr<ProxyState>& state, UniqueFd socket) {
  int family = 0;
  socklen_t size = sizeof(family);
  if (getsockopt(socket.get(), SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) {
    return Error{std::string("a name server's socket: ") + std::strerror(errno)};
  }
  // The asked address is none of an interface's own, but routed to it.
  const bool ready = family == AF_INET ? set_flag(socket.get(), IPPROTO_IP, IP_PKTINFO)
                                       : set_flag(socket.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO) &&
                                             set_flag(socket.get(), IPPROTO_IPV6, IPV6_FREEBIND);
  if (!ready) return Error{std::string("a name server's socket: ") + std::strerror(errno)};
  udp::socket datagrams(state->io);
  std::error_code error;
  datagrams.assign(family == AF_INET ? udp::v4() : udp::v6(), socket.get(), error);
  if (error) return Error{"a name server's socket: " + error.message()};
  socket.release();
  state->name_servers.push_back(std::move(datagrams));
  std::make_shared<DatagramServer>(state, state->name_servers.back())->wait();
  return ok();
}

}  // namespace srt::net
