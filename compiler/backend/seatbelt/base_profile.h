#pragma once

#include <string_view>

namespace srt::seatbelt {

/// What every profile begins with: what a program needs to run at all, whatever the policy says of
/// files. It grants no path but a device's ioctls, no network, and no service that starts programs
/// or fetches from the network on a client's behalf.
extern const std::string_view kBaseProfile;

}  // namespace srt::seatbelt
