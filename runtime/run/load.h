#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/bundle/bundle.h"
#include "runtime/caller/places.h"

namespace srt {

/// A bundle with its parameters filled in.
struct LoadedBundle {
  Bundle bundle;
  Places places;
};

/// What a target's rules say of places, for a bundle that outlives the answer.
using PlaceRulesOf = std::function<PlaceRules(const Bundle&)>;

/// Makes one of the bytes of the file `path`. Errors, which name the file where it is damaged, are
/// those of read_bundle, find_places and Bundle::settle.
Result<LoadedBundle> load_bundle(const std::string& bytes, const std::string& path,
                                 const Caller& caller,
                                 const std::vector<std::pair<std::string, std::string>>& overrides,
                                 const PlaceRulesOf& rules_of);

}  // namespace srt
