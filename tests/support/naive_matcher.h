#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/glob/pattern.h"
#include "compiler/ir/policy.h"

/// What policies mean, written as slowly and as plainly as it can be: the yardstick for automata,
/// profiles and mounts. Nothing here uses the glob engine.
namespace srt::test {

/// The directories of a policy's anchors, by AnchorId. The root directory is "".
using AnchorValues = std::vector<std::string>;

/// Whether the whole of `text` is what the atoms spell.
bool matches(const std::vector<glob::Atom>& atoms, std::string_view text);

/// Whether a set contains a path: "" for the root directory, else canonical (`/a/b`).
bool matches(const glob::PathSet& paths, std::string_view path, const AnchorValues& anchors);

/// What a policy decides about a path by its rules and defaults: the last match wins, a write needs
/// the read, a write grant brings the reads it needs at the lowest rank (whether or not
/// `ir::add_implied_reads` was called). `existing` denies hold. `operation` is read or write.
Effect decide(const ir::Policy& policy, ir::Operation operation, std::string_view path,
              const AnchorValues& anchors);

/// The paths above and including this one, from the root directory ("") on.
std::vector<std::string_view> prefixes(std::string_view path);

}  // namespace srt::test
