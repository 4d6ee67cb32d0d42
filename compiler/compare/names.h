#pragma once

#include <bitset>
#include <memory>
#include <string>
#include <vector>

#include "compiler/compare/regions.h"
#include "runtime/base/name_pattern.h"

namespace srt::compare {

/// The names that rules of two policies name: variables, services, abstract sockets.
class NameSets : public Sets {
 public:
  Member member(const NamePattern& names);

  Answer find(std::span<const Member> in, std::span<const Member> out) override;
  bool may_meet(std::span<const Member>) override { return true; }
  Example example(std::span<const Member> in, std::span<const Member> out) override;

  /// What a set matches and nothing else.
  std::string spell(Member member) const;

 private:
  struct Result {
    Answer answer;
    std::string name;
  };
  Result search(std::span<const Member> in, std::span<const Member> out) const;
  std::vector<unsigned char> bytes() const;

  std::vector<NamePattern> names_;
  std::vector<std::vector<NamePattern::Step>> steps_;  // of each
};

}  // namespace srt::compare
