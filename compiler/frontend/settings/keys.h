#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace srt::settings {

enum class Format : std::uint8_t {
  npm,        ///< of the npm package `@anthropic-ai/sandbox-runtime`
  rust_port,  ///< of the port to Rust
};

/// What a message calls a format: `npm package`.
std::string_view describe(Format format);

/// What a key's value has to be.
enum class ValueType : std::uint8_t {
  boolean,
  port,             ///< a whole number from 1 to 65535
  depth,            ///< a whole number from 1 to 10
  text,             ///< a string
  word,             ///< one of the strings in `Key::words`
  texts,            ///< a list of strings
  paths,            ///< a list of strings and of `{"path": …, "literal": true}`
  plain_paths,      ///< a list of strings
  text_map,         ///< an object whose values are strings
  texts_map,        ///< an object whose values are lists of strings
  list,             ///< a list of anything
  object,           ///< an object of anything
  enabling_object,  ///< likewise, and an empty one asks for something too
  section,          ///< an object whose keys are in the table too
  entries,          ///< a list of objects whose keys are in the table too
};

/// What a message calls a type: `a list of paths`.
std::string_view describe(ValueType type);

/// What becomes of a key. Each of the last two holds only where the value is not the default: a
/// key that is `false` or empty asks for nothing, unless its type says so.
enum class Treatment : std::uint8_t {
  section,  ///< holds further keys
  lowered,  ///< becomes rules
  silent,   ///< asks for what always holds, or concerns another platform
  unused,   ///< says something that is not needed: a note
  refused,  ///< restricts, so that leaving it out would weaken the policy: an error
};

/// Whether an object has to have the key.
enum class Presence : std::uint8_t { optional, required };

/// One key that a settings file may have.
struct Key {
  std::string_view path;         ///< `network.allowedDomains`
  std::optional<Format> format;  ///< the only format that has it, where only one does
  ValueType type;
  Treatment treatment;
  std::string_view reason;  ///< of the last three treatments what the message says, of others what
                            ///< the key is for
  std::span<const std::string_view> words = {};  ///< of a `word`: its values
  Presence presence = Presence::optional;
};

/// The table of all keys: parser, help and schema come from it.
std::span<const Key> keys();

/// The key with this path.
const Key* find_key(std::string_view path);

/// The last component of a path: `allowedDomains`.
std::string_view leaf_of(std::string_view path);

/// The path without its last component: `network`, or nothing for a key of the top level.
std::string_view section_of(std::string_view path);

/// What was most likely meant by `path`, which is no key: a key of the same section, else one of
/// another section with nearly this name.
std::optional<std::string_view> closest_key(std::string_view path);

}  // namespace srt::settings
