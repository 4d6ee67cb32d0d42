#include "runtime/launch/pass_descriptors.h"

#include <limits.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace srt {
namespace {

constexpr std::size_t kControlBytes = CMSG_SPACE(kMaxPassedDescriptors * sizeof(int));

// Two paths.
constexpr std::size_t kMaxTextBytes = 2 * PATH_MAX + 2;

}  // namespace

int send_report(int fd, const StageReport& report, std::span<const int> descriptors) {
  if (descriptors.size() > kMaxPassedDescriptors) return EINVAL;
  iovec part = {.iov_base = const_cast<StageReport*>(&report), .iov_len = sizeof(report)};
  alignas(cmsghdr) char control[kControlBytes] = {};
  msghdr packet = {};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  if (!descriptors.empty()) {
    packet.msg_control = control;
    packet.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* rights = CMSG_FIRSTHDR(&packet);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(rights), descriptors.data(), descriptors.size_bytes());
  }
  return sendmsg(fd, &packet, MSG_NOSIGNAL) < 0 ? errno : 0;
}

ssize_t receive_report(int fd, ReceivedReport& received) {
  char texts[kMaxTextBytes];
  iovec parts[] = {{.iov_base = &received.report, .iov_len = sizeof(received.report)},
                   {.iov_base = texts, .iov_len = sizeof(texts)}};
  alignas(cmsghdr) char control[kControlBytes];
  msghdr packet = {};
  packet.msg_iov = parts;
  packet.msg_iovlen = 2;
  packet.msg_control = control;
  packet.msg_controllen = sizeof(control);
  // A stage that ends without reading what it was sent resets the connection, and Linux tells of
  // that, once, before it hands out what the stage said last.
  ssize_t size;
  do {
    size = recvmsg(fd, &packet, MSG_CMSG_CLOEXEC);
  } while (size < 0 && (errno == EINTR || errno == ECONNRESET));
  if (size < 0) return size;
  received.descriptors.clear();
  const auto report_size = static_cast<ssize_t>(sizeof(received.report));
  received.texts.assign(texts, static_cast<std::size_t>(std::max(size - report_size, ssize_t{0})));
  for (cmsghdr* header = CMSG_FIRSTHDR(&packet); header != nullptr;
       header = CMSG_NXTHDR(&packet, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t bytes = header->cmsg_len - CMSG_LEN(0);
    for (std::size_t at = 0; at < bytes; at += sizeof(int)) {
      int passed;
      std::memcpy(&passed, CMSG_DATA(header) + at, sizeof(passed));
      received.descriptors.emplace_back(passed);
    }
  }
  return size;
}

}  // namespace srt
