#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace srt {

/// Takes numbers in network byte order and vectors off the front of bytes. What is not there reads
/// as zero and as nothing, and is noted.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : left_(bytes) {}

  /// Whether more was wanted than there was.
  bool failed() const { return failed_; }
  bool at_end() const { return left_.empty(); }
  std::size_t left() const { return left_.size(); }

  /// A number of that many bytes, eight at most.
  std::size_t number(std::size_t size) {
    std::size_t value = 0;
    for (const char c : take(size)) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }

  std::string_view take(std::size_t size) {
    if (left_.size() < size) {
      failed_ = true;
      left_ = {};
      return {};
    }
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  /// A vector behind its length, which takes that many bytes.
  std::string_view vector(std::size_t length_size) { return take(number(length_size)); }

 private:
  std::string_view left_;
  bool failed_ = false;
};

}  // namespace srt
