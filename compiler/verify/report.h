#pragma once

#include <string>
#include <vector>

/// What comes of holding an artifact against its policy.
namespace srt::verify {

/// How the artifact decides otherwise than the policy.
enum class Kind : std::uint8_t {
  looser,      ///< it allows what the policy denies
  tighter,     ///< the other way round, and nothing said that it would
  other,       ///< it is neither: a variable's value, another errno
  unproved,    ///< it is not understood, and so may be anything
  unfinished,  ///< no difference was found, and the proof is beyond the budget
};

constexpr std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::looser:
      return "looser";
    case Kind::tighter:
      return "tighter";
    case Kind::other:
      return "different";
    case Kind::unproved:
      return "unproved";
    case Kind::unfinished:
      break;
  }
  return "unfinished";
}

/// One request, or one setting, on which the artifact is not what the policy says.
struct Difference {
  Kind kind;
  std::string part;           ///< `read`, `connect`, `seccomp x86_64`, …
  std::string subject;        ///< what is asked for: a path, a host, a system call with arguments
  std::string policy = {};    ///< what the policy makes of it, and where
  std::string artifact = {};  ///< what the artifact makes of it, and where in it

  friend bool operator==(const Difference&, const Difference&) = default;
};

/// The differences of one artifact, what was proved, and what was not looked at.
struct Report {
  std::vector<std::string> proved;
  std::vector<std::string> unchecked;
  std::vector<Difference> differences;

  /// Whether everything that was looked at is equal. Nothing else may be relied on.
  bool holds() const { return differences.empty(); }
  /// Whether something is wrong, and not merely too large to be proved.
  bool is_broken() const;
};

/// The most differences that are listed of one part: one is enough to refuse an artifact.
inline constexpr std::size_t kMaxDifferences = 8;

/// The verdict in the first line (`equal`, `same text` where nothing was proved, or the worst kind
/// of difference), then a line for each
/// difference, what was proved and what was not looked at. Lines about it begin with `name`.
std::string to_text(const Report& report, const std::string& name);

}  // namespace srt::verify
