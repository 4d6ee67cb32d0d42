#include "compiler/backend/seatbelt/filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "compiler/backend/seatbelt/scheme.h"

namespace srt::seatbelt {
namespace {

using glob::Atom;
using glob::PathPattern;

// Directories that are links into /private on every Mac.
constexpr std::array<std::string_view, 3> kAliased = {"/tmp", "/var", "/etc"};
constexpr std::string_view kPrivate = "/private";
constexpr std::string_view kAliasRegex = "(/private)?";

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

// Whether `text` is one of the aliased directories or lies in one.
bool starts_aliased(std::string_view text, Letters letters) {
  const std::string folded = letters == Letters::folded ? lowered(text) : std::string(text);
  return std::any_of(kAliased.begin(), kAliased.end(), [&](std::string_view directory) {
    return folded.starts_with(directory) &&
           (folded.size() == directory.size() || folded[directory.size()] == '/');
  });
}

// Whether the first components of a pattern that begins with text, so many, are text alone.
bool has_whole_components(const std::vector<Atom>& atoms, int count) {
  std::size_t end = 0;
  for (int i = 0; i < count && end != std::string::npos; ++i) {
    end = atoms[0].bytes.find('/', end + 1);
  }
  return end != std::string::npos || atoms.size() == 1 || atoms[1].kind == Atom::Kind::segments;
}

// What may stand before the pattern's text in the other spelling of its paths, as a regex. A first
// component that is a glob may spell an aliased directory too: a deny then holds in /private.
std::string_view alias_regex(const PathPattern& pattern, Letters letters) {
  if (pattern.anchor || pattern.atoms.empty()) return "";
  const Atom& head = pattern.atoms[0];
  if (head.kind != Atom::Kind::literal) return "";
  if (has_whole_components(pattern.atoms, 1))
    return starts_aliased(head.bytes, letters) ? kAliasRegex : "";
  return letters == Letters::folded ? kAliasRegex : "";
}

// Whether the atoms match the empty text, which is how the root directory is written in patterns.
bool is_nullable(const std::vector<Atom>& atoms) {
  return std::all_of(atoms.begin(), atoms.end(), [](const Atom& atom) {
    return atom.kind == Atom::Kind::run || atom.kind == Atom::Kind::segments ||
           atom.kind == Atom::Kind::text;
  });
}

using Component = std::vector<Atom>;

bool is_segments(const Component& component) { return component[0].kind == Atom::Kind::segments; }

bool spans_directories(const Atom& atom) {
  return atom.kind == Atom::Kind::segments || atom.kind == Atom::Kind::text;
}

std::vector<Component> components_of(const std::vector<Atom>& atoms) {
  std::vector<Component> out;
  bool open = false;  // whether the last component may go on
  const auto append = [&](Atom atom) {
    if (!open) out.emplace_back();
    out.back().push_back(std::move(atom));
    open = true;
  };
  for (const Atom& atom : atoms) {
    if (atom.kind == Atom::Kind::segments) {
      out.push_back({atom});
      open = false;
      continue;
    }
    if (atom.kind != Atom::Kind::literal) {
      append(atom);
      continue;
    }
    for (std::size_t begin = 0; begin < atom.bytes.size();) {
      if (atom.bytes[begin] == '/') open = false;
      const std::size_t end = std::min(atom.bytes.find('/', begin + 1), atom.bytes.size());
      append({Atom::Kind::literal, atom.bytes.substr(begin, end - begin)});
      begin = end;
    }
  }
  return out;
}

// The literal text with which the pattern begins.
std::string_view head_of(const PathPattern& pattern) {
  const bool has_head = !pattern.atoms.empty() && pattern.atoms[0].kind == Atom::Kind::literal;
  return has_head ? std::string_view(pattern.atoms[0].bytes) : std::string_view();
}

std::string parameter_name(const Parameter& parameter) {
  switch (parameter.source) {
    case Parameter::Source::working_directory:
      return "CWD";
    case Parameter::Source::home:
      return "HOME";
    case Parameter::Source::tmp:
      return "TMPDIR";
    case Parameter::Source::user:
      return "USER";
    case Parameter::Source::environment:
      return "ENV_" + parameter.name.substr(parameter.name.find('.') + 1);
    case Parameter::Source::programs:
      return "SRT_PROGRAMS";
    case Parameter::Source::cache:
      return "SRT_CACHE";
    case Parameter::Source::bundle:
      return "SRT_BUNDLE";
    case Parameter::Source::declared:
      return parameter.name;
  }
  return parameter.name;
}

// `${cwd}/../lib` becomes CWD_PARENT_LIB.
std::string anchor_name(const ir::Policy& policy, const Template& anchor) {
  if (anchor.pieces.size() == 1 && anchor.pieces[0].kind == Template::Piece::Kind::parameter) {
    return parameter_name(policy.parameters[anchor.pieces[0].parameter]);
  }
  std::string name;
  for (const Template::Piece& piece : anchor.pieces) {
    if (!name.empty() && name.back() != '_') name += '_';
    switch (piece.kind) {
      case Template::Piece::Kind::parameter:
        name += parameter_name(policy.parameters[piece.parameter]);
        break;
      case Template::Piece::Kind::parent:
        name += "PARENT";
        break;
      case Template::Piece::Kind::literal:
        for (const char c : std::string_view(piece.text).substr(piece.text.starts_with('/'))) {
          const bool small = c >= 'a' && c <= 'z';
          const bool plain = small || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
          name += small ? static_cast<char>(c & ~0x20) : plain ? c : '_';
        }
        break;
    }
  }
  return name;
}

}  // namespace

PathPattern normalized(PathPattern pattern) {
  while (!pattern.atoms.empty() && pattern.atoms.back().kind == Atom::Kind::segments) {
    pattern.atoms.pop_back();
    pattern.subtree = true;
  }
  if (!pattern.anchor && !pattern.atoms.empty() && pattern.atoms[0].kind == Atom::Kind::literal) {
    std::string& head = pattern.atoms[0].bytes;
    if (head.starts_with(kPrivate) && has_whole_components(pattern.atoms, 2) &&
        starts_aliased(std::string_view(head).substr(kPrivate.size()), Letters::exact)) {
      head.erase(0, kPrivate.size());
    }
  }
  return pattern;
}

std::vector<std::string> anchor_names(const ir::Policy& policy) {
  std::vector<std::string> names(policy.anchors.size());
  std::set<std::string> taken = {"PROXY_PORT"};
  for (const Parameter& parameter : policy.parameters) {
    if (parameter.type == Parameter::Type::port) taken.insert(parameter.name);
  }
  const auto name_all = [&](auto&& is_next) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!names[i].empty() || !is_next(policy.anchors[i])) continue;
      names[i] = anchor_name(policy, policy.anchors[i]);
      while (!taken.insert(names[i]).second) names[i] += '_';
    }
  };
  const auto is_parameter = [](const Template& anchor) {
    return anchor.pieces.size() == 1 && anchor.pieces[0].kind == Template::Piece::Kind::parameter;
  };
  // Those whose names are fixed come first: a declared parameter may be called HOME.
  name_all([&](const Template& anchor) {
    return is_parameter(anchor) &&
           policy.parameters[anchor.pieces[0].parameter].source != Parameter::Source::declared;
  });
  name_all(is_parameter);
  name_all([](const Template&) { return true; });
  return names;
}

