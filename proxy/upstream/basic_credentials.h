#pragma once

#include <string>
#include <string_view>

namespace srt::net {

/// The value of a field that carries a user name and a password (RFC 7617): `Basic …`. A secret as
/// the password is one. The user name must not hold a colon, at the first of which it would end.
std::string basic_credentials(std::string_view user, std::string_view password);

}  // namespace srt::net
