#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/bundle/bundle.h"
#include "runtime/caller/places.h"

namespace srt::driver {

/// What a policy says of one request.
struct Decision {
  Effect effect;
  std::optional<std::uint32_t> rule;  ///< the rule that decided; none where the default did
  std::string subject;                ///< in canonical form
  std::string_view beside = {};       ///< what holds whatever rules and default say, or empty

  /// Whether neither a rule nor a default decided, but `beside` alone.
  bool is_built_in() const { return effect == Effect::allow && !beside.empty(); }
};

/// Decides about a request: `subject` is a path, relative ones starting at the caller's `${cwd}`,
/// or for `connect` a host with a port, 443 when it has none. Names are taken as they are: links on
/// this machine are not followed. An error when the subject is none.
Result<Decision> decide(const Bundle& bundle, const Places& places, const std::string& directory,
                        Operation operation, const std::string& subject);

}  // namespace srt::driver
