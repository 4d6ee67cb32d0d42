#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/bundle/bundle.h"
#include "runtime/plan/mount_plan.h"

namespace srt {

/// The bundle's path rules and what they came to here, as the second stage reads them:
/// guard::Table. Rules that cover existing names only are left out.
std::vector<std::byte> encode_guard(const Bundle& bundle, const std::vector<std::string>& anchors,
                                    const NameGuard& guard);

}  // namespace srt
