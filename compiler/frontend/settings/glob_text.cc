#include "compiler/frontend/settings/glob_text.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "runtime/base/utf8.h"

namespace srt::settings {
namespace {

using glob::Atom;
using glob::CharacterSet;
using glob::CodePoint;

// Alternatives of one entry. Each `**/` behind other text doubles them; published settings have
// none.
constexpr std::size_t kMaxReadings = 16;

// The set that `members` spell between brackets: characters and ranges, a `-` being a character at
// either end. Nothing where there are none or a range runs backwards.
std::optional<CharacterSet> parse_set(std::string_view members) {
  std::vector<CodePoint> units;
  for (std::size_t i = 0; i < members.size();) {
    const Utf8Unit unit = decode_utf8(members, i);
    units.push_back(unit.valid ? unit.code_point : glob::kInvalidByte + unit.code_point);
    i += unit.length;
  }
  if (units.empty()) return std::nullopt;
  CharacterSet set;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const CodePoint from = units[i];
    if (i + 2 < units.size() && units[i + 1] == '-') i += 2;
    if (units[i] < from) return std::nullopt;
    set.ranges.emplace_back(from, units[i]);
  }
  std::sort(set.ranges.begin(), set.ranges.end());
  std::vector<std::pair<CodePoint, CodePoint>> merged;
  for (const auto& range : set.ranges) {
    if (!merged.empty() && range.first <= merged.back().second + 1) {
      merged.back().second = std::max(merged.back().second, range.second);
    } else {
      merged.push_back(range);
    }
  }
  set.ranges = std::move(merged);
  return set;
}

// Calls `on_set(begin, end, set)` for every set, in order, and `on_text(begin, end)` for what lies
// between. Brackets that spell no set are text as a whole, a `[` among them too.
template <typename OnText, typename OnSet>
void split_sets(std::string_view text, OnText on_text, OnSet on_set) {
  std::size_t text_begin = 0;
  std::size_t at = text.find('[');
  while (at != std::string_view::npos) {
    const std::size_t close = text.find(']', at + 1);
    if (close == std::string_view::npos) break;
    if (const auto set = parse_set(text.substr(at + 1, close - at - 1))) {
      on_text(text_begin, at);
      on_set(at, close + 1, *set);
      text_begin = close + 1;
    }
    at = text.find('[', close + 1);
  }
  on_text(text_begin, text.size());
}

class GlobParser {
 public:
  GlobParser(std::string_view text, Format format, Span span, Diagnostics& diagnostics)
      : text_(text), format_(format), span_(span), diagnostics_(diagnostics) {}

  std::vector<std::vector<Atom>> parse() {
    split_sets(
        text_, [&](std::size_t begin, std::size_t end) { add_text(begin, end); },
        [&](std::size_t begin, std::size_t end, const CharacterSet& set) {
          add_set(text_.substr(begin, end - begin), set);
        });
    if (failed_) return {};
    return std::move(alternatives_);
  }

 private:
  void add_text(std::size_t begin, std::size_t end) {
    constexpr std::string_view kWildcards = "*?";
    std::size_t at = begin;
    while (at < end && !failed_) {
      const std::size_t next = std::min(text_.find_first_of(kWildcards, at), end);
      add_literal(text_.substr(at, next - at));
      at = next;
      if (at == end) break;
      at = text_[at] == '?' ? add_character(at) : add_stars(at, end);
    }
  }

  std::size_t add_character(std::size_t at) {
    add({.kind = Atom::Kind::character});
    return at + 1;
  }

  // A run of `*`. The last two of it go with a `/` that follows and are any number of directories;
  // two or more of the rest are any bytes, one is a run inside a component.
  std::size_t add_stars(std::size_t begin, std::size_t end) {
    const std::size_t after = std::min(text_.find_first_not_of('*', begin), end);
    const bool takes_slash = after - begin >= 2 && after < end && text_[after] == '/';
    const std::size_t rest = after - begin - (takes_slash ? 2 : 0);
    if (rest >= 2) add({.kind = Atom::Kind::text});
    if (rest == 1) add({.kind = Atom::Kind::run});
    if (!takes_slash) return after;
    add_directories();
    return after + 1;
  }

  // `**/`: nothing, or any bytes and a `/`. Where a component starts that is zero or more whole
  // components, for which there is an atom.
  void add_directories() {
    std::vector<std::vector<Atom>> added;
    for (std::vector<Atom>& atoms : alternatives_) {
      if (!ends_in_slash(atoms)) {
        std::vector<Atom> with = atoms;
        with.push_back({.kind = Atom::Kind::text});
        append_literal(with, "/");
        added.push_back(std::move(with));
        continue;
      }
      atoms.back().bytes.pop_back();
      if (atoms.back().bytes.empty()) atoms.pop_back();
      const bool repeats = !atoms.empty() && atoms.back().kind == Atom::Kind::segments;
      if (!repeats) atoms.push_back({.kind = Atom::Kind::segments});
      append_literal(atoms, "/");
    }
    alternatives_.insert(alternatives_.end(), added.begin(), added.end());
    if (alternatives_.size() > kMaxReadings) {
      fail(Diag::too_many_alternatives, kMaxReadings).help = "write `**` between `/` only";
    }
  }

  void add_set(std::string_view spelling, const CharacterSet& set) {
    if (failed_) return;
    if (set.contains('/')) {
      fail(Diag::slash_in_class).help = "leave `/` out of the brackets, and of every range in them";
      return;
    }
    const char first = spelling[1];
    if (format_ == Format::rust_port && (first == '!' || first == '^')) {
      fail(Diag::negated_set, spelling, std::string(1, first)).help =
          "list the characters that are meant";
      return;
    }
    add({.kind = Atom::Kind::set, .set = set});
  }

  static bool ends_in_slash(const std::vector<Atom>& atoms) {
    return !atoms.empty() && atoms.back().kind == Atom::Kind::literal &&
           atoms.back().bytes.ends_with('/');
  }

  void add_literal(std::string_view bytes) {
    for (std::vector<Atom>& atoms : alternatives_) append_literal(atoms, bytes);
  }

  void add(const Atom& atom) {
    for (std::vector<Atom>& atoms : alternatives_) atoms.push_back(atom);
  }

  template <typename... Args>
  Diagnostic& fail(Diag diag, const Args&... args) {
    failed_ = true;
    return diagnostics_.report(diag, span_, args...);
  }

  std::string_view text_;
  Format format_;
  Span span_;
  Diagnostics& diagnostics_;
  std::vector<std::vector<Atom>> alternatives_ = {{}};
  bool failed_ = false;
};

}  // namespace

bool has_glob_characters(std::string_view text) {
  return text.find_first_of("*?[]") != std::string_view::npos;
}

bool has_set(std::string_view text) {
  bool found = false;
  split_sets(
      text, [](std::size_t, std::size_t) {},
      [&](std::size_t, std::size_t, const CharacterSet&) { found = true; });
  return found;
}

std::vector<std::vector<Atom>> parse_glob(std::string_view text, Format format, Span span,
                                          Diagnostics& diagnostics) {
  return GlobParser(text, format, span, diagnostics).parse();
}

void append_literal(std::vector<Atom>& atoms, std::string_view bytes) {
  if (bytes.empty()) return;
  if (!atoms.empty() && atoms.back().kind == Atom::Kind::literal) {
    atoms.back().bytes += bytes;
  } else {
    atoms.push_back({.kind = Atom::Kind::literal, .bytes = std::string(bytes)});
  }
}

}  // namespace srt::settings
