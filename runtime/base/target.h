#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace srt {

/// A platform on which policies are enforced.
enum class Target : std::uint8_t { linux, macos };

inline constexpr std::array kTargets = {Target::linux, Target::macos};

constexpr std::string_view to_string(Target target) {
  return target == Target::linux ? "linux" : "macos";
}

/// A set of targets: those on which a policy must be enforceable, or on which a rule holds.
struct Targets {
  bool linux = false;
  bool macos = false;

  static constexpr Targets all() { return {true, true}; }
  static constexpr Targets only(Target target) {
    return {target == Target::linux, target == Target::macos};
  }

  constexpr bool has(Target target) const { return target == Target::linux ? linux : macos; }

  friend bool operator==(const Targets&, const Targets&) = default;
};

}  // namespace srt
