#include "proxy/server/http.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "proxy/hosts/quote.h"

namespace srt::net {

namespace {

constexpr std::string_view kCrlf = "\r\n";

constexpr char lower(char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool is_digit(char c) { return '0' <= c && c <= '9'; }

// RFC 9110, section 5.6.2.
constexpr bool is_token_byte(char c) {
  const char l = lower(c);
  return ('a' <= l && l <= 'z') || is_digit(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_byte);
}

// Bytes that a field value or a reason phrase may hold: all but control bytes other than tab.
constexpr bool is_text_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

constexpr bool is_target_byte(char c) { return c > 0x20 && c < 0x7f; }

std::string_view trim(std::string_view text) {
  const size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

// Takes the first line off `text`, without its CRLF.
std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find(kCrlf), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + kCrlf.size(), text.size()));
  return line;
}

std::string_view take_word(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::optional<int> parse_version(std::string_view text) {
  if (text == "HTTP/1.1") return 1;
  if (text == "HTTP/1.0") return 0;
  return std::nullopt;
}

// The field lines of a head, after its first line was taken; its empty line is still there.
Result<HttpFields> parse_head_fields(std::string_view text) {
  text.remove_suffix(std::min(kCrlf.size(), text.size()));
  return parse_fields(text);
}

}  // namespace

size_t HttpFields::count(std::string_view name) const {
  return static_cast<size_t>(std::ranges::count_if(
      fields_, [&](const HttpField& field) { return equal_ignoring_case(field.name, name); }));
}

std::optional<std::string_view> HttpFields::find(std::string_view name) const {
  for (const HttpField& field : fields_) {
    if (equal_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

bool HttpFields::has_token(std::string_view name, std::string_view token) const {
  for (const HttpField& field : fields_) {
    if (!equal_ignoring_case(field.name, name)) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      const size_t comma = std::min(list.find(','), list.size());
      if (equal_ignoring_case(trim(list.substr(0, comma)), token)) return true;
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return false;
}

Result<size_t> head_length(std::string_view bytes, size_t& scanned) {
  for (; scanned < bytes.size(); ++scanned) {
    const char c = bytes[scanned];
    if (c == '\0') return Error{"the head holds a NUL byte"};
    if (c == '\r') {
      // Whether it is bare shows with the next byte.
      if (scanned + 1 == bytes.size()) return size_t{0};
      if (bytes[scanned + 1] != '\n') return Error{"the head holds a bare CR"};
    }
    if (c != '\n') continue;
    if (scanned == 0 || bytes[scanned - 1] != '\r') return Error{"the head holds a bare LF"};
    if (scanned == 1) return Error{"the head begins with an empty line"};
    if (bytes[scanned - 2] == '\n') return scanned + 1;
  }
  return size_t{0};
}

Result<HttpFields> parse_fields(std::string_view text) {
  HttpFields fields;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.starts_with(' ') || line.starts_with('\t')) {
      return Error{"a field is folded over two lines"};
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return Error{fmt::format("{} is not a field", quote(line))};
    }
    const HttpField field{line.substr(0, colon), trim(line.substr(colon + 1))};
    if (!std::ranges::all_of(field.value, is_text_byte)) {
      return Error{fmt::format("field {} holds a control byte", quote(field.name))};
    }
    fields.add(field);
  }
  return fields;
}

Result<RequestHead> parse_request_head(std::string_view text) {
  const std::string_view line = take_line(text);
  std::string_view rest = line;
  const std::string_view method = take_word(rest);
  const std::string_view target = take_word(rest);
  const std::optional<int> version = parse_version(rest);
  if (!is_token(method) || target.empty() || !std::ranges::all_of(target, is_target_byte) ||
      !version) {
    return Error{fmt::format("{} is not an HTTP/1.1 request", quote(line)),
                 "this is an HTTP and SOCKS5 proxy"};
  }
  Result<HttpFields> fields = parse_head_fields(text);
  if (!fields) return std::move(fields).error();
  return RequestHead{method, target, *version, *std::move(fields)};
}

Result<ResponseHead> parse_response_head(std::string_view text) {
  const std::string_view line = take_line(text);
  std::string_view rest = line;
  const std::optional<int> version = parse_version(take_word(rest));
  const std::string_view status = take_word(rest);
  const bool valid_status =
      status.size() == 3 && std::ranges::all_of(status, is_digit) && status.front() != '0';
  if (!version || !valid_status || !std::ranges::all_of(rest, is_text_byte)) {
    return Error{fmt::format("{} is not the first line of an HTTP/1.1 response", quote(line))};
  }
  int code = 0;
  std::from_chars(status.data(), status.data() + status.size(), code);
  Result<HttpFields> fields = parse_head_fields(text);
  if (!fields) return std::move(fields).error();
  return ResponseHead{code, rest, *version, *std::move(fields)};
}

Result<Authority> parse_authority(std::string_view text, std::optional<uint16_t> default_port) {
  if (text.find('@') != std::string_view::npos) {
    return Error{"the target holds user information", "send credentials in a field"};
  }
  // The colon of a port stands behind the bracket of an IPv6 address.
  const size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  const size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host_text = text.substr(0, colon);
  const bool bare_ipv6 = !text.starts_with('[') && colon != text.rfind(':');
  if (bare_ipv6) {
    return Error{fmt::format("IPv6 address {} is not in brackets", quote(text)), "write `[::1]`"};
  }
  Result<Host> host = canonical_host(host_text);
  if (!host) return std::move(host).error();

  if (colon == std::string_view::npos) {
    if (!default_port) return Error{fmt::format("{} names no port", quote(text))};
    return Authority{*std::move(host), *default_port};
  }
  const std::string_view digits = text.substr(colon + 1);
  const char* end = digits.data() + digits.size();
  uint16_t port = 0;
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || stop != end || port == 0) {
    return Error{fmt::format("{} is not a port", quote(digits))};
  }
  return Authority{*std::move(host), port};
}

Result<ForwardTarget> parse_forward_target(const RequestHead& head) {
  constexpr std::string_view kScheme = "http://";
  constexpr std::string_view kTlsScheme = "https://";
  if (equal_ignoring_case(head.target.substr(0, kTlsScheme.size()), kTlsScheme)) {
    return Error{"the proxy does not speak TLS for its clients", "use CONNECT for `https` URLs"};
  }
  if (!equal_ignoring_case(head.target.substr(0, kScheme.size()), kScheme)) {
    return Error{fmt::format("target {} is not an `http` URL", quote(head.target)),
                 "this is a proxy: send the whole URL, or CONNECT"};
  }
  const std::string_view rest = head.target.substr(kScheme.size());
  if (rest.find('#') != std::string_view::npos) return Error{"the target holds a fragment"};
  const size_t end = std::min(rest.find_first_of("/?"), rest.size());
  Result<Authority> authority = parse_authority(rest.substr(0, end), kHttpPort);
  if (!authority) return std::move(authority).error();
  std::string path(rest.substr(end));
  // RFC 9112, section 3.2.4: OPTIONS for a URL without path and query asks the server as a whole.
  if (path.empty() && head.method == "OPTIONS") path = "*";
  if (path.empty() || path.front() == '?') path.insert(0, "/");
  return ForwardTarget{*std::move(authority), std::move(path)};
}

Result<bool> host_field_agrees(const RequestHead& head, const Authority& asked,
                               uint16_t default_port) {
  const size_t count = head.fields.count("Host");
  if (count > 1) return Error{"the request has two Host fields"};
  if (count == 0) {
    if (head.minor_version == 0) return true;
    return Error{"the request has no Host field"};
  }
  const Result<Authority> named = parse_authority(*head.fields.find("Host"), default_port);
  if (!named) return named.error();
  return *named == asked;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace srt::net
