#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace srt::test {

/// A query of a resolver, in wire form: id 0x1234, recursion desired, one question of class IN,
/// labels split at dots.
std::vector<std::uint8_t> dns_query(std::string_view name, std::uint16_t type, bool edns = false);

}  // namespace srt::test
