#include "compiler/verify/sbpl/formula.h"

#include <algorithm>
#include <utility>

namespace srt::verify::sbpl {
namespace {

FormulaPtr make(Formula formula) { return std::make_shared<const Formula>(std::move(formula)); }

// `zero` makes the whole what it is, `one` changes nothing.
FormulaPtr joined(Formula::Kind kind, std::vector<FormulaPtr> parts, Formula::Kind zero,
                  Formula::Kind one) {
  for (const FormulaPtr& part : parts) {
    if (part->kind == zero) return part;
  }
  std::erase_if(parts, [one](const FormulaPtr& part) { return part->kind == one; });
  if (parts.empty()) return one == Formula::Kind::always ? always() : never();
  if (parts.size() == 1) return parts[0];
  return make({.kind = kind, .parts = std::move(parts)});
}

}  // namespace

FormulaPtr never() {
  static const FormulaPtr kNever = make({.kind = Formula::Kind::never});
  return kNever;
}

FormulaPtr always() {
  static const FormulaPtr kAlways = make({.kind = Formula::Kind::always});
  return kAlways;
}

FormulaPtr leaf(LeafId id) { return make({.kind = Formula::Kind::leaf, .leaf = id}); }

FormulaPtr folded(LeafId id) { return make({.kind = Formula::Kind::folded, .leaf = id}); }

FormulaPtr all_of(std::vector<FormulaPtr> parts) {
  return joined(Formula::Kind::all, std::move(parts), Formula::Kind::never, Formula::Kind::always);
}

FormulaPtr any_of(std::vector<FormulaPtr> parts) {
  return joined(Formula::Kind::any, std::move(parts), Formula::Kind::always, Formula::Kind::never);
}

FormulaPtr no(FormulaPtr part) {
  if (part->kind == Formula::Kind::never) return always();
  if (part->kind == Formula::Kind::always) return never();
  return make({.kind = Formula::Kind::no, .parts = {std::move(part)}});
}

FormulaPtr unsure(FormulaPtr must, FormulaPtr may) {
  return make({.kind = Formula::Kind::unsure, .parts = {std::move(must), std::move(may)}});
}

FormulaPtr above(glob::AnchorId anchor, LeafId outside) {
  return make({.kind = Formula::Kind::above, .leaf = outside, .anchor = anchor});
}

LeafId Leaves::outside(glob::AnchorId anchor) {
  return *get("outside " + std::to_string(anchor),
              [&]() -> Result<Automaton> { return Automaton::not_in(anchor, mark_count_); });
}

}  // namespace srt::verify::sbpl
