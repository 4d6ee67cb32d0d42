#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/policy.h"
#include "compiler/ir/reserved_words.h"
#include "runtime/base/utf8.h"

namespace srt::ir {
namespace {

using glob::Atom;
using glob::CharacterSet;
using glob::CodePoint;

// An ASCII byte of a literal, escaped where it would be syntax.
void append_literal_byte(std::string& out, char c) {
  constexpr std::string_view kSyntax = "*?[]{}\\\"$";
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7F) {
    out += fmt::format("\\x{:02x}", byte);
    return;
  }
  if (kSyntax.find(c) != std::string_view::npos) out += '\\';
  out += c;
}

void append_literal(std::string& out, std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const Utf8Unit unit = decode_utf8(bytes, i);
    if (!unit.valid) {
      out += fmt::format("\\x{:02x}", unit.code_point);
    } else if (unit.length > 1) {
      out += bytes.substr(i, unit.length);
    } else {
      append_literal_byte(out, bytes[i]);
    }
    i += unit.length;
  }
}

void append_set_member(std::string& out, CodePoint c) {
  constexpr std::string_view kSyntax = "[]{}!^-\\\"$";
  if (c >= glob::kInvalidByte) {
    out += fmt::format("\\x{:02x}", c - glob::kInvalidByte);
  } else if (c < 0x20 || c == 0x7F) {
    out += fmt::format("\\x{:02x}", c);
  } else {
    if (c < 0x80 && kSyntax.find(static_cast<char>(c)) != std::string_view::npos) out += '\\';
    append_utf8(out, c);
  }
}

CharacterSet complement(const CharacterSet& set) {
  CharacterSet out;
  CodePoint next = 1;
  const auto add = [&](CodePoint from, CodePoint to) {
    if (from > to) return;
    if (from <= '/' && '/' <= to) {
      if (from < '/') out.ranges.emplace_back(from, '/' - 1);
      if ('/' < to) out.ranges.emplace_back('/' + 1, to);
    } else {
      out.ranges.emplace_back(from, to);
    }
  };
  for (const auto& [from, to] : set.ranges) {
    if (from > next) add(next, from - 1);
    next = to + 1;
  }
  add(next, glob::kMaxCodePoint);
  return out;
}

void append_set(std::string& out, const CharacterSet& set) {
  const bool negated = !set.ranges.empty() && set.ranges.back().second == glob::kMaxCodePoint;
  const CharacterSet shown = negated ? complement(set) : set;
  out += negated ? "[!" : "[";
  for (const auto& [from, to] : shown.ranges) {
    append_set_member(out, from);
    if (to == from) continue;
    if (to > from + 1) out += '-';
    append_set_member(out, to);
  }
  out += ']';
}

std::string quoted_if_needed(std::string text) {
  constexpr std::string_view kBreaks = " \t\r\n,;#";
  if (text.find_first_of(kBreaks) == std::string::npos) return text;
  return '"' + text + '"';
}

// A name or a host, for which a reserved word or a bare sign would be taken.
std::string quoted_word(std::string text) {
  if (is_reserved(text) || text == "=" || text == ":") return '"' + text + '"';
  return quoted_if_needed(std::move(text));
}

// A name pattern is spelled like a path's bytes, but for its own wildcards and escapes.
std::string spell_name(std::string_view text) {
  const auto is_alnum = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const bool escaped = text[i] == '\\' && i + 1 < text.size();
    if (escaped) ++i;
    const Utf8Unit unit = decode_utf8(text, i);
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!unit.valid || byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
      ++i;
      continue;
    }
    constexpr std::string_view kSyntax = "{}\"$";
    const bool needs_escape = kSyntax.find(text[i]) != std::string_view::npos;
    if (needs_escape || (escaped && byte < 0x80 && !is_alnum(text[i]))) out += '\\';
    out += text.substr(i, unit.length);
    i += unit.length;
  }
  return quoted_word(std::move(out));
}

// A path alone, without what lies beneath, as settings can name it: a class of one character makes
// it a glob, which matches no more than it spells.
void append_alone(std::string& out, std::string_view path) {
  std::size_t last = path.size() - 1;
  for (std::size_t i = 0; i < path.size(); i += decode_utf8(path, i).length) last = i;
  const Utf8Unit unit = decode_utf8(path, last);
  const CodePoint c = unit.valid ? unit.code_point : glob::kInvalidByte + unit.code_point;
  append_literal(out, path.substr(0, last));
  append_set(out, {{{c, c}}});
}

