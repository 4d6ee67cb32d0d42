#include "proxy/server/http_body.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "proxy/hosts/quote.h"

namespace srt::net {

namespace {

// Fields that decide where a message goes or ends; a trailer comes too late to say so.
constexpr std::array<std::string_view, 3> kNeverTrailers = {"Content-Length", "Transfer-Encoding",
                                                            "Host"};

Result<BodyFraming> declared_framing(const HttpFields& fields, int minor_version,
                                     BodyFraming::Kind otherwise) {
  const size_t lengths = fields.count("Content-Length");
  const std::optional<std::string_view> coding = fields.find("Transfer-Encoding");
  if (coding) {
    if (lengths > 0) return Error{"both Content-Length and Transfer-Encoding are given"};
    const bool chunked = equal_ignoring_case(*coding, "chunked");
    if (!chunked || fields.count("Transfer-Encoding") > 1 || minor_version == 0) {
      return Error{fmt::format("Transfer-Encoding {} is not known", quote(*coding)),
                   "`chunked` alone, in HTTP/1.1, is"};
    }
    return BodyFraming{BodyFraming::Kind::chunked};
  }
  if (lengths == 0) return BodyFraming{otherwise};
  if (lengths > 1) return Error{"Content-Length is given twice"};
  const std::string_view text = *fields.find("Content-Length");
  const char* end = text.data() + text.size();
  uint64_t length = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, length);
  if (error != std::errc() || stop != end) {
    return Error{fmt::format("Content-Length {} is not a number", quote(text))};
  }
  return BodyFraming{BodyFraming::Kind::length, length};
}

}  // namespace

Result<BodyFraming> request_framing(const RequestHead& head) {
  return declared_framing(head.fields, head.minor_version, BodyFraming::Kind::none);
}

Result<BodyFraming> response_framing(const ResponseHead& head, std::string_view method) {
  Result<BodyFraming> declared =
      declared_framing(head.fields, head.minor_version, BodyFraming::Kind::until_close);
  if (!declared) return declared;
  const bool no_body =
      method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304;
  return no_body ? BodyFraming{} : *declared;
}

Result<size_t> ChunkedBody::feed(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size() && state_ != State::done) {
    if (state_ == State::data) {
      const uint64_t count = std::min<uint64_t>(left_, bytes.size() - at);
      at += static_cast<size_t>(count);
      left_ -= count;
      if (left_ == 0) state_ = State::data_end;
      continue;
    }
    const size_t max = state_ == State::trailer_line ? kMaxTrailers - trailer_bytes_ : kMaxSizeLine;
    Status status = feed_line_byte(bytes[at++], max);
    if (!status) return std::move(status).error();
  }
  return at;
}

Status ChunkedBody::feed_line_byte(char c, size_t max) {
  const bool after_cr = line_.ends_with('\r');
  if (after_cr != (c == '\n')) return Error{"a chunk has a bare CR or LF"};
  if (c != '\n') {
    if (c == '\0') return Error{"a chunk has a NUL byte outside its data"};
    if (line_.size() >= max) return Error{"a chunk's size line or its trailers are too long"};
    line_ += c;
    return ok();
  }
  line_.pop_back();
  Status status = ok();
  switch (state_) {
    case State::size_line:
      status = end_size_line();
      break;
    case State::data_end:
      if (!line_.empty()) status = Error{"a chunk is longer than its size"};
      state_ = State::size_line;
      break;
    default:
      status = end_trailer_line();
      break;
  }
  line_.clear();
  return status;
}

Status ChunkedBody::end_size_line() {
  const std::string_view line = line_;
  const size_t semicolon = std::min(line.find(';'), line.size());
  const std::string_view digits = line.substr(0, semicolon);
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, left_, 16);
  if (error != std::errc() || stop != end) {
    return Error{fmt::format("{} is not the size of a chunk", quote(digits))};
  }
  const bool printable = std::ranges::all_of(
      line.substr(semicolon), [](char c) { return c == '\t' || (c >= 0x20 && c < 0x7f); });
  if (!printable) return Error{"a chunk extension holds a control byte"};
  state_ = left_ == 0 ? State::trailer_line : State::data;
  return ok();
}

Status ChunkedBody::end_trailer_line() {
  if (line_.empty()) {
    state_ = State::done;
    return ok();
  }
  trailer_bytes_ += line_.size();
  const Result<HttpFields> fields = parse_fields(line_);
  if (!fields) return fields.error();
  for (const std::string_view name : kNeverTrailers) {
    if (fields->count(name) > 0) return Error{fmt::format("{} stands in a trailer", quote(name))};
  }
  return ok();
}

}  // namespace srt::net
