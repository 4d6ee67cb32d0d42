#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace srt::guard {

// string_view::substr() would bring in what throws.

constexpr std::string_view first(std::string_view text, std::size_t size) {
  return {text.data(), size < text.size() ? size : text.size()};
}

/// `text` without its first `size` bytes, of which it has as many.
constexpr std::string_view behind(std::string_view text, std::size_t size) {
  return {text.data() + size, text.size() - size};
}

/// A text of at most `N` - 1 bytes, always with an end mark. What does not fit in makes it `bad`.
template <std::size_t N>
class Text {
 public:
  Text() { bytes_[0] = '\0'; }
  Text(const Text& other) { *this = other; }
  /// Copies what is there, not all the room.
  Text& operator=(const Text& other) {
    if (this == &other) return *this;
    for (std::size_t i = 0; i <= other.size_; ++i) bytes_[i] = other.bytes_[i];
    size_ = other.size_;
    bad_ = other.bad_;
    return *this;
  }

  Text& operator+=(std::string_view more) {
    if (more.size() >= N - size_) {
      bad_ = true;
      return *this;
    }
    for (const char byte : more) bytes_[size_++] = byte;
    bytes_[size_] = '\0';
    return *this;
  }

  Text& operator+=(std::uint32_t number) {
    char digits[10];
    std::size_t at = sizeof(digits);
    do {
      digits[--at] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return *this += std::string_view(digits + at, sizeof(digits) - at);
  }

  void cut(std::size_t size) {
    size_ = size;
    bytes_[size] = '\0';
  }

  void clear() {
    cut(0);
    bad_ = false;
  }

  bool is_bad() const { return bad_; }
  std::size_t size() const { return size_; }
  const char* c_str() const { return bytes_; }
  std::string_view view() const { return {bytes_, size_}; }

  /// For what fills it from outside: room for N - 1 bytes, then set_size().
  char* data() { return bytes_; }
  static constexpr std::size_t room() { return N - 1; }
  void set_size(std::size_t size) { cut(size); }

 private:
  char bytes_[N];
  std::size_t size_ = 0;
  bool bad_ = false;
};

}  // namespace srt::guard
