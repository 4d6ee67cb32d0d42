#pragma once

#include <string>
#include <string_view>

#include "compiler/frontend/front_end.h"
#include "compiler/lint/lint.h"
#include "compiler/lint/order.h"

namespace srt::lint {

/// A policy as it holds on one target, ready to be looked at.
struct Linted {
  explicit Linted(std::string_view text, Target target = Target::linux,
                  std::string_view name = "test.srt")
      : target_(target) {
    const FileId file = sources.add(std::string(name), std::string(text));
    whole = srt::read_policy(sources, file, diagnostics);
    policy = ir::select(whole, target);
  }

  Subject subject(Ask ask = {}) const { return {policy, target_, sources, std::move(ask)}; }

  /// What the order lints say, as people read it.
  std::string order() {
    const Subject looked_at = subject();
    Order found(looked_at);
    check_reopened(looked_at, found, diagnostics);
    check_dead(looked_at, found, diagnostics);
    check_budget(looked_at, found, diagnostics);
    return render(diagnostics, sources);
  }

  SourceSet sources;
  Diagnostics diagnostics;
  ir::Policy whole;
  ir::Policy policy;

 private:
  Target target_;
};

}  // namespace srt::lint
