#pragma once

#include <functional>
#include <string>
#include <vector>

#include "proxy/hosts/host.h"

namespace srt::net {

/// What a look-up found.
struct Resolution {
  enum class Outcome : unsigned char { found, failed, timed_out };

  Outcome outcome = Outcome::failed;
  /// At least one when `found`; in the order in which they are to be tried within a family.
  std::vector<IpAddress> addresses = {};
  /// Why there are none, in words.
  std::string reason = {};
};

/// Finds the addresses of names.
class Resolver {
 public:
  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  virtual ~Resolver() = default;

  /// Calls `done` once, on the event loop's thread, possibly before it returns.
  virtual void resolve(const HostName& name, std::function<void(Resolution)> done) = 0;
};

}  // namespace srt::net
