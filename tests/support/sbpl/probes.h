#pragma once

#include <random>
#include <set>
#include <string>
#include <string_view>

#include "tests/support/sbpl/profile.h"

/// Requests near what a profile speaks of.
namespace srt::test::sbpl {

/// A text that a regex of the dialect matches, or nearly: alternatives and counts by chance.
std::string sample_of(std::string_view regex, std::mt19937& random);

/// Paths that the filters of a profile name, what lies above and beneath them, and other spellings
/// of their names: `per_regex` samples of each regex.
std::set<std::string> probes_of(const Profile& profile, std::uint32_t seed, int per_regex);

/// Every operation on a path that rules of a profile can decide apart.
inline constexpr const char* kPathOperations[] = {
    "file-read-data",  "file-read-metadata", "file-read-xattr",   "file-map-executable",
    "process-exec",    "file-write-data",    "file-write-create", "file-write-unlink",
    "file-write-mode", "file-link",          "file-ioctl",        "network-outbound"};

}  // namespace srt::test::sbpl
