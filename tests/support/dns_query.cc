#include "tests/support/dns_query.h"

#include <algorithm>

namespace srt::test {

std::vector<std::uint8_t> dns_query(std::string_view name, std::uint16_t type, bool edns) {
  std::vector<std::uint8_t> out = {0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, edns};
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    name.remove_prefix(std::min(label.size() + 1, name.size()));
    out.push_back(static_cast<std::uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
  }
  out.insert(out.end(), {0, static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type)});
  out.insert(out.end(), {0, 1});
  if (edns) out.insert(out.end(), {0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0});
  return out;
}

}  // namespace srt::test
