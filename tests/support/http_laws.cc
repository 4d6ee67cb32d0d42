#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "proxy/server/http.h"
#include "proxy/server/http_body.h"
#include "proxy/server/http_forward.h"
#include "tests/support/laws.h"

namespace srt::test {
namespace {

using net::BodyFraming;

// Where a head ends when its bytes come one by one; nothing where that is an error, 0 where its end
// has not come.
std::optional<std::size_t> head_end_bytewise(std::string_view bytes) {
  std::size_t scanned = 0;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const Result<std::size_t> length = net::head_length(bytes.substr(0, size), scanned);
    if (!length) return std::nullopt;
    if (*length > 0) return *length;
  }
  return 0;
}

// How much of `bytes` is a chunked body, fed `step` bytes at a time; nothing where it is malformed.
std::optional<std::pair<std::size_t, bool>> chunks_in(std::string_view bytes, std::size_t step) {
  net::ChunkedBody body;
  std::size_t read = 0;
  while (read < bytes.size() && !body.done()) {
    const Result<std::size_t> count = body.feed(bytes.substr(read, step));
    if (!count) return std::nullopt;
    read += *count;
  }
  return std::pair(read, body.done());
}

std::string breach_of_chunk_laws(std::string_view bytes) {
  const auto whole = chunks_in(bytes, std::max<std::size_t>(bytes.size(), 1));
  for (const std::size_t step : {1U, 3U}) {
    if (chunks_in(bytes, step) != whole) {
      return fmt::format("a chunked body is another when it comes in pieces of {}", step);
    }
  }
  if (whole && whole->second && !bytes.substr(0, whole->first).ends_with("\r\n\r\n")) {
    return "a chunked body has no end line";
  }
  return "";
}

// What goes on is read as what came: the same target, the same framing, and nothing of the hop.
std::string breach_by_forwarded(const net::ForwardRequest& request) {
  const std::string sent = net::forwarded_head(request);
  std::size_t scanned = 0;
  const Result<std::size_t> length = net::head_length(sent, scanned);
  if (!length || *length != sent.size()) return "a forwarded head ends elsewhere";
  const Result<net::RequestHead> head = net::parse_request_head(sent);
  if (!head) return "a forwarded head cannot be read: " + head.error().message;
  if (head->method != request.head.method || head->target != request.target.path) {
    return "a forwarded head asks for something else";
  }
  const net::Authority& asked = request.target.authority;
  const Result<bool> agrees = net::host_field_agrees(*head, asked, 80);
  if (!agrees || !*agrees) return "a forwarded head names another host";
  const Result<BodyFraming> body = net::request_framing(*head);
  if (!body || body->kind != request.body.kind || body->length != request.body.length) {
    return "a forwarded head frames another body";
  }
  for (const char* name : {"Proxy-Authorization", "Proxy-Connection", "Keep-Alive"}) {
    if (head->fields.count(name) > 0) return fmt::format("{} is forwarded", name);
  }
  return "";
}

std::string breach_by_response(const net::ResponseHead& response) {
  const std::string sent = net::forwarded_head(response, false);
  const Result<net::ResponseHead> head = net::parse_response_head(sent);
  if (!head) return "a response's forwarded head cannot be read: " + head.error().message;
  const Result<BodyFraming> before = net::response_framing(response, "GET");
  const Result<BodyFraming> after = net::response_framing(*head, "GET");
  if (head->status != response.status) return "a response's forwarded head has another status";
  // One that cannot be framed is not forwarded; HTTP/1.0 is forwarded as 1.1.
  if (before && (!after || before->kind != after->kind || before->length != after->length)) {
    return "a response's forwarded head frames another body";
  }
  return "";
}

}  // namespace

std::string breach_of_http_laws(std::string_view bytes) {
  std::size_t scanned = 0;
  const Result<std::size_t> length = net::head_length(bytes, scanned);
  const std::optional<std::size_t> bytewise = head_end_bytewise(bytes);
  if (bytewise && *bytewise > 0 ? !length || *length != *bytewise
                                : static_cast<bool>(length) != bytewise.has_value()) {
    return "a head ends elsewhere when its bytes come one by one";
  }
  if (!length || *length == 0) return breach_of_chunk_laws(bytes);
  const std::string_view text = bytes.substr(0, *length);
  if (Result<net::RequestHead> head = net::parse_request_head(text)) {
    const auto checked = net::check_forward_request(*std::move(head));
    if (const auto* request = std::get_if<net::ForwardRequest>(&checked)) {
      if (std::string breach = breach_by_forwarded(*request); !breach.empty()) return breach;
    }
  } else if (const Result<net::ResponseHead> response = net::parse_response_head(text)) {
    if (std::string breach = breach_by_response(*response); !breach.empty()) return breach;
  }
  return breach_of_chunk_laws(bytes.substr(*length));
}

}  // namespace srt::test
