#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diag/diagnostic.h"
#include "compiler/frontend/settings/json.h"
#include "compiler/frontend/settings/keys.h"
#include "compiler/source/source.h"

namespace srt::settings {

/// An entry of a list of paths.
struct PathEntry {
  const JsonValue* text;
  bool is_literal;  ///< marked as a name, whatever it holds
};

/// What a settings file says, once the table of keys has been held against it. A value of the wrong
/// type has been reported, and reads as if it were not there.
class Settings {
 public:
  Settings(Format format, JsonValue root);

  Format format() const { return format_; }

  /// All of the file, for what follows from no key.
  Span span() const { return root_.span; }

  /// The value of a key, or nullptr where the file does not have it.
  const JsonValue* find(std::string_view path) const;

  /// The value of a key of an object that stands in a list, or nullptr where it has none.
  static const JsonValue* find_in(const JsonValue& object, std::string_view key);

  /// The objects of a list that have what they need.
  std::vector<const JsonValue*> entries(std::string_view path) const;

  /// The strings of a list.
  std::vector<const JsonValue*> texts(std::string_view path) const;

  /// The entries of a list of paths.
  std::vector<PathEntry> paths(std::string_view path) const;

  /// What a key says that is true or false; `otherwise` where the file does not have it.
  bool flag(std::string_view path, bool otherwise) const;

 private:
  Format format_;
  JsonValue root_;
};

/// Reads a file as settings and reports every problem. Nothing is returned where the file is no
/// JSON object or mixes formats.
std::optional<Settings> read_settings(const SourceSet& sources, FileId file,
                                      Diagnostics& diagnostics);

/// A string as the file spells it, without its quotes: what messages repeat. Long ones are cut.
std::string spelled(const SourceSet& sources, Span span);

}  // namespace srt::settings