// Spells without quotes. A glob's `/**` is left out for a deny, whose globs always reach beneath.
std::string spell_bare(const Policy& policy, const glob::PathPattern& pattern, Effect effect) {
  std::string out;
  if (pattern.anchor) {
    const Template& anchor = policy.anchors[*pattern.anchor];
    const bool is_parameter =
        anchor.pieces.size() == 1 && anchor.pieces[0].kind == Template::Piece::Kind::parameter;
    const auto source = is_parameter ? policy.parameters[anchor.pieces[0].parameter].source
                                     : Parameter::Source::declared;
    if (source == Parameter::Source::working_directory) {
      out = ".";
    } else if (source == Parameter::Source::home) {
      out = "~";
    } else {
      out = spell(policy, anchor);
    }
  }
  const bool is_alone = pattern.is_plain() && !pattern.subtree && effect == Effect::allow;
  for (const Atom& atom : pattern.atoms) {
    switch (atom.kind) {
      case Atom::Kind::literal:
        if (is_alone) {
          append_alone(out, atom.bytes);
        } else {
          append_literal(out, atom.bytes);
        }
        break;
      case Atom::Kind::character:
        out += '?';
        break;
      case Atom::Kind::set:
        append_set(out, atom.set);
        break;
      case Atom::Kind::run:
        out += '*';
        break;
      case Atom::Kind::segments:
        out += "/**";
        break;
      case Atom::Kind::text:
        out += "**";
        break;
    }
  }
  if (pattern.subtree && !pattern.is_plain() && effect == Effect::allow) out += "/**";
  return out.empty() ? "/" : out;
}

std::string conditions(const Policy& policy, const glob::PathSet& paths) {
  std::string out;
  for (std::size_t i = 0; i < paths.except.size(); ++i) {
    out += i == 0 ? " except " : ", ";
    out += quoted_if_needed(spell_bare(policy, paths.except[i], Effect::allow));
  }
  if (paths.within) {
    out += " within " + quoted_if_needed(spell_bare(policy, *paths.within, Effect::allow));
  }
  return out;
}

std::string spell(const Policy& policy, const glob::PathSet& paths, Effect effect) {
  return quoted_if_needed(spell_bare(policy, paths.pattern, effect)) + conditions(policy, paths);
}

}  // namespace

std::string spell(const Policy& policy, const Template& text) {
  std::string out;
  for (const Template::Piece& piece : text.pieces) {
    switch (piece.kind) {
      case Template::Piece::Kind::literal:
        append_literal(out, piece.text);
        break;
      case Template::Piece::Kind::parameter:
        out += fmt::format("${{{}}}", policy.parameters[piece.parameter].name);
        break;
      case Template::Piece::Kind::parent:
        out += "/..";
        break;
    }
  }
  return out;
}

std::string spell(const Policy& policy, const glob::PathPattern& pattern) {
  return quoted_if_needed(spell_bare(policy, pattern, Effect::allow));
}

std::string spell(const Policy& policy, const glob::PathSet& paths) {
  return spell(policy, paths, Effect::allow);
}

std::string spell_exactly(const Policy& policy, const glob::PathPattern& pattern) {
  std::string out = spell_bare(policy, pattern, Effect::deny);
  if (pattern.subtree) out += out == "/" ? "**" : "/**";
  return quoted_if_needed(std::move(out));
}

std::string spell_exactly(const Policy& policy, const glob::PathSet& paths) {
  return spell_exactly(policy, paths.pattern) + conditions(policy, paths);
}

std::string spell(const NamePattern& names) { return spell_name(names.text()); }

std::string spell(const Policy& policy, const Rule& rule) {
  std::string out = fmt::format("{} {} ", to_string(rule.effect), to_string(rule.operation));
  if (const auto* hosts = std::get_if<net::HostPattern>(&rule.subject)) {
    out += quoted_word(net::to_string(*hosts));
  } else if (const auto* ports = std::get_if<net::PortRange>(&rule.subject)) {
    out += net::to_string(*ports);
  } else if (const auto* text = std::get_if<Template>(&rule.subject)) {
    for (const Template::Piece& piece : text->pieces) {
      const bool is_parameter = piece.kind == Template::Piece::Kind::parameter;
      out += is_parameter ? fmt::format("${{{}}}", policy.parameters[piece.parameter].name)
                          : piece.text;
    }
  } else if (rule.has_names()) {
    out += spell_name(rule.names().text());
  } else {
    out += spell(policy, rule.paths(), rule.effect);
  }
  if (rule.existing) out += " existing";
  if (rule.publish) out += " publish";
  if (rule.any_tls_name) out += " tls-name any";
  return out;
}

}  // namespace srt::ir
