#include "compiler/frontend/settings/json.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "compiler/frontend/limits.h"
#include "compiler/frontend/settings/json_error.h"
#include "runtime/base/utf8.h"

namespace srt::settings {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Lets the reader know how far the lexer has come: an event is raised right after the lexer has
// taken its token, so the place of the iterator is where the token ends.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}

  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

// Where the number that begins at `at` ends, by JSON's grammar. The lexer has looked one byte
// further, which may be any.
std::size_t number_end(std::string_view text, std::size_t at) {
  const auto skip_digits = [&] {
    at = std::min(text.find_first_not_of("0123456789", at), text.size());
  };
  const auto take_one_of = [&](std::string_view bytes) {
    const bool found = at < text.size() && bytes.find(text[at]) != std::string_view::npos;
    if (found) ++at;
    return found;
  };
  take_one_of("-");
  if (!take_one_of("0")) skip_digits();
  if (take_one_of(".")) skip_digits();
  if (take_one_of("eE")) {
    take_one_of("+-");
    skip_digits();
  }
  return at;
}

using Sax = nlohmann::json_sax<nlohmann::json>;

// Builds the tree. A false result stops the parser; the reason has been reported then.
class TreeBuilder final : public Sax {
 public:
  TreeBuilder(const SourceSet& sources, FileId file, Diagnostics& diagnostics)
      : sources_(sources),
        file_(file),
        text_(sources.file(file).text()),
        diagnostics_(diagnostics),
        reached_(text_.data()),
        end_(text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0) {}

  std::optional<JsonValue> build() {
    const CountingIterator first(text_.data(), &reached_);
    const CountingIterator last(text_.data() + text_.size(), &reached_);
    constexpr bool kStrict = true;
    constexpr bool kIgnoreComments = true;
    if (!nlohmann::json::sax_parse(first, last, static_cast<Sax*>(this),
                                   nlohmann::json::input_format_t::json, kStrict,
                                   kIgnoreComments)) {
      return std::nullopt;
    }
    return std::move(root_);
  }

  bool null() override { return scalar({JsonValue::Kind::null, token()}); }

  bool boolean(bool value) override {
    JsonValue boolean(JsonValue::Kind::boolean, token());
    boolean.boolean = value;
    return scalar(std::move(boolean));
  }

  bool number_integer(number_integer_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return number(static_cast<double>(value));
  }
  bool number_float(number_float_t value, const string_t&) override { return number(value); }

  bool string(string_t& value) override {
    JsonValue string(JsonValue::Kind::string, token());
    string.string = std::move(value);
    return scalar(std::move(string));
  }

  // JSON text has no binary values.
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(JsonValue::Kind::object); }
  bool start_array(std::size_t) override { return open(JsonValue::Kind::list); }

  bool key(string_t& value) override {
    const Span span = token();
    open_.back().members.push_back({std::move(value), span, {}});
    state_ = JsonState::key;
    return true;
  }

  bool end_object() override {
    report_duplicates(open_.back());
    return close();
  }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    report_json_error({file_, text_, end_, state_}, diagnostics_);
    return false;
  }

 private:
  // The token that ends where the lexer stands. It begins at the first byte since the last token
  // that is neither space, nor comment, nor the one separator that can stand between two tokens.
  Span token() {
    const std::size_t begin = skip_separator();
    end_ = static_cast<std::size_t>(reached_ - text_.data());
    return span(begin, end_);
  }

  std::size_t skip_separator() const {
    std::size_t at = skip_space(text_, end_);
    if (at < text_.size() && (text_[at] == ',' || text_[at] == ':')) at = skip_space(text_, at + 1);
    return at;
  }

  Span span(std::size_t begin, std::size_t end) const {
    return {file_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }

  bool number(double value) {
    const std::size_t begin = skip_separator();
    end_ = number_end(text_, begin);
    JsonValue number(JsonValue::Kind::number, span(begin, end_));
    number.number = value;
    return scalar(std::move(number));
  }

  bool scalar(JsonValue value) {
    place(std::move(value));
    return true;
  }

  bool open(JsonValue::Kind kind) {
    const Span at = token();
    if (open_.size() == kMaxJsonDepth) {
      diagnostics_.report(Diag::json_too_deep, at, kMaxJsonDepth).help =
          "no setting needs lists or objects as deep as this";
      return false;
    }
    open_.emplace_back(kind, at);
    state_ = kind == JsonValue::Kind::object ? JsonState::open_object : JsonState::open_list;
    return true;
  }

  bool close() {
    const Span bracket = token();
    JsonValue value = std::move(open_.back());
    open_.pop_back();
    value.span.end = bracket.end;
    place(std::move(value));
    return true;
  }

  void place(JsonValue value) {
    if (open_.empty()) {
      root_ = std::move(value);
      state_ = JsonState::done;
      return;
    }
    JsonValue& parent = open_.back();
    if (parent.kind == JsonValue::Kind::object) {
      parent.members.back().value = std::move(value);
      state_ = JsonState::member;
    } else {
      parent.items.push_back(std::move(value));
      state_ = JsonState::item;
    }
  }

  void report_duplicates(const JsonValue& object) {
    std::vector<std::size_t> order(object.members.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto key_of = [&](std::size_t i) -> const std::string& { return object.members[i].key; };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return key_of(a) < key_of(b); });
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (key_of(order[i]) != key_of(order[i - 1])) continue;
      diagnostics_.report(Diag::duplicate_key, object.members[order[i]].key_span, key_of(order[i]))
          .help = fmt::format("keep this one or the one at {}",
                              sources_.location(object.members[order[i - 1]].key_span));
    }
  }

  const SourceSet& sources_;
  FileId file_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  const char* reached_;
  std::size_t end_;  // of the last token
  JsonState state_ = JsonState::start;
  std::vector<JsonValue> open_;
  std::optional<JsonValue> root_;
};

Span byte_at(FileId file, std::size_t at) {
  return {file, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + 1)};
}

// Whether the text as a whole can be read at all.
bool check_text(std::string_view text, FileId file, Diagnostics& diagnostics) {
  if (text.size() > kMaxPolicyBytes) {
    diagnostics.report(Diag::input_too_large, {file, 0, 0}, text.size(), kMaxPolicyBytes);
    return false;
  }
  if (skip_space(text, text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0) ==
      text.size()) {
    diagnostics.report(Diag::empty_policy, {file, 0, 0}).help =
        "`{}` is a policy that grants nothing";
    return false;
  }
  if (const auto at = find_invalid_utf8(text)) {
    diagnostics.report(Diag::bad_utf8, byte_at(file, *at), static_cast<unsigned char>(text[*at]));
    return false;
  }
  // The lexer would take a NUL for the end of the text and never look at what follows.
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
    diagnostics.report(Diag::nul_byte, byte_at(file, at));
    return false;
  }
  return true;
}

}  // namespace

std::string_view describe(JsonValue::Kind kind) {
  constexpr std::array<std::string_view, 6> kNames = {
      "null", "true or false", "a number", "a string", "a list", "an object",
  };
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<JsonValue> read_json(const SourceSet& sources, FileId file,
                                   Diagnostics& diagnostics) {
  if (!check_text(sources.file(file).text(), file, diagnostics)) return std::nullopt;
  return TreeBuilder(sources, file, diagnostics).build();
}

}  // namespace srt::settings
