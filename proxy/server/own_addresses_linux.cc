#include "proxy/server/own_addresses.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>

#include "runtime/base/unique_fd.h"

namespace srt::net {
namespace {

// As rtnetlink(7) lays it out: the length in the header tells how much of the address counts.
struct Question {
  nlmsghdr header;
  rtmsg route;
  rtattr destination;
  std::array<uint8_t, 16> address;
};

// What of an answer matters; its attributes follow.
struct Answer {
  nlmsghdr header;
  union {
    rtmsg route;
    nlmsgerr error;
  };
};

Question question_about(const IpAddress& address) {
  const auto bytes = address.bytes();
  Question question{};
  question.header.nlmsg_len = static_cast<uint32_t>(offsetof(Question, address) + bytes.size());
  question.header.nlmsg_type = RTM_GETROUTE;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.route.rtm_family = address.is_v4() ? AF_INET : AF_INET6;
  question.route.rtm_dst_len = static_cast<uint8_t>(bytes.size() * 8);
  question.destination.rta_type = RTA_DST;
  question.destination.rta_len = static_cast<uint16_t>(RTA_LENGTH(bytes.size()));
  std::ranges::copy(bytes, question.address.begin());
  return question;
}

// The kernel answers before `send` returns, so there is nothing to wait for.
std::optional<Answer> ask_kernel(const Question& question) {
  const UniqueFd kernel(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  sockaddr_nl to{};
  to.nl_family = AF_NETLINK;
  if (!kernel || connect(kernel.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0 ||
      send(kernel.get(), &question, question.header.nlmsg_len, 0) < 0) {
    return std::nullopt;
  }
  Answer answer{};
  const ssize_t size = recv(kernel.get(), &answer, sizeof(answer), MSG_DONTWAIT);
  if (size < static_cast<ssize_t>(sizeof(answer))) return std::nullopt;
  return answer;
}

bool is_no_way(int error) {
  return error == ENETUNREACH || error == EHOSTUNREACH || error == EACCES;
}

}  // namespace

bool leads_to_this_host(const IpAddress& address) {
  const std::optional<Answer> answer = ask_kernel(question_about(address));
  if (!answer) return true;
  if (answer->header.nlmsg_type == NLMSG_ERROR) return !is_no_way(-answer->error.error);
  if (answer->header.nlmsg_type != RTM_NEWROUTE) return true;
  switch (answer->route.rtm_type) {
    case RTN_UNICAST:
    case RTN_UNREACHABLE:
    case RTN_BLACKHOLE:
    case RTN_PROHIBIT:
      return false;
    default:
      return true;
  }
}

}  // namespace srt::net
