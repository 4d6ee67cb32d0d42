#include "runtime/run/load.h"

namespace srt {

Result<LoadedBundle> load_bundle(const std::string& bytes, const std::string& path,
                                 const Caller& caller,
                                 const std::vector<std::pair<std::string, std::string>>& overrides,
                                 const PlaceRulesOf& rules_of) {
  Result<Bundle> bundle = read_bundle(bytes);
  if (!bundle) {
    return Error{"`" + path + "`: " + bundle.error().message, bundle.error().help};
  }
  Result<Places> places = find_places(*bundle, caller, path, overrides, rules_of(*bundle));
  if (!places) return places.error();
  if (const Status settled = bundle->settle(places->values); !settled) return settled.error();
  return LoadedBundle{*std::move(bundle), *std::move(places)};
}

}  // namespace srt
