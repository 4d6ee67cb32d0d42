#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/compare/frame.h"
#include "compiler/compare/regions.h"
#include "compiler/glob/family.h"
#include "compiler/lint/arrangement.h"

namespace srt::compare {

/// The paths that the rules of two policies name. All of them are to be named before the first
/// question.
class PathSets : public Sets {
 public:
  PathSets(const Frame& frame, Target target);

  Member member(const glob::PathSet& paths);

  /// Whether questions are about the arrangement of directories that nearly every run has, or about
  /// all of them, as at first.
  void look_at_common(bool is_common) { is_common_ = is_common; }

  Answer find(std::span<const Member> in, std::span<const Member> out) override;
  bool may_meet(std::span<const Member> in) override;
  Example example(std::span<const Member> in, std::span<const Member> out) override;

  /// What a set matches and nothing else.
  std::string spell(Member member) const;

 private:
  glob::Family& family();
  const glob::AnchorDirectories* looked_at() const;
  std::string directories(const glob::Witness& witness, std::span<const Member> in) const;

  const Frame& frame_;
  lint::Arrangements arrangements_;
  std::vector<const glob::PathSet*> sets_;
  std::map<std::string, std::vector<Member>> by_spelling_;
  std::unique_ptr<glob::Family> family_;
  bool is_common_ = false;
};

}  // namespace srt::compare
