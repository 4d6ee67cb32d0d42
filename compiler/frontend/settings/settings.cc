#include "compiler/frontend/settings/settings.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "compiler/source/edit_distance.h"

namespace srt::settings {
namespace {

// Keys that begin so are comments or belong to editors.
bool is_comment(std::string_view key) {
  return key.starts_with('$') || key.starts_with('_') || key.starts_with("//");
}

bool is_whole(const JsonValue& value, double first, double last) {
  return value.kind == JsonValue::Kind::number && value.number == std::floor(value.number) &&
         first <= value.number && value.number <= last;
}

// Whether a value asks for nothing.
bool is_default(ValueType type, const JsonValue& value) {
  if (type == ValueType::enabling_object) return false;
  switch (value.kind) {
    case JsonValue::Kind::boolean:
      return !value.boolean;
    case JsonValue::Kind::list:
      return value.items.empty();
    case JsonValue::Kind::object:
      return value.members.empty();
    default:
      return false;
  }
}

// Holds the table of keys against a file.
class Checker {
 public:
  Checker(const SourceSet& sources, Diagnostics& diagnostics)
      : sources_(sources), diagnostics_(diagnostics) {}

  // The format, where there is one.
  std::optional<Format> check(const JsonValue& root) {
    if (root.kind != JsonValue::Kind::object) {
      diagnostics_.report(Diag::settings_not_object, root.span, describe(root.kind)).help =
          "write `{\"filesystem\": {…}, \"network\": {…}}`";
      return std::nullopt;
    }
    check_section(root, "");
    if (is_mixed_) return std::nullopt;
    // Without a key that tells, the two formats mean the same: nothing is granted.
    return first_key_ == nullptr ? Format::npm : *first_key_->format;
  }

 private:
  void check_section(const JsonValue& object, std::string_view path) {
    for (const JsonMember& member : object.members) {
      if (is_comment(member.key)) continue;
      const std::string full = path.empty() ? member.key : fmt::format("{}.{}", path, member.key);
      // A dot inside a key must not be taken for a section.
      const Key* key = leaf_of(full) == member.key ? find_key(full) : nullptr;
      if (key == nullptr) {
        report_unknown(member, path);
        continue;
      }
      check_format(*key, member.key_span);
      check_value(*key, member);
    }
  }

  void report_unknown(const JsonMember& member, std::string_view path) {
    const std::string name = spelled(sources_, member.key_span);
    const std::string full = path.empty() ? name : fmt::format("{}.{}", path, name);
    Diagnostic& diagnostic = diagnostics_.report(Diag::unknown_key, member.key_span, full);
    if (const auto meant = closest_key(full)) {
      diagnostic.help = fmt::format("did you mean `{}`?", *meant);
    } else {
      diagnostic.help = "a key that begins with `_` or `//` is taken for a comment";
    }
  }

  void check_format(const Key& key, Span span) {
    if (!key.format || is_mixed_) return;
    if (first_key_ == nullptr) {
      first_key_ = &key;
      return;
    }
    if (*key.format == *first_key_->format) return;
    is_mixed_ = true;
    diagnostics_
        .report(Diag::mixed_formats, span, key.path, describe(*key.format), first_key_->path,
                describe(*first_key_->format))
        .help = "keep to the keys of one of them";
  }

  void check_value(const Key& key, const JsonMember& member) {
    if (!check_type(key, member.value)) return;
    switch (key.treatment) {
      case Treatment::section:
        return check_section(member.value, key.path);
      case Treatment::unused:
        return report_treatment(Diag::setting_unused, key, member);
      case Treatment::refused:
        return report_treatment(Diag::setting_refused, key, member);
      case Treatment::lowered:
      case Treatment::silent:
        return;
    }
  }

  void report_treatment(Diag diag, const Key& key, const JsonMember& member) {
    if (is_default(key.type, member.value)) return;
    Diagnostic& diagnostic = diagnostics_.report(diag, member.key_span, key.path, key.reason);
    if (diag == Diag::setting_refused) diagnostic.help = "remove the key if that is acceptable";
  }

