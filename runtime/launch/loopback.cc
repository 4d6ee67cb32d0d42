#include "runtime/launch/loopback.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "runtime/launch/netlink_batch.h"

namespace srt {
namespace {

// net/core/dev.c: the loopback device is the first of every network namespace.
constexpr std::uint32_t kLoopbackIndex = 1;

void add_local_default_route(NetlinkBatch& batch, unsigned char family) {
  rtmsg route = {};
  route.rtm_family = family;
  route.rtm_table = RT_TABLE_LOCAL;
  route.rtm_protocol = RTPROT_BOOT;
  route.rtm_scope = RT_SCOPE_HOST;
  route.rtm_type = RTN_LOCAL;
  batch.begin(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, route);
  batch.attribute(RTA_OIF, kLoopbackIndex);
}

void add_name(NetlinkBatch& batch, const char* name) {
  ifinfomsg link = {};
  link.ifi_family = AF_UNSPEC;
  link.ifi_index = kLoopbackIndex;
  batch.begin(RTM_NEWLINKPROP, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, link);
  const std::size_t list = batch.begin_nest(IFLA_PROP_LIST);
  batch.attribute(IFLA_ALT_IFNAME, name);
  batch.end_nest(list);
}

/// Sends `batch` and reads its acknowledgements; returns the first error of a request up to
/// `required`, 0 when there is none.
int transact(int socket, const NetlinkBatch& batch, std::uint32_t required) {
  if (send(socket, batch.bytes().data(), batch.bytes().size(), 0) < 0) return errno;
  int result = 0;
  for (std::uint32_t answered = 0; answered < batch.messages();) {
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

int set_up_loopback(std::span<const std::string> names) {
  NetlinkBatch batch;
  ifinfomsg link = {};
  link.ifi_family = AF_UNSPEC;
  link.ifi_index = kLoopbackIndex;
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  batch.begin(RTM_NEWLINK, NLM_F_ACK, link);

  ifaddrmsg address = {};
  address.ifa_family = AF_INET;
  address.ifa_prefixlen = 32;
  address.ifa_scope = RT_SCOPE_UNIVERSE;
  address.ifa_index = kLoopbackIndex;
  batch.begin(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, address);
  batch.attribute(IFA_LOCAL, htonl(kSandboxAddress));
  batch.attribute(IFA_ADDRESS, htonl(kSandboxAddress));

  add_local_default_route(batch, AF_INET);
  const std::uint32_t required = batch.messages();
  add_local_default_route(batch, AF_INET6);
  for (const std::string& name : names) add_name(batch, name.c_str());

  const int socket_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (socket_fd < 0) return errno;
  const int result = transact(socket_fd, batch, required);
  close(socket_fd);
  return result;
}

}  // namespace srt