std::string FilterWriter::dir(glob::AnchorId anchor) const {
  return "(dir " + quote(names_[anchor]) + ")";
}

std::string FilterWriter::text_of(const PathPattern& pattern) const {
  const std::string_view text = head_of(pattern);
  if (!pattern.anchor) {
    return quote(starts_aliased(text, Letters::exact) ? std::string(kPrivate) + std::string(text)
                                                      : std::string(text));
  }
  if (text.empty()) return dir(*pattern.anchor);
  return fmt::format("(string-append {} {})", dir(*pattern.anchor), quote(text));
}

std::string FilterWriter::regex(const std::optional<glob::AnchorId>& anchor, std::string_view alias,
                                std::string_view body) const {
  if (!anchor) return fmt::format("(regex {})", quote_regex(fmt::format("^{}{}", alias, body)));
  return fmt::format("(regex (string-append \"^\" (regex-quote {}) {}))", dir(*anchor),
                     quote_regex(body));
}

// Leaves out what patterns that hold everywhere cover.
std::vector<std::string> FilterWriter::spell(const RegexGroups& groups) const {
  Everywhere trees(Ending::subtree);
  Everywhere names(Ending::alone);
  for (const auto& [group, regexes] : groups) {
    if (group.anchor || !group.alias.empty()) continue;
    for (const Pieces& regex : regexes) {
      (group.ending == Ending::subtree ? trees : names).add(regex);
    }
  }
  std::vector<std::string> out;
  for (auto [group, regexes] : groups) {
    std::erase_if(regexes, [&](const Pieces& regex) {
      return trees.cover(regex) || (group.ending == Ending::alone && names.cover(regex));
    });
    for (const std::string& body : factored(std::move(regexes), group.ending)) {
      out.push_back(regex(group.anchor, group.alias, body));
    }
  }
  return out;
}