  bool check_type(const Key& key, const JsonValue& value) {
    using Kind = JsonValue::Kind;
    const std::string subject = fmt::format("`{}`", key.path);
    switch (key.type) {
      case ValueType::boolean:
        return expect(value.kind == Kind::boolean, value, subject, describe(key.type));
      case ValueType::port:
        return expect(is_whole(value, 1, 65535), value, subject, describe(key.type));
      case ValueType::depth:
        return expect(is_whole(value, 1, 10), value, subject, describe(key.type));
      case ValueType::text:
        return expect(value.kind == Kind::string, value, subject, describe(key.type));
      case ValueType::word:
        return expect_word(key, value, subject);
      case ValueType::entries:
        return expect_entries(key, value, subject);
      case ValueType::list:
        return expect(value.kind == Kind::list, value, subject, describe(key.type));
      case ValueType::object:
      case ValueType::enabling_object:
      case ValueType::section:
        return expect(value.kind == Kind::object, value, subject, describe(key.type));
      case ValueType::texts:
        return expect_texts(value, subject, describe(key.type), "a string");
      case ValueType::plain_paths:
        return expect_texts(value, subject, describe(key.type), "a path in double quotes");
      case ValueType::paths:
        return expect_paths(value, subject, describe(key.type));
      case ValueType::text_map:
      case ValueType::texts_map:
        return expect_map(value, subject, key.type);
    }
    return false;
  }

  bool expect(bool holds, const JsonValue& value, std::string_view subject,
              std::string_view expected) {
    if (holds) return true;
    const std::string found = value.kind == JsonValue::Kind::number ||
                                      value.kind == JsonValue::Kind::boolean ||
                                      value.kind == JsonValue::Kind::null
                                  ? fmt::format("`{}`", sources_.text(value.span))
                                  : std::string(describe(value.kind));
    diagnostics_.report(Diag::wrong_type, value.span, subject, expected, found).help =
        help_for_type(expected);
    return false;
  }

  // How to write what `describe` of a type, or an entry's description, calls `expected`.
  static std::string_view help_for_type(std::string_view expected) {
    if (expected.starts_with("true")) return "write `true` or `false`, without quotes";
    if (expected.starts_with("a whole number")) return "write the number without quotes";
    if (expected.starts_with("a list")) return "write `[\"…\"]`, or leave out the key";
    if (expected.starts_with("an object")) return "write `{\"…\": …}`, or leave out the key";
    if (expected.starts_with('`')) return "give it these two keys and no other";
    return "write it in double quotes";
  }

  bool expect_word(const Key& key, const JsonValue& value, const std::string& subject) {
    std::string expected;
    for (const std::string_view word : key.words) {
      expected += fmt::format("{}`\"{}\"`", expected.empty() ? "" : " or ", word);
    }
    if (value.kind != JsonValue::Kind::string) return expect(false, value, subject, expected);
    if (std::find(key.words.begin(), key.words.end(), value.string) != key.words.end()) return true;
    const std::optional<std::string_view> meant = closest(value.string, key.words);
    diagnostics_
        .report(Diag::wrong_type, value.span, subject, expected,
                fmt::format("`{}`", spelled(sources_, value.span)))
        .help = meant ? fmt::format("did you mean `{}`?", *meant) : "write one of these";
    return false;
  }

  // Objects whose keys are held against the table like those of a section.
  bool expect_entries(const Key& key, const JsonValue& value, const std::string& subject) {
    if (!expect(value.kind == JsonValue::Kind::list, value, subject, describe(key.type))) {
      return false;
    }
    for (const JsonValue& item : value.items) {
      if (!expect(item.kind == JsonValue::Kind::object, item, "an entry of " + subject,
                  "an object")) {
        continue;
      }
      check_section(item, key.path);
      for (const Key& part : keys()) {
        if (part.presence != Presence::required || section_of(part.path) != key.path ||
            Settings::find_in(item, leaf_of(part.path)) != nullptr) {
          continue;
        }
        diagnostics_.report(Diag::missing_key, item.span, subject, leaf_of(part.path)).help =
            fmt::format("add `\"{}\": …`", leaf_of(part.path));
      }
    }
    return true;
  }

  bool expect_texts(const JsonValue& value, const std::string& subject, std::string_view expected,
                    std::string_view entry) {
    if (!expect(value.kind == JsonValue::Kind::list, value, subject, expected)) return false;
    bool all = true;
    for (const JsonValue& item : value.items) {
      all &= expect(item.kind == JsonValue::Kind::string, item, "an entry of " + subject, entry);
    }
    return all;
  }

  bool expect_paths(const JsonValue& value, const std::string& subject, std::string_view expected) {
    if (!expect(value.kind == JsonValue::Kind::list, value, subject, expected)) return false;
    bool all = true;
    for (const JsonValue& item : value.items) {
      if (item.kind == JsonValue::Kind::object) {
        all &= expect_marked_path(item, subject);
      } else {
        all &= expect(item.kind == JsonValue::Kind::string, item, "an entry of " + subject,
                      "a path in double quotes or `{\"path\": …, \"literal\": true}`");
      }
    }
    return all;
  }

