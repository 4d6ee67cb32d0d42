#pragma once

/// The exit statuses of `srt-run` and `srt`; those of `srtc` are its own (compiler/driver). They
/// follow env(1), nohup(1) and timeout(1).
namespace srt {

inline constexpr int kExitDone = 0;
inline constexpr int kExitNotAsExpected = 1;  ///< of `--selftest`: something is not as it should be
inline constexpr int kExitFailure = 125;      ///< our own; the command never ran
inline constexpr int kExitNotExecutable = 126;  ///< the command was found but could not be executed
inline constexpr int kExitNotFound = 127;       ///< the command was not found
inline constexpr int kExitSignalBase = 128;     ///< plus N: signal N ended the command

}  // namespace srt
