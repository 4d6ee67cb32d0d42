#include "compiler/frontend/language/path_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/frontend/language/braces.h"
#include "compiler/frontend/language/character_class.h"
#include "compiler/frontend/limits.h"

namespace srt::language {
namespace {

using glob::Atom;

bool is_wildcard(const Atom& atom) { return atom.kind != Atom::Kind::literal; }

void append_literal(std::vector<Atom>& atoms, std::string_view bytes) {
  if (bytes.empty()) return;
  if (atoms.empty() || is_wildcard(atoms.back())) atoms.push_back({Atom::Kind::literal});
  atoms.back().bytes += bytes;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_byte(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

// What stands between two slashes.
struct Segment {
  std::vector<Atom> atoms;            // a single `segments` for `**`
  std::optional<ParameterUse> named;  // for `${name}`; there are no atoms then
  Span span;

  bool is_wild() const { return std::any_of(atoms.begin(), atoms.end(), is_wildcard); }
  bool is_double_star() const { return atoms.size() == 1 && atoms[0].kind == Atom::Kind::segments; }
  std::string_view literal() const {
    return atoms.empty() ? std::string_view() : std::string_view(atoms[0].bytes);
  }
};

// Reads one alternative. Every function returns false after an error, which is reported.
class PathReader {
 public:
  PathReader(const Alternative& pattern, FileId file, Diagnostics& diagnostics)
      : pattern_(pattern), text_(pattern.text), file_(file), diagnostics_(diagnostics) {}

  std::optional<PathSpelling> read() {
    if (!read_start()) return std::nullopt;
    while (next_ < text_.size()) {
      if (text_[next_] == '/') {
        ++next_;
        ended_by_slash_ = true;
        continue;
      }
      ended_by_slash_ = false;
      Segment segment;
      if (!read_segment(segment) || !fold(std::move(segment))) return std::nullopt;
    }
    return spelling();
  }

 private:
  bool read_start() {
    const std::string_view first = text_.substr(0, text_.find('/'));
    if (text_.empty()) {
      report(Diag::empty_pattern, 0, 0).help = "write `.` for the working directory";
      return false;
    }
    if (first.empty()) return true;
    if (first[0] == '~') {
      if (first.size() > 1) {
        report(Diag::other_home, 0, first.size(), first).help =
            "`~` is the caller's home directory; write any other as an absolute path";
        return false;
      }
      start_ = ParameterUse{"home", span(0, 1)};
      next_ = 1;
      return true;
    }
    if (first.starts_with("${")) {
      start_.emplace();
      return read_parameter(*start_);
    }
    if (first.size() > 1 && first[0] == '$' && is_letter(first[1])) return refuse_variable(first);
    if (first == "**") {
      report(Diag::bare_double_star, 0, 2).help = fmt::format(
          "write `./{0}` to start at the working directory, or `/{0}` to start at the root", text_);
      return false;
    }
    start_ = ParameterUse{"cwd", span(0, first.size())};
    return true;
  }

  // `$NAME`: a shell's spelling of a variable, or a list that does not stand alone.
  bool refuse_variable(std::string_view first) {
    const auto* end = std::find_if_not(first.begin() + 1, first.end(), is_name_byte);
    const auto length = static_cast<std::size_t>(end - first.begin());
    report(Diag::glued_let, 0, length, first.substr(0, length)).help =
        help_for_dollar(first.substr(1, length - 1));
    return false;
  }

  bool read_segment(Segment& segment) {
    const std::size_t begin = next_;
    std::vector<Atom>& atoms = segment.atoms;
    while (next_ < text_.size() && text_[next_] != '/') {
      switch (text_[next_]) {
        case '\\': {
          const auto escape = parse_escape(pattern_, file_, next_, diagnostics_);
          if (!escape) return false;
          next_ += escape->length;
          if (escape->byte == '/') {
            // However it is spelled, a slash separates.
            ended_by_slash_ = true;
            segment.span = span(begin, next_ - escape->length);
            return true;
          }
          const char byte = static_cast<char>(escape->byte);
          append_literal(atoms, {&byte, 1});
          break;
        }
        case '*':
          if (!read_stars(atoms, begin)) return false;
          break;
        case '?':
          atoms.push_back({Atom::Kind::character});
          ++next_;
          break;
        case '[':
          atoms.push_back({Atom::Kind::set});
          if (!parse_character_class(pattern_, file_, &next_, atoms.back().set, diagnostics_)) {
            return false;
          }
          break;
        case '$':
          if (text_.substr(next_, 2) == "${") {
            segment.named.emplace();
            if (!read_parameter(*segment.named)) return false;
            break;
          }
          [[fallthrough]];
        default:
          append_literal(atoms, text_.substr(next_, 1));
          ++next_;
      }
    }
    segment.span = span(begin, next_);
    return true;
  }

  bool read_stars(std::vector<Atom>& atoms, std::size_t segment_begin) {
    const std::size_t begin = next_;
    next_ = std::min(text_.find_first_not_of('*', next_), text_.size());
    const std::size_t count = next_ - begin;
    if (count == 1) {
      atoms.push_back({Atom::Kind::run});
      return true;
    }
    const bool ends_segment = next_ == text_.size() || text_[next_] == '/';
    if (count > 2 || begin != segment_begin || !ends_segment) {
      report(Diag::glued_double_star, begin, next_).help =
          "`**` is a whole segment, as in `**/*.py`; within one, write `*`";
      return false;
    }
    atoms.push_back({Atom::Kind::segments});
    return true;
  }

  // `${name}`, which has to be a whole segment.
  bool read_parameter(ParameterUse& use) {
    const std::size_t begin = next_;
    next_ = text_.find('}', next_) + 1;
    const std::string_view name = text_.substr(begin + 2, next_ - begin - 3);
    use = {std::string(name), span(begin, next_)};
    const std::string_view spelled = text_.substr(begin, next_ - begin);
    if (name.empty() || !is_letter(name[0]) ||
        !std::all_of(name.begin(), name.end(), is_name_byte)) {
      report(Diag::bad_parameter, begin, next_, spelled).help =
          "names are letters, digits, `_` and `-`, as in `${cwd}` or `${env.NAME}`";
      return false;
    }
    const bool starts_segment = begin == 0 || text_[begin - 1] == '/';
    const bool ends_segment = next_ == text_.size() || text_[next_] == '/';
    if (!starts_segment || !ends_segment) {
      report(Diag::glued_parameter, begin, next_, spelled).help =
          "a parameter is a whole segment: put `/` between, or make the text part of its value";
      return false;
    }
    return true;
  }

  // Appends a segment, or does what `.` and `..` say.
  bool fold(Segment segment) {
    if (segment.named || segment.is_wild() ||
        (segment.literal() != "." && segment.literal() != "..")) {
      segments_.push_back(std::move(segment));
      return true;
    }
    if (segment.literal() == ".") return true;
    if (segments_.empty()) {
      if (start_) ++parents_;
      return true;
    }
    if (segments_.back().is_wild()) {
      diagnostics_.report(Diag::parent_of_wildcard, segment.span).help =
          "write the pattern without `..`";
      return false;
    }
    segments_.pop_back();
    return true;
  }

  std::optional<PathSpelling> spelling() {
    const bool is_glob = std::any_of(segments_.begin(), segments_.end(),
                                     [](const Segment& segment) { return segment.is_wild(); });
    if (is_glob && ended_by_slash_) {
      report(Diag::glob_ends_in_slash, text_.size() - 1, text_.size()).help =
          fmt::format("write `{}`", text_.substr(0, text_.find_last_not_of('/') + 1));
      return std::nullopt;
    }
    PathSpelling out;
    out.start = start_;
    out.parents = parents_;
    for (const Segment& segment : segments_) {
      if (segment.named) {
        if (!add_named(out, *segment.named)) return std::nullopt;
      } else if (!segment.is_double_star()) {
        append_literal(out.atoms, "/");
        for (const Atom& atom : segment.atoms) {
          if (is_wildcard(atom)) {
            out.atoms.push_back(atom);
          } else {
            append_literal(out.atoms, atom.bytes);
          }
        }
      } else if (out.atoms.empty() || out.atoms.back().kind != Atom::Kind::segments) {
        out.atoms.push_back({Atom::Kind::segments});
      }
    }
    if (!out.atoms.empty() && out.atoms.back().kind == Atom::Kind::segments) {
      out.atoms.pop_back();
      out.beneath = true;
    }
    out.beneath = out.beneath || out.is_plain();
    return out;
  }

  bool add_named(PathSpelling& out, const ParameterUse& name) {
    if (!out.is_plain()) {
      diagnostics_
          .report(Diag::parameter_after_wildcard, name.span, fmt::format("${{{}}}", name.name))
          .help = "parameters stand before the first wildcard";
      return false;
    }
    std::string before = out.atoms.empty() ? std::string() : out.atoms[0].bytes;
    out.named.push_back({std::move(before) + "/", name});
    out.atoms.clear();
    return true;
  }

  Span span(std::size_t first, std::size_t last) const { return pattern_.span(file_, first, last); }

  template <typename... Args>
  Diagnostic& report(Diag diag, std::size_t first, std::size_t last, const Args&... args) {
    return diagnostics_.report(diag, span(first, last), args...);
  }

  const Alternative& pattern_;
  std::string_view text_;
  FileId file_;
  Diagnostics& diagnostics_;
  std::size_t next_ = 0;
  bool ended_by_slash_ = false;
  std::optional<ParameterUse> start_;
  std::uint32_t parents_ = 0;
  std::vector<Segment> segments_;
};

}  // namespace

bool PathSpelling::is_plain() const {
  return std::none_of(atoms.begin(), atoms.end(), is_wildcard);
}

std::string help_for_dollar(std::string_view name) {
  return fmt::format(
      "`$NAME` alone is a list of `let`; write `${{env.{0}}}` for the variable, `${{{0}}}` for a "
      "parameter, `\\$` for the character",
      name);
}

std::vector<PathSpelling> parse_path_pattern(std::string_view text, Span span,
                                             Diagnostics& diagnostics) {
  if (text.size() > kMaxPatternBytes) {
    diagnostics.report(Diag::pattern_too_long, span, text.size(), kMaxPatternBytes);
    return {};
  }
  std::vector<PathSpelling> all;
  for (const Alternative& alternative : expand_braces(text, span, diagnostics)) {
    std::optional<PathSpelling> spelling = PathReader(alternative, span.file, diagnostics).read();
    if (!spelling) return {};
    all.push_back(*std::move(spelling));
  }
  return all;
}

}  // namespace srt::language
