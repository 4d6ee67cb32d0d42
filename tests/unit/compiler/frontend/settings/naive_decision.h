#pragma once

#include <string>
#include <string_view>

#include "compiler/ir/policy.h"
#include "runtime/base/effect.h"

/// Decides about single paths by trying every way a pattern can match: slow, and so simple that it
/// can be checked by reading.
namespace srt::settings {

/// Where a run takes place.
struct Place {
  std::string cwd;
  std::string home;
  bool path_exists = true;  ///< what `existing` rules ask
};

/// Whether a pattern matches a path, at this place.
bool matches(const ir::Policy& policy, const glob::PathPattern& pattern, const Place& place,
             std::string_view path);

/// What the last matching rule says, for `write` only where `read` is allowed too.
Effect decide(const ir::Policy& policy, ir::Operation operation, const Place& place,
              std::string_view path);

}  // namespace srt::settings
