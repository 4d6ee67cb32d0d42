#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "compiler/backend/seatbelt/regex.h"

/// Many regexes of paths as few. A regex stands here without its `^`, cut into pieces.
namespace srt::seatbelt {

/// How a regex ends: with what it matches, or with everything beneath that as well.
enum class Ending : std::uint8_t { alone, subtree };

/// The longest regex that is made of several, in bytes: well below what Seatbelt reads, and about
/// what a person does.
inline constexpr std::size_t kMaxFactoredBytes = 600;

/// Regexes that together match what any of these does. What several begin with is written once, and
/// what another covers is left out. The same whatever the order.
std::vector<std::string> factored(std::vector<Pieces> regexes, Ending ending);

/// Regexes that begin with `**`: they hold in every directory.
class Everywhere {
 public:
  explicit Everywhere(Ending ending) : ending_(ending) {}

  /// Takes in a regex that starts from the root directory, if it begins with `**`.
  void add(const Pieces& regex);

  /// Whether another regex, from whatever directory, matches nothing that these do not.
  bool cover(const Pieces& regex) const;

 private:
  Ending ending_;
  std::set<std::string> tails_;  // what follows the `**`
};

}  // namespace srt::seatbelt
