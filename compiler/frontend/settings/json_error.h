#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "compiler/diag/diagnostic.h"
#include "compiler/source/source.h"

namespace srt::settings {

/// What was read last, and so what can come next.
enum class JsonState : std::uint8_t {
  start,        ///< nothing yet
  open_object,  ///< `{`
  key,          ///< a key
  member,       ///< a value in an object
  open_list,    ///< `[`
  item,         ///< a value in a list
  done,         ///< the whole value
};

/// Where a parser of JSON stood when it met what it could not read: behind the last token.
struct JsonFailure {
  FileId file;
  std::string_view text;  ///< the whole file; UTF-8, without NUL
  std::size_t end;        ///< the byte after the last token
  JsonState state;
};

/// The first byte from `at` on that is neither space nor part of a comment. A comment that does not
/// end is not skipped.
std::size_t skip_space(std::string_view text, std::size_t at);

/// Says what stands where the parser failed and what could stand there.
void report_json_error(const JsonFailure& failure, Diagnostics& diagnostics);

}  // namespace srt::settings
