#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/backend/seatbelt/factor.h"
#include "compiler/backend/seatbelt/regex.h"
#include "compiler/glob/pattern.h"
#include "compiler/ir/policy.h"

/// Path patterns as filter expressions of the profile language. Expressions call the definitions of
/// `kPathDefinitions`.
namespace srt::seatbelt {

/// The one form in which patterns are compared and spelled: `/a/**` as the subtree of /a, and what
/// lies in /private/tmp, /private/var and /private/etc by its path without /private.
glob::PathPattern normalized(glob::PathPattern pattern);

/// Names under which the launcher passes the values of a policy's anchors (`sandbox-exec -D`), in
/// the order of `policy.anchors`. All differ from each other and from `PROXY_PORT`.
std::vector<std::string> anchor_names(const ir::Policy& policy);

/// One definition of the profile language, printed where something uses it.
struct Definition {
  std::string_view name;  ///< as a call of it begins
  std::string_view text;
};
/// A definition uses earlier ones only.
inline constexpr Definition kPathDefinitions[] = {
    {"(dir ",
     "; A directory that srt-run passes: canonical. The root directory is the empty prefix, and a\n"
     "; directory that nothing has lies where nothing can.\n"
     "(define (dir name)\n"
     "  (if (string=? (param name) \"/\") \"\"\n"
     "      (if (string=? (param name) \"//\") \"/dev/null/nowhere\" (param name))))\n"},
    {"(tree ",
     "; A directory and everything beneath it.\n"
     "(define (tree path) (if (string=? path \"\") (subpath \"/\") (subpath path)))\n"},
    {"(at ",
     "; A path alone.\n"
     "(define (at path) (if (string=? path \"\") (literal \"/\") (literal path)))\n"},
    {"(above ",
     "; Every directory that a path lies in.\n"
     "(define (above path) (if (string=? path \"\") (literal \"/\") (path-ancestors path)))\n"},
    {"(below? ",
     "; Whether a path lies in a directory, as text.\n"
     "(define (below? path top)\n"
     "  (and (> (string-length path) (string-length top))\n"
     "       (string=? (substring path 0 (+ (string-length top) 1)) (string-append top "
     "\"/\"))))\n"},
    {"nothing", "; No path.\n(define nothing (require-not (subpath \"/\")))\n"},
    {"(excepted ",
     "; An exception, which holds where the rule covers all of it.\n"
     "(define (excepted path top)\n"
     "  (if (or (string=? path top) (below? path top)) (tree path) nothing))\n"},
};

/// Regexes by what stands before and behind them.
struct RegexGroup {
  std::optional<glob::AnchorId> anchor;
  std::string_view alias;  ///< what the other spelling of /tmp begins with
  Ending ending = Ending::alone;

  friend auto operator<=>(const RegexGroup&, const RegexGroup&) = default;
};
using RegexGroups = std::map<RegexGroup, std::vector<Pieces>>;

/// Spells patterns of one policy.
class FilterWriter {
 public:
  explicit FilterWriter(const ir::Policy& policy) : names_(anchor_names(policy)) {}

  /// Filters that together match exactly what the patterns match, in both spellings of what lies in
  /// `/tmp`, `/var` and `/etc`. With folded letters they match without regard to case and to
  /// Unicode form, which may be more.
  std::vector<std::string> paths(std::span<const glob::PathPattern> patterns,
                                 Letters letters) const;
  std::vector<std::string> paths(const glob::PathPattern& pattern, Letters letters) const {
    return paths({&pattern, 1}, letters);
  }

  /// The directories above what the pattern matches.
  std::vector<std::string> ancestors(const glob::PathPattern& pattern) const;

  /// The directories above what the patterns match that must stay where they are, so that what they
  /// match keeps its name: all of them, but for those that only `**` names. A move from one place
  /// to another that `**` reaches leaves the match a match.
  std::vector<std::string> pins(std::span<const glob::PathPattern> patterns) const;

  /// The path of a plain pattern as an expression for a string, canonical like the values of
  /// anchors, with which it can be compared.
  std::string text_of(const glob::PathPattern& pattern) const;

 private:
  std::string dir(glob::AnchorId anchor) const;
  std::string regex(const std::optional<glob::AnchorId>& anchor, std::string_view alias,
                    std::string_view body) const;
  std::vector<std::string> spell(const RegexGroups& groups) const;

  std::vector<std::string> names_;
};

}  // namespace srt::seatbelt
