#pragma once

#include <string>
#include <vector>

#include "compiler/driver/load.h"

namespace srt::driver {

/// The names of the policy file `name`, which may be relative to `directory`: as given, made
/// absolute, and with links resolved; one where they are the same. None where it is no regular file
/// (standard input, a pipe of the shell).
std::vector<std::string> names_of_file(const std::string& name, const std::string& directory);

/// Appends to the policy, behind all rules, that none of the files it was read from can be written:
/// a command that could would choose the policy of the next run. Relative names are relative to
/// `directory`.
void deny_writing_sources(Compilation& compilation, const std::string& directory);

}  // namespace srt::driver
