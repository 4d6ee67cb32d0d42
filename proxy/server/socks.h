#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/hosts/host.h"
#include "runtime/base/result.h"

// Messages of SOCKS5 (RFC 1928) with user and password (RFC 1929). Pure functions over bytes. Each
// reader takes what has arrived so far and sets `length` to the bytes of its message, or to 0 when
// the message is not whole; its value then means nothing.

namespace srt::net {

constexpr char kSocksVersion = 0x05;

enum class SocksMethod : uint8_t { none = 0x00, user_password = 0x02, unacceptable = 0xff };

/// The methods that a client offers and the proxy knows.
struct SocksGreeting {
  bool none = false;
  bool user_password = false;
};

/// Reads the client's greeting.
Result<SocksGreeting> parse_socks_greeting(std::string_view bytes, size_t& length);

/// The method to use with a client: `user_password` where a login is demanded, else `none` before
/// that.
SocksMethod choose_socks_method(const SocksGreeting& greeting, bool demand_login);

/// A user name and a password, as they were sent.
struct SocksLogin {
  std::string user;
  std::string password;
};

/// Reads a user name and password.
Result<SocksLogin> parse_socks_login(std::string_view bytes, size_t& length);

enum class SocksCommand : uint8_t { connect = 1, bind = 2, udp_associate = 3 };

/// A request, its host as it was sent: a name, or the text of an address.
struct SocksRequest {
  SocksCommand command;
  std::string host;
  uint16_t port;
};

/// Reads a request. Fails on another version, command or address type, and on CONNECT
/// to port 0.
Result<SocksRequest> parse_socks_request(std::string_view bytes, size_t& length);

/// Reply codes of RFC 1928, section 6.
enum class SocksReply : uint8_t {
  succeeded = 0,
  failure = 1,
  not_allowed = 2,
  host_unreachable = 4,
  refused = 5,
  command_not_supported = 7,
};

std::string socks_method_reply(SocksMethod method);
std::string socks_login_reply(bool accepted);

/// A reply to a request. The bound address is left at zeros: clients of CONNECT have no use for it.
std::string socks_request_reply(SocksReply code);

}  // namespace srt::net
