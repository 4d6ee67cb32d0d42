#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace srt {

/// A resource whose use a policy can limit, per process but for `processes`.
enum class Limit : std::uint8_t {
  memory,     ///< bytes of private writable memory (RLIMIT_DATA): address space that is only
              ///< reserved, as by V8, Go and the JVM, does not count
  files,      ///< open descriptors (RLIMIT_NOFILE)
  processes,  ///< processes and threads of the whole sandbox (RLIMIT_NPROC)
  cpu,        ///< seconds of processor time (RLIMIT_CPU)
  file_size,  ///< bytes of a file that is written (RLIMIT_FSIZE)
  core,       ///< bytes of a core dump (RLIMIT_CORE)
};

/// What a limit counts.
enum class Unit : std::uint8_t { bytes, count, seconds };

struct LimitInfo {
  Limit limit;
  std::string_view name;
  Unit unit;
};
inline constexpr std::array<LimitInfo, 6> kLimits = {{
    {Limit::memory, "memory", Unit::bytes},
    {Limit::files, "files", Unit::count},
    {Limit::processes, "processes", Unit::count},
    {Limit::cpu, "cpu", Unit::seconds},
    {Limit::file_size, "file-size", Unit::bytes},
    {Limit::core, "core", Unit::bytes},
}};

constexpr std::string_view to_string(Limit limit) {
  return kLimits[static_cast<std::size_t>(limit)].name;
}

/// A value for each limit that is set.
using Limits = std::array<std::optional<std::uint64_t>, kLimits.size()>;

}  // namespace srt
