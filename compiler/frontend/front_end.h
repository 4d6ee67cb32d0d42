#pragma once

#include <string>
#include <string_view>

#include "compiler/diag/diagnostic.h"
#include "compiler/ir/policy.h"
#include "compiler/source/source.h"

namespace srt {

/// What is said of a policy beside its text.
struct ReadOptions {
  std::string root = {};  ///< the directory that used files have to lie in; empty for none
};

/// Whether a policy's text is settings in JSON, told by how it begins.
bool is_settings(std::string_view text);

/// Reads one policy, whatever its format (told by the content: a JSON object is settings), into the
/// IR: modules inserted, `std.world` before and `std.self` after, implied reads added, ceilings
/// read. Every problem is reported; the policy is only worth using when `diagnostics.has_errors()`
/// stays false.
ir::Policy read_policy(SourceSet& sources, FileId file, Diagnostics& diagnostics,
                       const ReadOptions& options = {});

namespace language {

/// The policy language's part of `read_policy`: the rules of `file` as written, `use` expanded,
/// without `std.world` and `std.self`. A file's name is where it lies: files are used from there.
ir::Policy read_policy(SourceSet& sources, FileId file, Diagnostics& diagnostics,
                       const ReadOptions& options = {});

/// Appends the rules of the built-in module `name` (`std.protect`) to `policy`. A built-in module
/// that does not exist or does not compile is a bug of this program.
void append_module(SourceSet& sources, std::string_view name, ir::Policy& policy,
                   Diagnostics& diagnostics);

}  // namespace language

namespace settings {

/// The settings formats' part of `read_policy`, without `std.world` and `std.self`.
ir::Policy read_policy(SourceSet& sources, FileId file, Diagnostics& diagnostics);

}  // namespace settings

}  // namespace srt
