#pragma once

#include <cstddef>
#include <cstdint>

/// What a policy may have, in any format. Real ones stay a hundred times below; what exceeds a
/// limit is no policy, or is meant to exhaust the compiler.
namespace srt {

/// Bytes of a policy's text: room for the rules below at forty bytes each.
inline constexpr std::size_t kMaxPolicyBytes = 4 * 1024 * 1024;

/// Bytes of a file that are read all the same, so that the message tells how many they are.
inline constexpr std::size_t kMaxReadBytes = 16 * kMaxPolicyBytes;

/// Rules after alternatives are expanded and modules inserted: a minute's work for the automata.
inline constexpr std::size_t kMaxRules = 100'000;

/// Bytes of a pattern: the longest path that a system call takes (PATH_MAX, limits.h of Linux).
inline constexpr std::size_t kMaxPatternBytes = 4096;

/// Alternatives that the braces of one pattern may spell: ten times `{a,b}`.
inline constexpr std::size_t kMaxAlternatives = 1024;

/// How often settings may have a denied path held against an allowed one or one of the two that are
/// writable by default: each time takes a few automata, five thousand of them some seconds.
inline constexpr std::size_t kMaxReadPairs = 5'000;

/// How deep braces may be nested: readers of braces are recursive.
inline constexpr std::uint32_t kMaxBraceDepth = 32;

/// How deep files may use each other: a team's, of an organisation's, of a vendor's, and some more.
inline constexpr std::size_t kMaxUseDepth = 16;

/// Uses of modules and files in one policy, those of used files too: each is read again.
inline constexpr std::size_t kMaxUses = 1000;

/// Statements that cannot be read before the rest is left alone: such a text is no policy.
inline constexpr std::size_t kMaxUnreadable = 100;

}  // namespace srt
