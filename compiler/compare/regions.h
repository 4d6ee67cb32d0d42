#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/effect.h"

/// Where two ordered lists of rules decide otherwise, whatever their patterns are about.
namespace srt::compare {

/// Names a set of requests.
using Member = std::uint32_t;

/// A request that shows that something differs, and the directories that it needs.
struct Example {
  std::string request;
  std::string where;
};

/// Sets of requests, about which it can be decided whether some of them have something in common
/// that others lack.
class Sets {
 public:
  enum class Answer : std::uint8_t { none, found, unknown };

  virtual ~Sets() = default;

  /// Whether a request is in all of `in` and in none of `out`.
  virtual Answer find(std::span<const Member> in, std::span<const Member> out) = 0;
  /// False only where nothing is in all of `in`; costs next to nothing.
  virtual bool may_meet(std::span<const Member> in) = 0;
  /// Such a request, as people like to see it; there is one.
  virtual Example example(std::span<const Member> in, std::span<const Member> out) = 0;
};

/// Rules of one operation; of those that match a request the last decides, else the fallback.
struct Rules {
  struct Ruling {
    Effect effect;
    Member set;

    friend bool operator==(const Ruling&, const Ruling&) = default;
  };
  std::vector<Ruling> rulings;
  Effect fallback;

  friend bool operator==(const Rules&, const Rules&) = default;
};

/// Requests that are in all of `in` and in none of `out`; without `in` all requests are.
struct Region {
  std::vector<Member> in;
  std::vector<Member> out;
};

struct Regions {
  std::vector<Region> regions;
  bool has_more = false;    ///< of which there were too many to list
  bool is_complete = true;  ///< else something could not be decided
};

/// What every list of `allowing` allows and one of `denying` denies, as few regions that cover it
/// together and hold nothing else, `max` at most. What lies in the sets of a region of `known` is
/// left out.
Regions differences(Sets& sets, std::span<const Rules> allowing, std::span<const Rules> denying,
                    std::span<const Region> known, std::size_t max);

}  // namespace srt::compare
