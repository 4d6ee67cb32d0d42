#include "compiler/optimize/optimize.h"

#include <fmt/format.h>

#include <utility>

#include "compiler/optimize/proof.h"
#include "compiler/source/edit_distance.h"

namespace srt::optimize {
namespace {

constexpr std::string_view kNo = "no-";

Error broken(std::string_view pass) {
  return {
      fmt::format("the optimizer pass `{}` would change what the policy decides", pass),
      fmt::format("this is a fault of srtc, please report it; `-O no-{}` compiles without", pass)};
}

// The first of the passes after which the policy decides otherwise than before it.
Error broken(const ir::Policy& policy, const Switches& switches, Tables& tables) {
  ir::Policy current = policy;
  for (std::size_t i = 0; i < kPasses.size(); ++i) {
    if (!switches.is_on(i)) continue;
    Outcome outcome = kPasses[i].run(current, tables);
    if (outcome.changed && prove(current, outcome.policy, tables) == Proof::different) {
      return broken(kPasses[i].name);
    }
    current = std::move(outcome.policy);
  }
  return broken(kPasses.back().name);
}

}  // namespace

Switches Switches::none() {
  Switches out;
  out.on_.fill(false);
  return out;
}

Status Switches::apply(std::string_view value) {
  if (value == "0") {
    on_.fill(false);
    return ok();
  }
  std::array<std::string_view, kPasses.size()> names;
  for (std::size_t i = 0; i < kPasses.size(); ++i) {
    names[i] = kPasses[i].name;
    if (value != fmt::format("{}{}", kNo, names[i])) continue;
    switch_off(i);
    return ok();
  }
  const std::string_view word = value.starts_with(kNo) ? value.substr(kNo.size()) : value;
  const auto meant = closest(word, names);
  std::string all = "`-O0`";
  for (const std::string_view name : names) all += fmt::format(", `-O no-{}`", name);
  return Error{fmt::format("`-O` does not know `{}`", value),
               meant ? fmt::format("did you mean `no-{}`?", *meant) : "it is one of " + all};
}

Result<Optimized> optimize(const ir::Policy& policy, const Switches& switches,
                           const Observer& observer) {
  Tables tables;
  ir::Policy current = policy;
  bool changed = false;
  for (std::size_t i = 0; i < kPasses.size(); ++i) {
    if (!switches.is_on(i)) continue;
    Outcome outcome = kPasses[i].run(std::move(current), tables);
    current = std::move(outcome.policy);
    changed = changed || outcome.changed;
    if (observer) observer(i, current);
  }
  const Proof proof = changed ? prove(policy, current, tables) : Proof::same;
  if (proof == Proof::different) return broken(policy, switches, tables);
  if (proof == Proof::unknown) current = policy;
  Result<PathTable> paths = tables.of(current, Target::linux);
  return Optimized{std::move(current), std::move(paths)};
}

}  // namespace srt::optimize
