#include "compiler/frontend/settings/schema.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <string>

#include "compiler/frontend/settings/json.h"
#include "compiler/frontend/settings/keys.h"
#include "compiler/frontend/settings/settings.h"
#include "tests/unit/compiler/frontend/settings/harness.h"

namespace srt::settings {
namespace {

// A JSON text that is known to be one.
struct Json {
  explicit Json(std::string text) {
    const FileId file = sources.add("x.json", std::move(text));
    std::optional<JsonValue> read = read_json(sources, file, diagnostics);
    REQUIRE(read.has_value());
    root = std::move(*read);
  }

  SourceSet sources;
  Diagnostics diagnostics;
  JsonValue root;
};

const JsonValue* member(const JsonValue& object, std::string_view key) {
  return Settings::find_in(object, key);
}

bool has_type(const JsonValue& value, const std::string& type) {
  using Kind = JsonValue::Kind;
  if (type == "integer") return value.kind == Kind::number;
  const Kind kind = type == "boolean"  ? Kind::boolean
                    : type == "string" ? Kind::string
                    : type == "array"  ? Kind::list
                                       : Kind::object;
  return value.kind == kind;
}

// As much of JSON Schema as `json_schema` uses, read literally.
bool accepts(const JsonValue& schema, const JsonValue& value) {
  if (schema.kind == JsonValue::Kind::boolean) return schema.boolean;
  if (const JsonValue* type = member(schema, "type"); type && !has_type(value, type->string)) {
    return false;
  }
  if (const JsonValue* some = member(schema, "anyOf")) {
    if (std::none_of(some->items.begin(), some->items.end(),
                     [&](const JsonValue& one) { return accepts(one, value); })) {
      return false;
    }
  }
  if (const JsonValue* words = member(schema, "enum")) {
    if (std::none_of(words->items.begin(), words->items.end(),
                     [&](const JsonValue& word) { return word.string == value.string; })) {
      return false;
    }
  }
  if (member(schema, "const") && !value.boolean) return false;
  const JsonValue* least = member(schema, "minimum");
  const JsonValue* most = member(schema, "maximum");
  if ((least && value.number < least->number) || (most && value.number > most->number)) {
    return false;
  }
  if (const JsonValue* length = member(schema, "minLength")) {
    if (static_cast<double>(value.string.size()) < length->number) return false;
  }
  if (const JsonValue* required = member(schema, "required")) {
    for (const JsonValue& key : required->items) {
      if (member(value, key.string) == nullptr) return false;
    }
  }
  if (const JsonValue* items = member(schema, "items")) {
    for (const JsonValue& item : value.items) {
      if (!accepts(*items, item)) return false;
    }
  }
  const JsonValue* named = member(schema, "properties");
  const JsonValue* patterns = member(schema, "patternProperties");
  const JsonValue* others = member(schema, "additionalProperties");
  for (const JsonMember& part : value.members) {
    bool is_known = false;
    if (const JsonValue* own = named ? member(*named, part.key) : nullptr) {
      is_known = true;
      if (!accepts(*own, part.value)) return false;
    }
    if (patterns) {
      for (const JsonMember& pattern : patterns->members) {
        if (!std::regex_search(part.key, std::regex(pattern.key))) continue;
        is_known = true;
        if (!accepts(pattern.value, part.value)) return false;
      }
    }
    if (!is_known && others && !accepts(*others, part.value)) return false;
  }
  return true;
}

bool schema_accepts(const std::string& text) {
  static const Json schema(json_schema());
  const Json value(text);
  return accepts(schema.root, value.root);
}

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Where the schema of a key stands.
const JsonValue* schema_of(const JsonValue& format, std::string_view path) {
  const JsonValue* outer = &format;
  if (const std::string_view parent = section_of(path); !parent.empty()) {
    outer = schema_of(format, parent);
    if (outer != nullptr && find_key(parent)->type == ValueType::entries) {
      outer = member(*outer, "items");
    }
  }
  if (outer == nullptr) return nullptr;
  const JsonValue* properties = member(*outer, "properties");
  return properties == nullptr ? nullptr : member(*properties, leaf_of(path));
}

TEST_CASE("every key is in the schema of its format, with what it is for, and in no other") {
  const Json schema(json_schema());
  const JsonValue* formats = member(schema.root, "anyOf");
  REQUIRE(formats != nullptr);
  REQUIRE(formats->items.size() == 2);
  for (const Key& key : keys()) {
    CAPTURE(key.path);
    for (const Format format : {Format::npm, Format::rust_port}) {
      const JsonValue* found =
          schema_of(formats->items[static_cast<std::size_t>(format)], key.path);
      REQUIRE((found != nullptr) == (key.format.value_or(format) == format));
      if (found == nullptr) continue;
      const JsonValue* description = member(*found, "description");
      REQUIRE(description != nullptr);
      CHECK(description->string.size() > std::string_view("No effect: .").size());
    }
  }
}

TEST_CASE("the schema accepts the settings that the parser accepts") {
  namespace fs = std::filesystem;
  std::size_t count = 0;
  for (const char* folder : {"golden/npm-settings", "golden/rust-settings"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(SRT_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".json") continue;
      CAPTURE(entry.path().string());
      const std::string text = content(entry.path());
      const Compiled compiled(text);
      const bool is_parsed = std::none_of(
          compiled.diagnostics.all().begin(), compiled.diagnostics.all().end(),
          [](const Diagnostic& d) {
            return d.diag == Diag::unknown_key || d.diag == Diag::wrong_type ||
                   d.diag == Diag::missing_key || d.diag == Diag::mixed_formats ||
                   d.diag == Diag::json_syntax || d.diag == Diag::duplicate_key ||
                   d.diag == Diag::settings_not_object || d.diag == Diag::empty_pattern;
          });
      if (!is_parsed) continue;
      ++count;
      CHECK(schema_accepts(text));
    }
  }
  CHECK(count > 20);
}

TEST_CASE("the schema refuses what the parser refuses") {
  for (const char* text : {
           R"([])",
           R"({"filesystm": {}})",
           R"({"filesystem": {"allowWrite": "."}})",
           R"({"filesystem": {"allowWrite": [{"path": "a"}]}})",
           R"({"filesystem": {"allowWrite": [], "blocked_paths": []}})",
           R"({"network": {"httpProxyPort": 0}})",
           R"({"network": {"parentProxy": {"ftp": "x"}}})",
           R"({"credentials": {"files": [{"path": "a"}]}})",
           R"({"credentials": {"files": [{"path": "a", "mode": "hide"}]}})",
           R"({"mandatoryDenySearchDepth": 11})",
           R"({"ignoreViolations": {"a": "b"}})",
       }) {
    CAPTURE(text);
    CHECK_FALSE(schema_accepts(text));
    CHECK(Compiled(text).diagnostics.has_errors());
  }
  CHECK(schema_accepts(R"({"$schema": "x", "filesystem": {"// why": 1, "_x": null}})"));
}

}  // namespace
}  // namespace srt::settings
