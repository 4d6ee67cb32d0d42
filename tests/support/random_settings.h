#pragma once

#include <cstdint>
#include <string>

#include "compiler/frontend/settings/keys.h"

namespace srt::test {

/// Settings of one format that the front end accepts, with keys from the whole table: the same for
/// the same seed. Those that would be refused are left out.
std::string random_settings(settings::Format format, std::uint32_t seed);

}  // namespace srt::test
