#pragma once

#include <optional>
#include <string>

#include "compiler/frontend/front_end.h"
#include "runtime/base/result.h"
#include "runtime/base/unique_fd.h"
#include "runtime/caller/caller.h"

namespace srt::driver {

/// The path of a bundle of the policy `text`, for `srt-run`: from the caller's cache where the same
/// text, name and compiler made one before, else compiled now and kept there. The files that the
/// policy was read from cannot be written under it. Messages of a
/// compilation go to standard error, unless there are only notes. A cache that cannot be used,
/// because it cannot be written or others could have written to it, is passed over: the path is
/// then that of a descriptor of this process, which `srt-run` inherits. Nothing where the policy
/// does not compile.
Result<std::optional<std::string>> cached_bundle(const std::string& name, const std::string& text,
                                                 const Caller& caller,
                                                 const ReadOptions& options = {});

/// A file in memory that holds a bundle of the policy `text`, likewise, but nothing is kept.
Result<std::optional<UniqueFd>> bundle_in_memory(const std::string& name, const std::string& text,
                                                 const Caller& caller);

/// Becomes `srt-run`, the one beside this program, with these arguments. Returns only on failure.
Error become_srt_run(const Caller& caller, const std::vector<std::string>& arguments);

}  // namespace srt::driver
