#include "compiler/compare/names.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "compiler/ir/policy.h"
#include "runtime/base/printable.h"

namespace srt::compare {
namespace {

using Steps = std::vector<NamePattern::Step>;

// The positions of a pattern that a name may have come to: a deterministic state.
using Positions = std::vector<bool>;

// Runs may be empty.
void pass_runs(const Steps& steps, Positions& at) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (at[i] && steps[i].is_run) at[i + 1] = true;
  }
}

Positions start(const Steps& steps) {
  Positions at(steps.size() + 1);
  at[0] = true;
  pass_runs(steps, at);
  return at;
}

Positions step(const Steps& steps, const Positions& from, unsigned char byte) {
  Positions to(from.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!from[i] || !steps[i].bytes[byte]) continue;
    to[steps[i].is_run ? i : i + 1] = true;
  }
  pass_runs(steps, to);
  return to;
}

bool is_dead(const Positions& at) { return std::find(at.begin(), at.end(), true) == at.end(); }

// More than any list of names that people write takes.
constexpr std::size_t kMaxStates = 100'000;

}  // namespace

Member NameSets::member(const NamePattern& names) {
  const auto known = std::find(names_.begin(), names_.end(), names);
  if (known != names_.end()) return static_cast<Member>(known - names_.begin());
  names_.push_back(names);
  steps_.push_back(names.steps());
  return static_cast<Member>(names_.size() - 1);
}

// One byte of each class that the patterns tell apart, those first that look best.
std::vector<unsigned char> NameSets::bytes() const {
  constexpr std::string_view kPleasant = "XYZABCDEFGHIJKLMNOPQRSTUVWabcdefghijklmnopqrstuvwxyz_";
  std::vector<unsigned char> order(kPleasant.begin(), kPleasant.end());
  for (unsigned byte = 1; byte < 256; ++byte) {
    if (kPleasant.find(static_cast<char>(byte)) == std::string_view::npos) {
      order.push_back(static_cast<unsigned char>(byte));
    }
  }
  std::vector<unsigned char> out;
  std::set<std::vector<bool>> seen;
  for (const unsigned char byte : order) {
    std::vector<bool> signature;
    for (const Steps& steps : steps_) {
      for (const NamePattern::Step& one : steps) signature.push_back(one.bytes[byte]);
    }
    if (seen.insert(std::move(signature)).second) out.push_back(byte);
  }
  return out;
}

// Breadth first through the patterns side by side, so that the name is a short one.
NameSets::Result NameSets::search(std::span<const Member> in, std::span<const Member> out) const {
  using State = std::vector<Positions>;
  std::vector<Member> all(in.begin(), in.end());
  all.insert(all.end(), out.begin(), out.end());
  State first;
  for (const Member member : all) first.push_back(start(steps_[member]));
  const auto accepts = [&](const State& state) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (state[i].back() != (i < in.size())) return false;
    }
    return true;
  };
  const auto is_hopeless = [&](const State& state) {
    return std::any_of(state.begin(), state.begin() + static_cast<std::ptrdiff_t>(in.size()),
                       is_dead);
  };
  const std::vector<unsigned char> bytes = this->bytes();
  std::map<State, std::string> seen = {{first, {}}};
  std::vector<State> level = {first};
  while (!level.empty()) {
    std::vector<State> next;
    for (const State& from : level) {
      const std::string name = seen.at(from);
      for (const unsigned char byte : bytes) {
        State to;
        for (std::size_t i = 0; i < all.size(); ++i) {
          to.push_back(step(steps_[all[i]], from[i], byte));
        }
        if (is_hopeless(to)) continue;
        const auto [entry, is_new] = seen.try_emplace(to, name + static_cast<char>(byte));
        if (!is_new) continue;
        if (accepts(to)) return {Answer::found, entry->second};
        if (seen.size() > kMaxStates) return {Answer::unknown, {}};
        next.push_back(std::move(to));
      }
    }
    level = std::move(next);
  }
  return {Answer::none, {}};
}

Sets::Answer NameSets::find(std::span<const Member> in, std::span<const Member> out) {
  return search(in, out).answer;
}

Example NameSets::example(std::span<const Member> in, std::span<const Member> out) {
  return {printable(search(in, out).name), {}};
}

std::string NameSets::spell(Member member) const { return ir::spell(names_[member]); }

}  // namespace srt::compare
