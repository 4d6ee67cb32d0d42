#include "proxy/server/http_forward.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "proxy/hosts/quote.h"

namespace srt::net {

namespace {

// Fields between two neighbours (RFC 9110, section 7.6.1). Transfer-Encoding and Trailer are not
// among them: bodies are passed on as they are framed.
constexpr std::array<std::string_view, 8> kHopFields = {
    "Connection",         "Keep-Alive", "Proxy-Connection", "Proxy-Authorization",
    "Proxy-Authenticate", "TE",         "Upgrade",          "Proxy-Authentication-Info"};

// Fields that a Connection field must not remove: without them the message means something else.
constexpr std::array<std::string_view, 4> kLastingFields = {"Host", "Content-Length",
                                                            "Transfer-Encoding", "Expect"};

constexpr std::array<std::string_view, 6> kRepeatableMethods = {"GET",    "HEAD", "OPTIONS",
                                                                "DELETE", "PUT",  "TRACE"};

bool is_for_this_hop(const HttpFields& fields, std::string_view name) {
  return std::ranges::any_of(kHopFields,
                             [&](auto hop) { return equal_ignoring_case(hop, name); }) ||
         fields.has_token("Connection", name);
}

void append_fields(std::string& text, const HttpFields& fields, std::string_view without) {
  for (const HttpField& field : fields.all()) {
    if (is_for_this_hop(fields, field.name) || equal_ignoring_case(field.name, without)) continue;
    text += fmt::format("{}: {}\r\n", field.name, field.value);
  }
}

void append_upgrade(std::string& text, const HttpFields& fields) {
  text += "Connection: Upgrade\r\n";
  for (const HttpField& field : fields.all()) {
    if (equal_ignoring_case(field.name, "Upgrade")) {
      text += fmt::format("Upgrade: {}\r\n", field.value);
    }
  }
}

}  // namespace

bool ForwardRequest::repeatable() const {
  return body.kind == BodyFraming::Kind::none &&
         std::ranges::find(kRepeatableMethods, head.method) != kRepeatableMethods.end();
}

std::variant<ForwardRequest, Refusal> check_forward_request(RequestHead head) {
  Result<ForwardTarget> target = parse_forward_target(head);
  if (!target) return bad_request(target.error());
  const Result<bool> agrees = host_field_agrees(head, target->authority, kHttpPort);
  if (!agrees) return bad_request(agrees.error());
  if (!*agrees) return misdirected(target->authority.host, target->authority.port);
  Result<BodyFraming> body = request_framing(head);
  if (!body) return bad_request(body.error());
  for (const std::string_view name : kLastingFields) {
    if (head.fields.has_token("Connection", name)) {
      return bad_request({fmt::format("the Connection field names {}", quote(name))});
    }
  }
  const bool close = head.minor_version == 0 || head.fields.has_token("Connection", "close") ||
                     head.fields.has_token("Proxy-Connection", "close");
  const bool upgrade = head.minor_version == 1 && head.fields.count("Upgrade") > 0 &&
                       head.fields.has_token("Connection", "upgrade");
  return ForwardRequest{std::move(head), *std::move(target), *body, !close, upgrade};
}

std::string forwarded_head(const ForwardRequest& request, const Upstream* upstream) {
  const Authority& authority = request.target.authority;
  std::string host = to_authority(authority.host, authority.port);
  if (authority.port == kHttpPort) host.resize(host.rfind(':'));
  std::string target = request.target.path;
  // RFC 9112, section 3.2.4: the last proxy makes `*` of a URL without a path.
  if (upstream != nullptr) target = "http://" + host + (target == "*" ? "" : target);
  std::string text = fmt::format("{} {} HTTP/1.{}\r\nHost: {}\r\n", request.head.method, target,
                                 request.head.minor_version, host);
  if (upstream != nullptr && !upstream->authorization.empty()) {
    text += fmt::format("Proxy-Authorization: {}\r\n", upstream->authorization);
  }
  append_fields(text, request.head.fields, "Host");
  if (request.upgrade) append_upgrade(text, request.head.fields);
  text += "\r\n";
  return text;
}

std::string forwarded_head(const ResponseHead& response, bool close) {
  constexpr int kSwitchingProtocols = 101;
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", response.status, response.reason);
  append_fields(text, response.fields, "");
  if (response.status == kSwitchingProtocols) {
    append_upgrade(text, response.fields);
  } else if (close) {
    text += "Connection: close\r\n";
  }
  text += "\r\n";
  return text;
}

}  // namespace srt::net
