#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/verify/sbpl/formula.h"
#include "runtime/base/effect.h"

namespace srt::verify::sbpl {

/// A rule about paths, of whichever side.
struct Clause {
  Effect effect;
  FormulaPtr paths;
  std::size_t source;  ///< an index in the policy, or a line of the profile
};

/// Ordered rules: of those that match the last decides.
struct Rules {
  std::vector<Clause> clauses;
  Effect otherwise = Effect::deny;
};

/// What the kernel asks about a path: the operations of Seatbelt that some rule of the policy's
/// language speaks of. Operations that no profile tells apart from one of these are not listed:
/// they are decided alike.
enum class Question : std::uint8_t {
  read_data,
  read_metadata,
  read_xattr,
  map,
  execute,
  interpret,
  write_data,
  write_create,
  write_unlink,
  write_mode,
  write_owner,
  write_flags,
  write_times,
  write_xattr,
  write_setugid,
  link,
};
struct QuestionInfo {
  Question question;
  std::string_view operation;  ///< as profiles call it
  bool is_write;
};
inline constexpr std::array<QuestionInfo, 16> kQuestions = {{
    {Question::read_data, "file-read-data", false},
    {Question::read_metadata, "file-read-metadata", false},
    {Question::read_xattr, "file-read-xattr", false},
    {Question::map, "file-map-executable", false},
    {Question::execute, "process-exec", false},
    {Question::interpret, "process-exec-interpreter", false},
    {Question::write_data, "file-write-data", true},
    {Question::write_create, "file-write-create", true},
    {Question::write_unlink, "file-write-unlink", true},
    {Question::write_mode, "file-write-mode", true},
    {Question::write_owner, "file-write-owner", true},
    {Question::write_flags, "file-write-flags", true},
    {Question::write_times, "file-write-times", true},
    {Question::write_xattr, "file-write-xattr", true},
    {Question::write_setugid, "file-write-setugid", true},
    {Question::link, "file-link", true},
}};

}  // namespace srt::verify::sbpl
