#include "proxy/server/refusal.h"

#include <fmt/core.h>

#include <array>
#include <cassert>

namespace srt::net {

namespace {

struct KindRow {
  RefusalKind kind;
  std::string_view http_status;
  SocksReply socks_reply;
};

constexpr std::array kKinds = {
    KindRow{RefusalKind::bad_request, "400 Bad Request", SocksReply::failure},
    KindRow{RefusalKind::not_authenticated, "407 Proxy Authentication Required",
            SocksReply::failure},
    KindRow{RefusalKind::misdirected, "421 Misdirected Request", SocksReply::failure},
    KindRow{RefusalKind::head_too_large, "431 Request Header Fields Too Large",
            SocksReply::failure},
    KindRow{RefusalKind::blocked, "403 Forbidden", SocksReply::not_allowed},
    KindRow{RefusalKind::blocked_address, "403 Forbidden", SocksReply::not_allowed},
    KindRow{RefusalKind::tls_name, "403 Forbidden", SocksReply::not_allowed},
    KindRow{RefusalKind::not_resolved, "502 Bad Gateway", SocksReply::host_unreachable},
    KindRow{RefusalKind::resolve_timeout, "504 Gateway Timeout", SocksReply::host_unreachable},
    KindRow{RefusalKind::not_connected, "502 Bad Gateway", SocksReply::refused},
    KindRow{RefusalKind::connect_timeout, "504 Gateway Timeout", SocksReply::host_unreachable},
    KindRow{RefusalKind::upstream_failed, "502 Bad Gateway", SocksReply::failure},
    KindRow{RefusalKind::bad_response, "502 Bad Gateway", SocksReply::failure},
    KindRow{RefusalKind::response_timeout, "504 Gateway Timeout", SocksReply::failure},
};

const KindRow& row(RefusalKind kind) {
  const KindRow& found = kKinds.at(static_cast<size_t>(kind));
  assert(found.kind == kind);
  return found;
}

std::string body(const Refusal& refusal) {
  std::string text = is_blocked(refusal.kind) ? "blocked by srt: " : "srt proxy: ";
  text += refusal.message + "\n";
  if (!refusal.because.empty()) text += "because: " + refusal.because + "\n";
  if (!refusal.help.empty()) text += "help: " + refusal.help + "\n";
  return text;
}

}  // namespace

Refusal blocked(const Host& host, uint16_t port, const HostDecision& decision) {
  Refusal refusal{RefusalKind::blocked, to_authority(host, port)};
  const bool address = std::holds_alternative<IpAddress>(host);
  refusal.help =
      fmt::format("if the command needs it, add `allow connect {}` to the policy", refusal.target);
  if (decision.rule != nullptr) {
    refusal.message = fmt::format("a rule of the policy denies `{}`", refusal.target);
    refusal.help += " behind that rule";
    refusal.because = decision.rule->reason;
    refusal.rule = decision.rule->rule;
  } else {
    refusal.message = fmt::format("no rule of the policy allows `{}`", refusal.target);
    if (address) refusal.help += "; `*` does not cover addresses";
  }
  return refusal;
}

Refusal blocked_name(const Host& name, const HostRule* rule) {
  Refusal refusal{RefusalKind::blocked, to_string(name)};
  refusal.help =
      fmt::format("if the command needs it, add `allow connect {}` to the policy", refusal.target);
  if (rule != nullptr) {
    refusal.message = fmt::format("a rule of the policy denies the name `{}`", refusal.target);
    refusal.help += " behind that rule";
    refusal.because = rule->reason;
    refusal.rule = rule->rule;
  } else {
    refusal.message = fmt::format("no rule of the policy allows the name `{}`", refusal.target);
  }
  return refusal;
}

Refusal blocked_address(const Host& host, uint16_t port, const IpAddress& address,
                        const AddressVerdict& verdict) {
  Refusal refusal{RefusalKind::blocked_address, to_authority(host, port)};
  const std::string text = to_string(address);
  refusal.message = std::holds_alternative<IpAddress>(host)
                        ? fmt::format("`{}` is {}", text, describe(verdict.problem))
                        : fmt::format("`{}` has the address `{}`, which is {}", to_string(host),
                                      text, describe(verdict.problem));
  if (verdict.problem == AddressProblem::not_loopback) {
    refusal.help = "`localhost` has loopback addresses only; check `/etc/hosts`";
  } else {
    refusal.help = fmt::format("if the command needs it, add `allow connect {}` to the policy",
                               to_authority(address, port));
  }
  if (verdict.rule != nullptr) {
    refusal.because = verdict.rule->reason;
    refusal.rule = verdict.rule->rule;
  }
  return refusal;
}

Refusal tls_refused(const Host& host, uint16_t port, const HostRule* rule,
                    const std::string& problem) {
  Refusal refusal{RefusalKind::tls_name, to_authority(host, port)};
  refusal.message = fmt::format("`{}` was asked for: {}", refusal.target, problem);
  refusal.help =
      fmt::format("if the command needs it, write `allow connect {} tls-name any` in the policy",
                  refusal.target);
  if (rule != nullptr) refusal.rule = rule->rule;
  return refusal;
}

Refusal not_resolved(const Host& host, uint16_t port, RefusalKind kind, std::string_view reason) {
  return {kind, to_authority(host, port),
          fmt::format("`{}` could not be resolved: {}", to_string(host), reason),
          "check the name, and that the host itself can resolve it"};
}

Refusal not_connected(const Host& host, uint16_t port, RefusalKind kind, std::string_view reason) {
  const std::string target = to_authority(host, port);
  return {kind, target, fmt::format("`{}` could not be reached: {}", target, reason),
          "the policy allows it; check that the server is up and listens on that port"};
}

Refusal upstream_failed(const Host& host, uint16_t port, const std::string& upstream,
                        std::string_view reason) {
  const std::string target = to_authority(host, port);
  return {RefusalKind::upstream_failed, target,
          fmt::format("`{}` could not be reached: the upstream proxy `{}` {}", target, upstream,
                      reason),
          "the policy allows it; check the upstream proxy, or reach the host without it by "
          "`no-proxy`"};
}

Refusal bad_request(const Error& error) {
  return {RefusalKind::bad_request, "", error.message, error.help};
}

Refusal not_authenticated() {
  return {RefusalKind::not_authenticated, "", "this proxy is for the sandboxed command only",
          "send the user name and the password that stand in `HTTPS_PROXY`"};
}

Refusal misdirected(const Host& host, uint16_t port) {
  return {RefusalKind::misdirected, to_authority(host, port),
          "the Host field names another host than the target of the request",
          "send the same host and port in both"};
}

Refusal bad_response(const std::string& target, RefusalKind kind, const Error& error) {
  return {kind, target, fmt::format("`{}`: {}", target, error.message), error.help};
}

bool is_blocked(RefusalKind kind) {
  return kind == RefusalKind::blocked || kind == RefusalKind::blocked_address ||
         kind == RefusalKind::tls_name;
}

SocksReply socks_reply(RefusalKind kind) { return row(kind).socks_reply; }

std::string http_response(const Refusal& refusal, bool close, bool head_only) {
  const std::string text = body(refusal);
  std::string response = fmt::format("HTTP/1.1 {}\r\n", row(refusal.kind).http_status);
  if (is_blocked(refusal.kind)) response += "X-Proxy-Error: blocked-by-srt\r\n";
  // RFC 9110, section 11.7.1: without a challenge a 407 would be invalid.
  if (refusal.kind == RefusalKind::not_authenticated) {
    response += "Proxy-Authenticate: Basic realm=\"srt\"\r\n";
  }
  response +=
      fmt::format("Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n", text.size());
  if (close) response += "Connection: close\r\n";
  response += "\r\n";
  if (!head_only) response += text;
  return response;
}

}  // namespace srt::net
