#pragma once

#include <string>
#include <string_view>

#include "proxy/server/http.h"
#include "runtime/base/result.h"

namespace srt::net {

/// What a client has to know on a listener that others than the command can reach: a secret of one
/// run, in the form of a user name and a password. Not to be shown, nor to be stored.
class ClientToken {
 public:
  /// A new one, 128 bits of the kernel's making. Fails when the kernel gives none.
  static Result<ClientToken> make();

  /// `USER:PASSWORD`, plain in any URL: clients are given `http://USER:PASSWORD@HOST:PORT`.
  std::string user_info() const;

  /// Whether the one field Proxy-Authorization among these carries it.
  bool accepts(const HttpFields& fields) const;

  /// Whether a SOCKS5 login carries it.
  bool accepts(std::string_view user, std::string_view password) const;

 private:
  explicit ClientToken(std::string password);

  std::string password_;
  /// As Proxy-Authorization carries it.
  std::string credentials_;
};

}  // namespace srt::net
