#include "compiler/frontend/settings/path_pattern.h"

#include <optional>
#include <string>
#include <utility>

#include "compiler/frontend/limits.h"
#include "compiler/frontend/settings/glob_text.h"

namespace srt::settings {
namespace {

using glob::PathPattern;

enum class Base : std::uint8_t { root, working_directory, home };

// A path taken apart: where it starts, how far it climbs from there, and its components.
struct Folded {
  Base base;
  std::size_t parents = 0;
  std::vector<std::string_view> components = {};
};

glob::AnchorId anchor_at(ir::Policy& policy, Base base, std::size_t parents) {
  const Parameter parameter =
      base == Base::home
          ? Parameter{"home", Parameter::Source::home, Parameter::Type::path, {}}
          : Parameter{"cwd", Parameter::Source::working_directory, Parameter::Type::path, {}};
  Template anchor;
  anchor.pieces.push_back(
      {.kind = Template::Piece::Kind::parameter, .parameter = policy.intern(parameter)});
  for (std::size_t i = 0; i < parents; ++i) {
    anchor.pieces.push_back({.kind = Template::Piece::Kind::parent});
  }
  return policy.intern(anchor);
}

class PatternReader {
 public:
  PatternReader(const PathText& entry, Format format, Effect effect, ir::Policy& policy,
                Diagnostics& diagnostics)
      : span_(entry.span),
        text_(entry.text),
        format_(format),
        effect_(effect),
        policy_(policy),
        diagnostics_(diagnostics) {}

  std::vector<PathPattern> read() {
    if (!check_text()) return {};
    drop_suffix();
    is_glob_ = has_glob_characters(text_);
    const std::optional<Folded> folded = fold();
    if (!folded) return {};
    if (!is_glob_) return {plain(*folded)};
    std::vector<PathPattern> patterns = globs(*folded, "", join(folded->components, 0));
    if (effect_ == Effect::deny && format_ == Format::npm) add_names(*folded, patterns);
    return patterns;
  }

  std::vector<PathPattern> read_literal() {
    if (!check_text()) return {};
    const std::optional<Folded> folded = fold();
    if (!folded) return {};
    return {plain(*folded)};
  }

 private:
  bool check_text() {
    if (text_.empty()) {
      diagnostics_.report(Diag::empty_pattern, span_).help = "write `.` for the working directory";
      return false;
    }
    if (text_.size() > kMaxPatternBytes) {
      diagnostics_.report(Diag::pattern_too_long, span_, text_.size(), kMaxPatternBytes);
      return false;
    }
    if (text_.find('\0') != std::string_view::npos) {
      diagnostics_.report(Diag::nul_in_pattern, span_);
      return false;
    }
    return true;
  }

  // Drops a trailing `/**`, which a plain path has no need of.
  void drop_suffix() {
    constexpr std::string_view kSuffix = "/**";
    // In the Rust port a leading `**` starts at the root: `**` alone is `/**`.
    if (format_ == Format::rust_port && text_.starts_with("**")) {
      owned_ = "/" + std::string(text_);
      text_ = owned_;
    }
    if (!text_.ends_with(kSuffix)) return;
    reaches_beneath_ = format_ == Format::rust_port;
    text_.remove_suffix(kSuffix.size());
    if (text_.empty()) text_ = "/";
  }

  // Folds `.`, `..` and empty components in the text.
  std::optional<Folded> fold() {
    Folded folded{.base = take_base()};
    if (is_glob_ && folded.base != Base::working_directory && names_nothing()) {
      report_glob_that_ends_in_slash();
      return std::nullopt;
    }
    while (!text_.empty()) {
      const std::size_t slash = std::min(text_.find('/'), text_.size());
      const std::string_view component = text_.substr(0, slash);
      text_.remove_prefix(std::min(slash + 1, text_.size()));
      if (component.empty() || component == ".") continue;
      if (component != "..") {
        folded.components.push_back(component);
      } else if (folded.components.empty()) {
        // The parent of the root directory is the root directory.
        if (folded.base != Base::root) ++folded.parents;
      } else if (is_glob_ && has_glob_characters(folded.components.back())) {
        diagnostics_.report(Diag::parent_of_wildcard, span_).help =
            "name the directory without going through the wildcard";
        return std::nullopt;
      } else {
        folded.components.pop_back();
      }
    }
    return folded;
  }

