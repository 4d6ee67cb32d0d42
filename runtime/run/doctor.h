#pragma once

#include <string>

namespace srt {

/// What a machine can enforce.
struct Diagnosis {
  std::string text;  ///< for people, one fact a line
  bool can_launch;   ///< whether a launch, which was tried, works
};

/// Looks at this machine, and launches a program that does nothing. Of a root caller the
/// supplementary groups are dropped for good.
Diagnosis examine_machine();

/// What Landlock adds to the mounts here: one line, without an end.
std::string describe_landlock();

}  // namespace srt
