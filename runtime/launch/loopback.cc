#include "runtime/launch/loopback.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace srt {
namespace {

// net/core/dev.c: the loopback device is the first of every network namespace.
constexpr std::uint32_t kLoopbackIndex = 1;
constexpr std::uint32_t kSandboxAddress = 0xc6120001;  // 198.18.0.1

/// Netlink messages one after another in a fixed buffer.
class Batch {
 public:
  /// Begins a request whose body is `body`.
  template <typename Body>
  void begin(std::uint16_t type, std::uint16_t flags, const Body& body) {
    message_ = used_;
    nlmsghdr header = {};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    header.nlmsg_seq = ++requests_;
    append(&header, sizeof(header));
    append(&body, sizeof(body));
  }

  void attribute(std::uint16_t type, std::uint32_t value) {
    const rtattr header = {.rta_len = RTA_LENGTH(sizeof(value)), .rta_type = type};
    append(&header, sizeof(header));
    append(&value, sizeof(value));
  }

  std::uint32_t requests() const { return requests_; }
  std::span<const std::byte> bytes() const { return {bytes_, used_}; }

 private:
  void append(const void* data, std::size_t size) {
    std::memcpy(bytes_ + used_, data, size);
    used_ += NLMSG_ALIGN(size);
    reinterpret_cast<nlmsghdr*>(bytes_ + message_)->nlmsg_len =
        static_cast<std::uint32_t>(used_ - message_);
  }

  // Four requests of at most 52 bytes each.
  alignas(nlmsghdr) std::byte bytes_[256] = {};
  std::size_t used_ = 0;
  std::size_t message_ = 0;
  std::uint32_t requests_ = 0;
};

void add_local_default_route(Batch& batch, unsigned char family) {
  rtmsg route = {};
  route.rtm_family = family;
  route.rtm_table = RT_TABLE_LOCAL;
  route.rtm_protocol = RTPROT_BOOT;
  route.rtm_scope = RT_SCOPE_HOST;
  route.rtm_type = RTN_LOCAL;
  batch.begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
  batch.attribute(RTA_OIF, kLoopbackIndex);
}

/// Sends `batch` and reads its acknowledgements; returns the first error of a request up to
/// `required`, 0 when there is none.
int transact(int socket, const Batch& batch, std::uint32_t required) {
  if (send(socket, batch.bytes().data(), batch.bytes().size(), 0) < 0) return errno;
  int result = 0;
  for (std::uint32_t answered = 0; answered < batch.requests();) {
    alignas(nlmsghdr) std::byte answers[1024];
    const ssize_t size = recv(socket, answers, sizeof(answers), 0);
    if (size < 0) return errno;
    auto rest = static_cast<unsigned>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(answers); NLMSG_OK(header, rest);
         header = NLMSG_NEXT(header, rest)) {
      if (header->nlmsg_type != NLMSG_ERROR) continue;
      ++answered;
      const int error = -static_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
      if (error != 0 && result == 0 && header->nlmsg_seq <= required) result = error;
    }
  }
  return result;
}

}  // namespace

int set_up_loopback() {
  Batch batch;
  ifinfomsg link = {};
  link.ifi_family = AF_UNSPEC;
  link.ifi_index = kLoopbackIndex;
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  batch.begin(RTM_NEWLINK, 0, link);

  ifaddrmsg address = {};
  address.ifa_family = AF_INET;
  address.ifa_prefixlen = 32;
  address.ifa_scope = RT_SCOPE_UNIVERSE;
  address.ifa_index = kLoopbackIndex;
  batch.begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address);
  batch.attribute(IFA_LOCAL, htonl(kSandboxAddress));
  batch.attribute(IFA_ADDRESS, htonl(kSandboxAddress));

  add_local_default_route(batch, AF_INET);
  const std::uint32_t required = batch.requests();
  add_local_default_route(batch, AF_INET6);

  const int socket_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (socket_fd < 0) return errno;
  const int result = transact(socket_fd, batch, required);
  close(socket_fd);
  return result;
}

}  // namespace srt
