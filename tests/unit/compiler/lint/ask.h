#pragma once

#include <optional>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/driver/decide.h"
#include "compiler/lint/sample.h"
#include "tests/unit/compiler/lint/linted.h"

namespace srt::lint {

/// Who answers for a policy in lints that ask: what `srtc explain` asks.
inline Ask ask_of(const Linted& linted, Target target) {
  Bundle bundle = bundle::lower(linted.policy, linted.sources).value();
  (void)bundle.settle(sample_values(linted.policy, target));
  return [bundle = std::move(bundle)](const Arrangement& arrangement, Operation operation,
                                      const std::string& subject) -> Answer {
    Places places;
    places.values = arrangement.values;
    places.anchors = arrangement.directories;
    const auto decision = driver::decide(bundle, places, "/", operation, subject);
    if (!decision) return {Effect::deny, std::nullopt};
    return {decision->effect, decision->rule};
  };
}

/// What one lint says of a policy on Linux, as people read it.
template <typename Check>
std::string found_by(Check&& check, std::string_view text) {
  Linted linted(text);
  check(linted.subject(ask_of(linted, Target::linux)), linted.diagnostics);
  return render(linted.diagnostics, linted.sources);
}

}  // namespace srt::lint