  // `{"path": "/a/[b]", "literal": true}`, which is a name whatever it holds.
  bool expect_marked_path(const JsonValue& entry, const std::string& subject) {
    const auto has = [&](std::string_view key, auto&& holds) {
      return std::any_of(entry.members.begin(), entry.members.end(), [&](const JsonMember& member) {
        return member.key == key && holds(member.value);
      });
    };
    const bool well_formed =
        entry.members.size() == 2 &&
        has("path", [](const JsonValue& v) { return v.kind == JsonValue::Kind::string; }) &&
        has("literal",
            [](const JsonValue& v) { return v.kind == JsonValue::Kind::boolean && v.boolean; });
    return expect(well_formed, entry, "an object in " + subject,
                  "`{\"path\": \"…\", \"literal\": true}`");
  }

  bool expect_map(const JsonValue& value, const std::string& subject, ValueType type) {
    if (!expect(value.kind == JsonValue::Kind::object, value, subject, describe(type))) {
      return false;
    }
    bool all = true;
    for (const JsonMember& member : value.members) {
      const std::string entry =
          fmt::format("`{}` in {}", spelled(sources_, member.key_span), subject);
      all &= type == ValueType::text_map
                 ? expect(member.value.kind == JsonValue::Kind::string, member.value, entry,
                          "a string")
                 : expect_texts(member.value, entry, "a list of strings", "a string");
    }
    return all;
  }

  const SourceSet& sources_;
  Diagnostics& diagnostics_;
  const Key* first_key_ = nullptr;  // the first that only one format has
  bool is_mixed_ = false;
};

const JsonValue* member(const JsonValue& object, std::string_view key) {
  const auto found = std::find_if(object.members.begin(), object.members.end(),
                                  [&](const JsonMember& m) { return m.key == key; });
  return found == object.members.end() ? nullptr : &found->value;
}

}  // namespace

Settings::Settings(Format format, JsonValue root) : format_(format), root_(std::move(root)) {}

const JsonValue* Settings::find(std::string_view path) const {
  const std::string_view parent = section_of(path);
  const JsonValue* object = parent.empty() ? &root_ : find(parent);
  return object == nullptr ? nullptr : member(*object, leaf_of(path));
}

const JsonValue* Settings::find_in(const JsonValue& object, std::string_view key) {
  return member(object, key);
}

std::vector<const JsonValue*> Settings::entries(std::string_view path) const {
  std::vector<const JsonValue*> entries;
  const JsonValue* list = find(path);
  if (list == nullptr) return entries;
  for (const JsonValue& item : list->items) {
    const bool is_whole_entry = std::all_of(keys().begin(), keys().end(), [&](const Key& part) {
      if (part.presence != Presence::required || section_of(part.path) != path) return true;
      const JsonValue* value = member(item, leaf_of(part.path));
      return value != nullptr && value->kind == JsonValue::Kind::string;
    });
    if (is_whole_entry) entries.push_back(&item);
  }
  return entries;
}

std::vector<const JsonValue*> Settings::texts(std::string_view path) const {
  std::vector<const JsonValue*> texts;
  if (const JsonValue* list = find(path)) {
    for (const JsonValue& item : list->items) {
      if (item.kind == JsonValue::Kind::string) texts.push_back(&item);
    }
  }
  return texts;
}

std::vector<PathEntry> Settings::paths(std::string_view path) const {
  std::vector<PathEntry> entries;
  if (const JsonValue* list = find(path)) {
    for (const JsonValue& item : list->items) {
      const JsonValue* marked = member(item, "path");
      const JsonValue* text = marked == nullptr ? &item : marked;
      if (text->kind == JsonValue::Kind::string) entries.push_back({text, marked != nullptr});
    }
  }
  return entries;
}

bool Settings::flag(std::string_view path, bool otherwise) const {
  const JsonValue* value = find(path);
  return value != nullptr && value->kind == JsonValue::Kind::boolean ? value->boolean : otherwise;
}

std::optional<Settings> read_settings(const SourceSet& sources, FileId file,
                                      Diagnostics& diagnostics) {
  std::optional<JsonValue> root = read_json(sources, file, diagnostics);
  if (!root) return std::nullopt;
  const std::optional<Format> format = Checker(sources, diagnostics).check(*root);
  if (!format) return std::nullopt;
  return Settings(*format, std::move(*root));
}

std::string spelled(const SourceSet& sources, Span span) {
  constexpr std::size_t kMaxShown = 80;
  std::string_view text = sources.text(span);
  if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
  if (text.size() <= kMaxShown) return std::string(text);
  std::size_t end = kMaxShown;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace srt::settings
