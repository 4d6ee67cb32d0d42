#pragma once

#include <string>

namespace srt::settings {

/// A JSON Schema (draft 2020-12) of both settings formats, made from the table of keys, as JSON
/// with a line end behind it. It says what a key's value has to be and what becomes of the key;
/// what a path, a host or a URL has to look like is the compiler's business.
std::string json_schema();

}  // namespace srt::settings
