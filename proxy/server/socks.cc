#include "proxy/server/socks.h"

#include <span>

namespace srt::net {

namespace {

constexpr uint8_t byte_at(std::string_view bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

// The text of the address whose bytes these are.
std::string address_text(std::string_view bytes) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  return to_string(*IpAddress::from_bytes(std::span(data, bytes.size())));
}

}  // namespace

Result<SocksGreeting> parse_socks_greeting(std::string_view bytes, size_t& length) {
  length = 0;
  if (bytes.size() < 2) return SocksGreeting{};
  if (bytes[0] != kSocksVersion) return Error{"the SOCKS version is not 5"};
  const size_t count = byte_at(bytes, 1);
  if (bytes.size() < 2 + count) return SocksGreeting{};
  length = 2 + count;
  const std::string_view methods = bytes.substr(2, count);
  const auto offered = [&](SocksMethod method) {
    return methods.find(static_cast<char>(method)) != std::string_view::npos;
  };
  return SocksGreeting{offered(SocksMethod::none), offered(SocksMethod::user_password)};
}

SocksMethod choose_socks_method(const SocksGreeting& greeting, bool demand_login) {
  if (greeting.none && !demand_login) return SocksMethod::none;
  return greeting.user_password ? SocksMethod::user_password : SocksMethod::unacceptable;
}

Result<SocksLogin> parse_socks_login(std::string_view bytes, size_t& length) {
  length = 0;
  if (bytes.size() < 2) return SocksLogin{};
  if (bytes[0] != 1) return Error{"the version of the SOCKS login is not 1"};
  const size_t user_size = byte_at(bytes, 1);
  const size_t password_at = 2 + user_size;
  if (bytes.size() <= password_at) return SocksLogin{};
  const size_t password_size = byte_at(bytes, password_at);
  const size_t end = password_at + 1 + password_size;
  if (bytes.size() < end) return SocksLogin{};
  length = end;
  return SocksLogin{std::string(bytes.substr(2, user_size)),
                    std::string(bytes.substr(password_at + 1, password_size))};
}

Result<SocksRequest> parse_socks_request(std::string_view bytes, size_t& length) {
  constexpr size_t kFixed = 4;  // version, command, reserved, address type
  constexpr uint8_t kTypeV4 = 1;
  constexpr uint8_t kTypeName = 3;
  constexpr uint8_t kTypeV6 = 4;

  length = 0;
  if (bytes.size() < kFixed + 1) return SocksRequest{SocksCommand::connect, {}, 0};
  const uint8_t command = byte_at(bytes, 1);
  if (bytes[0] != kSocksVersion || bytes[2] != 0) return Error{"the SOCKS request is malformed"};
  if (command < 1 || command > 3) return Error{"the SOCKS command is not known"};

  const uint8_t type = byte_at(bytes, 3);
  size_t host_at = kFixed;
  size_t host_size = 0;
  if (type == kTypeV4) {
    host_size = IpAddress::kV4Bytes;
  } else if (type == kTypeV6) {
    host_size = IpAddress::kV6Bytes;
  } else if (type == kTypeName) {
    host_size = byte_at(bytes, host_at++);
  } else {
    return Error{"the SOCKS address type is not known"};
  }
  const size_t port_at = host_at + host_size;
  if (bytes.size() < port_at + 2) return SocksRequest{SocksCommand::connect, {}, 0};
  length = port_at + 2;
  const std::string_view host = bytes.substr(host_at, host_size);
  const auto port =
      static_cast<uint16_t>(byte_at(bytes, port_at) << 8 | byte_at(bytes, port_at + 1));
  // The other commands may leave the port open.
  if (port == 0 && command == static_cast<uint8_t>(SocksCommand::connect)) {
    return Error{"the SOCKS request names port 0"};
  }
  return SocksRequest{static_cast<SocksCommand>(command),
                      type == kTypeName ? std::string(host) : address_text(host), port};
}

std::string socks_method_reply(SocksMethod method) {
  return {kSocksVersion, static_cast<char>(method)};
}

// RFC 1929, section 2: anything but 0 is a failure.
std::string socks_login_reply(bool accepted) { return {'\x01', accepted ? '\0' : '\x01'}; }

std::string socks_request_reply(SocksReply code) {
  std::string reply = {kSocksVersion, static_cast<char>(code), '\0', '\x01'};
  reply.append(IpAddress::kV4Bytes + 2, '\0');
  return reply;
}

}  // namespace srt::net