  Base take_base() {
    if (text_ == "~" || text_.starts_with("~/")) {
      text_.remove_prefix(1);
      return Base::home;
    }
    return text_.starts_with('/') ? Base::root : Base::working_directory;
  }

  // A glob keeps the end that a plain path has folded away, and no path ends so.
  bool names_nothing() const { return text_.ends_with('/') || text_.ends_with("/."); }

  void report_glob_that_ends_in_slash() {
    const bool is_deny = effect_ == Effect::deny;
    diagnostics_.report(is_deny ? Diag::glob_ends_in_slash : Diag::allow_matches_nothing, span_)
        .help = "leave out the `/` at the end";
  }

  static std::string join(const std::vector<std::string_view>& components, std::size_t first) {
    std::string text;
    for (std::size_t i = first; i < components.size(); ++i) {
      text += '/';
      text += components[i];
    }
    return text;
  }

  std::optional<glob::AnchorId> anchor(const Folded& folded) {
    if (folded.base == Base::root) return std::nullopt;
    return anchor_at(policy_, folded.base, folded.parents);
  }

  PathPattern plain(const Folded& folded) {
    PathPattern pattern{.anchor = anchor(folded), .atoms = {}, .subtree = true};
    append_literal(pattern.atoms, join(folded.components, 0));
    return pattern;
  }

  // The patterns that the name `prefix` and then the glob `text` spell.
  std::vector<PathPattern> globs(const Folded& folded, const std::string& prefix,
                                 const std::string& text) {
    std::vector<PathPattern> patterns;
    for (const std::vector<glob::Atom>& tail : parse_glob(text, format_, span_, diagnostics_)) {
      PathPattern pattern{.anchor = anchor(folded),
                          .atoms = {},
                          .subtree = effect_ == Effect::deny || reaches_beneath_};
      append_literal(pattern.atoms, prefix);
      for (const glob::Atom& atom : tail) {
        if (atom.kind == glob::Atom::Kind::literal) {
          append_literal(pattern.atoms, atom.bytes);
        } else {
          pattern.atoms.push_back(atom);
        }
      }
      patterns.push_back(std::move(pattern));
    }
    return patterns;
  }

  // A directory may be named `[WIP]`, so a deny holds for what it spells as a name too, up to any
  // of its components. `*` and `?` match themselves: only a set makes a name that the glob would
  // miss.
  void add_names(const Folded& folded, std::vector<PathPattern>& patterns) {
    std::string prefix;
    for (std::size_t i = 0; i < folded.components.size() && !patterns.empty(); ++i) {
      prefix += '/';
      prefix += folded.components[i];
      if (!has_set(folded.components[i])) continue;
      const std::string rest = join(folded.components, i + 1);
      std::vector<PathPattern> beneath = globs(folded, prefix, rest);
      patterns.insert(patterns.end(), beneath.begin(), beneath.end());
    }
  }

  Span span_;
  std::string_view text_;
  std::string owned_;
  Format format_;
  Effect effect_;
  ir::Policy& policy_;
  Diagnostics& diagnostics_;
  bool is_glob_ = false;
  bool reaches_beneath_ = false;
};

}  // namespace

std::vector<PathPattern> read_pattern(const PathText& entry, Format format, Effect effect,
                                      ir::Policy& policy, Diagnostics& diagnostics) {
  return PatternReader(entry, format, effect, policy, diagnostics).read();
}

std::vector<PathPattern> read_literal_path(const PathText& entry, ir::Policy& policy,
                                           Diagnostics& diagnostics) {
  return PatternReader(entry, Format::npm, Effect::allow, policy, diagnostics).read_literal();
}

glob::AnchorId working_directory(ir::Policy& policy) {
  return anchor_at(policy, Base::working_directory, 0);
}

glob::AnchorId home_directory(ir::Policy& policy) { return anchor_at(policy, Base::home, 0); }

}  // namespace srt::settings
