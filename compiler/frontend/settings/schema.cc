#include "compiler/frontend/settings/schema.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "compiler/frontend/settings/keys.h"

namespace srt::settings {
namespace {

// Members in the order in which they are added.
using Json = nlohmann::ordered_json;

Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

Json whole_number(int first, int last) {
  return {{"type", "integer"}, {"minimum", first}, {"maximum", last}};
}

Json path() { return {{"type", "string"}, {"minLength", 1}}; }

Json literal_path() {
  Json schema = {{"type", "object"}, {"additionalProperties", false}};
  schema["properties"] = {{"path", path()}, {"literal", {{"const", true}}}};
  schema["required"] = {"path", "literal"};
  return schema;
}

Json schema_of_members(std::string_view section, Format format);

Json schema_of_type(const Key& key, Format format) {
  const Json text = {{"type", "string"}};
  switch (key.type) {
    case ValueType::boolean:
      return {{"type", "boolean"}};
    case ValueType::port:
      return whole_number(1, 65535);
    case ValueType::depth:
      return whole_number(1, 10);
    case ValueType::text:
      return text;
    case ValueType::word: {
      Json words = Json::array();
      for (const std::string_view word : key.words) words.push_back(word);
      return {{"enum", words}};
    }
    case ValueType::texts:
      return list_of(text);
    case ValueType::plain_paths:
      return list_of(path());
    case ValueType::paths:
      return list_of({{"anyOf", {path(), literal_path()}}});
    case ValueType::text_map:
      return {{"type", "object"}, {"additionalProperties", text}};
    case ValueType::texts_map:
      return {{"type", "object"}, {"additionalProperties", list_of(text)}};
    case ValueType::list:
      return {{"type", "array"}};
    case ValueType::object:
    case ValueType::enabling_object:
      return {{"type", "object"}};
    case ValueType::section:
      return schema_of_members(key.path, format);
    case ValueType::entries:
      return list_of(schema_of_members(key.path, format));
  }
  return {};
}

std::string description_of(const Key& key) {
  switch (key.treatment) {
    case Treatment::refused:
      return fmt::format("Not supported: {}.", key.reason);
    case Treatment::unused:
      return fmt::format("No effect: {}.", key.reason);
    default:
      return fmt::format("{}.", key.reason);
  }
}

// An object with the keys of a section; those that begin as comments do may hold anything.
Json schema_of_members(std::string_view section, Format format) {
  Json members = Json::object();
  Json required = Json::array();
  for (const Key& key : keys()) {
    if (section_of(key.path) != section || key.format.value_or(format) != format) continue;
    const std::string name(leaf_of(key.path));
    Json schema = {{"description", description_of(key)}};
    schema.update(schema_of_type(key, format));
    if (key.treatment == Treatment::refused || key.treatment == Treatment::unused) {
      schema["deprecated"] = true;
    }
    members[name] = std::move(schema);
    if (key.presence == Presence::required) required.push_back(name);
  }
  Json schema = {{"type", "object"}, {"properties", std::move(members)}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["patternProperties"] = {{"^(\\$|_|//)", true}};
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace

std::string json_schema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "Settings of a sandbox"}};
  Json formats = Json::array();
  for (const Format format : {Format::npm, Format::rust_port}) {
    Json one = {{"title", fmt::format("Settings of the {}", describe(format))}};
    one.update(schema_of_members("", format));
    formats.push_back(std::move(one));
  }
  schema["anyOf"] = std::move(formats);
  constexpr int kIndent = 2;
  return schema.dump(kIndent) + '\n';
}

}  // namespace srt::settings
