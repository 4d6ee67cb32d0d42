#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/backend/seccomp/arch.h"
#include "compiler/driver/load.h"
#include "compiler/verify/report.h"
#include "runtime/base/result.h"

namespace srt::driver {

/// What a policy is compiled to.
enum class Artifact : std::uint8_t { seatbelt, bundle, filter };

/// Which one a file is, by its name: `.sb`, `.srtb`, `.bpf`; nothing for another name.
std::optional<Artifact> artifact_of(std::string_view name);

/// The bytes of an artifact. `arch` is for a filter, empty for this machine's; `bundle` has the
/// profile where one is asked for.
Result<std::string> content_of(const Bundle& bundle, Artifact artifact, const std::string& arch);

/// The machine of that name, this one where it is empty; an error where there is none.
Result<seccomp::Arch> arch_named(const std::string& name);

/// Reads `bytes` back and holds them against the policy, of which `lowered` was made. The error is
/// that of bytes which are no such artifact.
Result<verify::Report> verify_content(const Compilation& compilation, const Lowered& lowered,
                                      Artifact artifact, std::string_view bytes,
                                      const std::string& arch);

}  // namespace srt::driver
