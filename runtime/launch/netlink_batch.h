#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace srt {

/// Netlink messages one after another in a fixed buffer, to be sent at once. Allocates nothing, so
/// that a child which shares its parent's memory can use it. Whoever adds more than fits loses the
/// rest, and `complete` says so.
class NetlinkBatch {
 public:
  /// Begins a message whose fixed part is `body`.
  template <typename Body>
  void begin(std::uint16_t type, std::uint16_t flags, const Body& body) {
    message_ = used_;
    nlmsghdr header = {};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    header.nlmsg_seq = ++messages_;
    append(&header, sizeof(header));
    append(&body, sizeof(body));
  }

  void attribute(std::uint16_t type, std::span<const std::byte> value) {
    nlattr header = {};
    header.nla_len = static_cast<std::uint16_t>(NLA_HDRLEN + value.size());
    header.nla_type = type;
    append(&header, sizeof(header));
    append(value.data(), value.size());
  }

  /// A number in the host's byte order.
  void attribute(std::uint16_t type, std::uint32_t value) {
    attribute(type, std::as_bytes(std::span(&value, 1)));
  }

  /// A string, with its end mark.
  void attribute(std::uint16_t type, const char* text) {
    attribute(type, std::as_bytes(std::span(text, std::strlen(text) + 1)));
  }

  /// Begins an attribute that holds those added until `end_nest`, which takes what this returns.
  std::size_t begin_nest(std::uint16_t type) {
    const std::size_t place = used_;
    nlattr header = {};
    header.nla_type = static_cast<std::uint16_t>(type | NLA_F_NESTED);
    append(&header, sizeof(header));
    return place;
  }
  void end_nest(std::size_t place) {
    if (!complete_) return;
    const auto size = static_cast<std::uint16_t>(used_ - place);
    std::memcpy(bytes_ + place + offsetof(nlattr, nla_len), &size, sizeof(size));
  }

  std::uint32_t messages() const { return messages_; }
  bool complete() const { return complete_; }
  std::span<const std::byte> bytes() const { return {bytes_, used_}; }

 private:
  void append(const void* data, std::size_t size) {
    if (size > sizeof(bytes_) - used_ || NLMSG_ALIGN(size) > sizeof(bytes_) - used_) {
      complete_ = false;
    }
    if (!complete_) return;
    if (size > 0) std::memcpy(bytes_ + used_, data, size);
    used_ += NLMSG_ALIGN(size);
    const auto length = static_cast<std::uint32_t>(used_ - message_);
    std::memcpy(bytes_ + message_ + offsetof(nlmsghdr, nlmsg_len), &length, sizeof(length));
  }

  // What the sandbox's network takes, twice over.
  alignas(nlmsghdr) std::byte bytes_[4096] = {};
  std::size_t used_ = 0;
  std::size_t message_ = 0;
  std::uint32_t messages_ = 0;
  bool complete_ = true;
};

}  // namespace srt