std::vector<std::string> FilterWriter::paths(std::span<const PathPattern> patterns,
                                             Letters letters) const {
  std::vector<std::string> out;
  RegexGroups groups;
  for (const PathPattern& given : patterns) {
    PathPattern pattern = normalized(given);
    const std::string_view alias = alias_regex(pattern, letters);
    if (letters == Letters::folded) pattern.atoms = widen_names(pattern.atoms);
    const std::string_view text = head_of(pattern);
    const std::string_view kind = pattern.subtree ? "subpath" : "literal";
    if (!pattern.is_plain() || (letters == Letters::folded && has_letters(text))) {
      Pieces regex = pieces_of(pattern.atoms, letters);
      if (!pattern.subtree && is_nullable(pattern.atoms)) regex.emplace_back("/?");
      groups[{pattern.anchor, alias, pattern.subtree ? Ending::subtree : Ending::alone}].push_back(
          std::move(regex));
    } else if (pattern.anchor && text.empty()) {
      out.push_back(fmt::format("({} {})", pattern.subtree ? "tree" : "at", dir(*pattern.anchor)));
    } else if (!pattern.anchor && text.empty()) {
      out.push_back(fmt::format("({} \"/\")", kind));
    } else {
      if (!alias.empty()) out.push_back(fmt::format("({} {})", kind, quote(text)));
      out.push_back(fmt::format("({} {})", kind, text_of(pattern)));
    }
  }
  std::vector<std::string> regexes = spell(groups);
  std::move(regexes.begin(), regexes.end(), std::back_inserter(out));
  return out;
}

std::vector<std::string> FilterWriter::ancestors(const PathPattern& given) const {
  const PathPattern pattern = normalized(given);
  const std::string_view alias = alias_regex(pattern, Letters::exact);
  const std::vector<Component> components = components_of(pattern.atoms);
  std::vector<std::string> out;
  if (pattern.anchor) out.push_back(fmt::format("(above {})", dir(*pattern.anchor)));
  if (components.empty()) return out;
  if (pattern.anchor) out.push_back(fmt::format("(at {})", dir(*pattern.anchor)));
  if (pattern.is_plain()) {
    PathPattern prefix{pattern.anchor, {{Atom::Kind::literal, ""}}};
    if (!alias.empty()) out.push_back(fmt::format("(literal {})", quote(kPrivate)));
    for (std::size_t i = 0; i + 1 < components.size(); ++i) {
      prefix.atoms[0].bytes += components[i][0].bytes;
      for (std::string& filter : paths(prefix, Letters::exact)) out.push_back(std::move(filter));
    }
    return out;
  }
  // ^/a(/b(/c)?)?$: each group is one directory further down. Where a wildcard may span several,
  // everything beneath is above some match.
  std::string open;
  std::string close;
  for (const Component& component : components) {
    const auto wide = std::find_if(component.begin(), component.end(), spans_directories);
    if (&component == &components.back() && wide == component.end()) break;
    open += '(' + regex_of({component.begin(), wide}, Letters::exact);
    close += ")?";
    if (wide == component.end()) continue;
    open += regex_of({wide, wide + 1}, Letters::exact);
    break;
  }
  if (!open.empty()) out.push_back(regex(pattern.anchor, alias, open + close + '$'));
  return out;
}

std::vector<std::string> FilterWriter::pins(std::span<const PathPattern> patterns) const {
  std::set<std::string> out;
  RegexGroups groups;
  for (const PathPattern& given : patterns) {
    PathPattern pattern = normalized(given);
    const std::string_view alias = alias_regex(pattern, Letters::folded);
    pattern.atoms = widen_names(pattern.atoms);
    const std::vector<Component> components = components_of(pattern.atoms);
    if (pattern.anchor) {
      out.insert(fmt::format("(above {})", dir(*pattern.anchor)));
      if (!components.empty()) out.insert(fmt::format("(at {})", dir(*pattern.anchor)));
    }
    Pieces above;
    for (std::size_t i = 0; i + 1 < components.size(); ++i) {
      for (std::string& piece : pieces_of(components[i], Letters::folded)) {
        above.push_back(std::move(piece));
      }
      if (!is_segments(components[i])) {
        groups[{pattern.anchor, alias, Ending::alone}].push_back(above);
      }
    }
  }
  std::vector<std::string> spelled(out.begin(), out.end());
  for (std::string& filter : spell(groups)) spelled.push_back(std::move(filter));
  return spelled;
}

}  // namespace srt::seatbelt
