#include "runtime/stage/report.h"

#include <sys/socket.h>

#include <cerrno>

#include "runtime/stage/system_call.h"

namespace srt::stage {
namespace {

constexpr std::size_t kMaxTexts = 2;

}  // namespace

long send_report_to(int to, const StageReport& report, int passed) {
  iovec part = {.iov_base = const_cast<StageReport*>(&report), .iov_len = sizeof(report)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr packet = {};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  if (passed >= 0) {
    packet.msg_control = control;
    packet.msg_controllen = sizeof(control);
    cmsghdr* rights = CMSG_FIRSTHDR(&packet);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    *reinterpret_cast<int*>(CMSG_DATA(rights)) = passed;
  }
  const long result = system_call(SYS_sendmsg, to, word(&packet), MSG_NOSIGNAL);
  return result < 0 ? result : 0;
}

void send_report(const StageReport& report, int passed) {
  send_report_to(kControlFd, report, passed);
}

void send_failure(StageFailure failure, long result, std::uint32_t subject) {
  send_report({.event = StageReport::Event::failed,
               .failure = failure,
               .error = static_cast<std::int32_t>(-result),
               .subject = subject});
}

void send_report(const StageReport& report, std::span<const std::string_view> texts) {
  iovec parts[1 + 2 * kMaxTexts];
  char end = '\0';
  std::size_t count = 0;
  parts[count++] = {.iov_base = const_cast<StageReport*>(&report), .iov_len = sizeof(report)};
  for (const std::string_view text :
       texts.first(texts.size() < kMaxTexts ? texts.size() : kMaxTexts)) {
    parts[count++] = {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
    parts[count++] = {.iov_base = &end, .iov_len = 1};
  }
  msghdr packet = {};
  packet.msg_iov = parts;
  packet.msg_iovlen = count;
  system_call(SYS_sendmsg, kControlFd, word(&packet), MSG_NOSIGNAL | MSG_DONTWAIT);
}

long receive_report_from(int from, StageReport& report, int& passed) {
  iovec part = {.iov_base = &report, .iov_len = sizeof(report)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr packet = {};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  packet.msg_control = control;
  packet.msg_controllen = sizeof(control);
  passed = -1;
  const long size = system_call(SYS_recvmsg, from, word(&packet), MSG_CMSG_CLOEXEC);
  if (size <= 0) return size;
  const cmsghdr* rights = CMSG_FIRSTHDR(&packet);
  if (rights != nullptr && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS &&
      rights->cmsg_len == CMSG_LEN(sizeof(int))) {
    passed = *reinterpret_cast<const int*>(CMSG_DATA(rights));
  }
  return size;
}

}  // namespace srt::stage
