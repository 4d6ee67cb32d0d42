#pragma once

#include <string>

#include "runtime/base/result.h"
#include "runtime/bundle/bundle.h"
#include "runtime/caller/places.h"

namespace srt {

/// The subject of an expectation with the values of what stands for something: `~` at the start and
/// `${name}` where the operation speaks of paths, of hosts or of ports, and `\c` and `\xHH` where
/// it speaks of paths or names. An error names what the policy has no value of.
Result<std::string> expanded_subject(const Bundle& bundle, const Places& places,
                                     Operation operation, const std::string& subject);

/// `path`, from `directory` on where it is relative, without `.`, `..` and empty components; the
/// root directory is "". Links are not followed. An error where it cannot be a path.
Result<std::string> canonical_path(const std::string& directory, const std::string& path);

}  // namespace srt
