#include "compiler/verify/paths.h"

#include <fmt/format.h>

#include "compiler/verify/joint_walk.h"
#include "compiler/verify/lane_proof.h"

namespace srt::verify {
namespace {

std::string spell(const PathSides& sides, const SourceSet& sources,
                  const PathSides::Ruling& ruling) {
  if (!ruling.rule) return fmt::format("{} by default", to_string(ruling.effect));
  const ir::Rule& rule = sides.policy().rules[*ruling.rule];
  return fmt::format("`{}` ({})", rule.text, sources.location(rule.origin));
}

std::string spell(const PathSides& sides, const PathSides::Ruling& ruling) {
  if (!ruling.rule) return fmt::format("{} by default", to_string(ruling.effect));
  const auto label = static_cast<std::uint32_t>(*ruling.rule);
  return fmt::format("{} by rule {}, `{}`", to_string(ruling.effect), label,
                     sides.labelled(label).text);
}

Difference to_difference(const PathSides& sides, const SourceSet& sources, const Word& word) {
  const std::optional<PathDifference> found = find_difference(sides, word);
  const bool is_looser = found->table.effect == Effect::allow;
  return {is_looser ? Kind::looser : Kind::tighter,
          std::string(to_string(sides.operation_at(found->place))),
          sides.spell(word) + (found->later ? " if it appears during the run" : ""),
          spell(sides, sources, found->policy), spell(sides, found->table)};
}

}  // namespace

void check_paths(const ir::Policy& policy, const SourceSet& sources, const Bundle& bundle,
                 TableKind kind, const ir::Policy* optimized, std::vector<Difference>& out) {
  const std::string part = kind == TableKind::files ? "files" : "unix sockets";
  if (optimized != nullptr) {
    const Result<PathSides> smaller = PathSides::make(*optimized, bundle, kind);
    if (smaller && prove_lanes(*smaller).gap.empty()) return;
  }
  const Result<PathSides> sides = PathSides::make(policy, bundle, kind);
  if (!sides) {
    out.push_back({Kind::unproved, part, sides.error().message});
    return;
  }
  const LaneProof proof = prove_lanes(*sides);
  if (proof.gap.empty()) return;
  if (proof.witness) {
    out.push_back(to_difference(*sides, sources, *proof.witness));
    return;
  }
  if (proof.is_unfinished) {
    out.push_back({Kind::unfinished, part, proof.gap});
    return;
  }
  const JointWalk walk = walk_jointly(*sides);
  if (walk.witness) {
    out.push_back(to_difference(*sides, sources, *walk.witness));
  } else if (!walk.is_complete || proof.misleads) {
    out.push_back({Kind::unproved, part, proof.gap});
  }
}

}  // namespace srt::verify
