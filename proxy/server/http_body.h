#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/server/http.h"
#include "runtime/base/result.h"

// Where the body of an HTTP/1.1 message ends (RFC 9112, section 6). Pure functions over bytes.

namespace srt::net {

/// How the end of a body is known.
struct BodyFraming {
  enum class Kind : uint8_t { none, length, chunked, until_close };

  Kind kind = Kind::none;
  /// Bytes of the body, for `length`.
  uint64_t length = 0;
};

/// The framing of a request's body. Both lengths, a repeated or malformed Content-Length, and every
/// Transfer-Encoding but `chunked` are errors.
Result<BodyFraming> request_framing(const RequestHead& head);

/// The framing of the body of a response to a request with this method.
Result<BodyFraming> response_framing(const ResponseHead& head, std::string_view method);

/// Follows a chunked body (RFC 9112, section 7.1) so that it can be passed on as it is: checks
/// every byte that is not data, and finds the end.
class ChunkedBody {
 public:
  /// Caps on lines that are not data: of a chunk's size with its extensions, of all trailers.
  static constexpr size_t kMaxSizeLine = 1024;
  static constexpr size_t kMaxTrailers = 16 * 1024;

  /// Reads on. The result is how many of `bytes` belong to the body: all of them, unless it ends
  /// here. After an error or the end it must not be called again.
  Result<size_t> feed(std::string_view bytes);

  /// Whether the last byte of the body was read.
  bool done() const { return state_ == State::done; }

 private:
  enum class State : uint8_t { size_line, data, data_end, trailer_line, done };

  // Both are called when `line_` holds a whole line, without its CRLF.
  Status end_size_line();
  Status end_trailer_line();
  Status feed_line_byte(char c, size_t max);

  State state_ = State::size_line;
  uint64_t left_ = 0;
  size_t trailer_bytes_ = 0;
  std::string line_;
};

}  // namespace srt::net
