#include "compiler/compare/paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "runtime/base/printable.h"

namespace srt::compare {
namespace {

// Steps that all questions about one operation may take, about two seconds' worth: a comparison is
// asked for by hand or in CI, and its answer is worth waiting for.
constexpr std::size_t kMaxSteps = 200'000'000;

}  // namespace

PathSets::PathSets(const Frame& frame, Target target)
    : frame_(frame), arrangements_(frame.before, target) {}

Member PathSets::member(const glob::PathSet& paths) {
  std::vector<Member>& alike = by_spelling_[ir::spell(frame_.before, paths)];
  for (const Member known : alike) {
    if (*sets_[known] == paths) return known;
  }
  alike.push_back(static_cast<Member>(sets_.size()));
  sets_.push_back(&paths);
  return alike.back();
}

glob::Family& PathSets::family() {
  if (!family_) {
    family_ = std::make_unique<glob::Family>(sets_, frame_.before.anchors.size(),
                                             arrangements_.bytes(), kMaxSteps);
  }
  return *family_;
}

const glob::AnchorDirectories* PathSets::looked_at() const {
  return is_common_ ? &arrangements_.common().directories : nullptr;
}

Sets::Answer PathSets::find(std::span<const Member> in, std::span<const Member> out) {
  switch (family().find(in, out, looked_at()).answer) {
    case glob::Family::Answer::none:
      return Answer::none;
    case glob::Family::Answer::found:
      return Answer::found;
    case glob::Family::Answer::unknown:
      break;
  }
  return Answer::unknown;
}

bool PathSets::may_meet(std::span<const Member> in) { return family().may_meet(in, looked_at()); }

Example PathSets::example(std::span<const Member> in, std::span<const Member> out) {
  const lint::Arrangement& common = arrangements_.common();
  const glob::Family::Found usual = family().find(in, out, &common.directories);
  if (usual.answer == glob::Family::Answer::found) {
    return {printable(arrangements_.spell(usual.witness.path, common)), {}};
  }
  const glob::Witness witness = family().find(in, out).witness;
  return {witness.path.empty() ? "/" : printable(witness.path), directories(witness, in)};
}

// The directories that a witness needs, of the anchors that the sets start from.
std::string PathSets::directories(const glob::Witness& witness, std::span<const Member> in) const {
  std::set<glob::AnchorId> named;
  for (const Member member : in) {
    const glob::PathSet& set = *sets_[member];
    if (set.pattern.anchor) named.insert(*set.pattern.anchor);
    if (set.within && set.within->anchor) named.insert(*set.within->anchor);
  }
  std::string out;
  for (const auto& [anchor, length] : witness.marks) {
    if (!named.contains(anchor)) continue;
    const std::string directory = witness.path.substr(0, length);
    out += fmt::format("{}`{}` is `{}`", out.empty() ? "where " : " and ",
                       ir::spell(frame_.before, glob::PathPattern{anchor, {}, true}),
                       directory.empty() ? "/" : printable(directory));
  }
  return out;
}

std::string PathSets::spell(Member member) const {
  return ir::spell_exactly(frame_.before, *sets_[member]);
}

}  // namespace srt::compare
