#include "compiler/verify/sbpl/text.h"

#include <fmt/format.h>

namespace srt::verify::sbpl {
namespace {

using PieceKind = Text::Piece::Kind;

std::string spell(const PathText& path) {
  return path.anchor ? fmt::format("{}:{}", *path.anchor, path.text) : path.text;
}

Result<FormulaPtr> leaf_of(const std::string& key, const glob::PathSet& set, Leaves& leaves) {
  const Result<LeafId> id =
      leaves.get(key, [&] { return Automaton::of(set, leaves.mark_count()); });
  if (!id) return id.error();
  return leaf(*id);
}

Result<FormulaPtr> in(const PathText& path, Leaves& leaves) {
  return leaf_of("in " + spell(path), {path.pattern(true), {}, {}}, leaves);
}

// What lies in `a` where that lies strictly below `b`.
Result<FormulaPtr> in_below(const PathText& a, const PathText& b, Leaves& leaves) {
  return leaf_of(fmt::format("in {} below {}", spell(a), spell(b)),
                 {a.pattern(true), {}, b.pattern(false)}, leaves);
}

// What lies in `a` where that lies in `b` or is the same.
Result<FormulaPtr> in_both(const PathText& a, const PathText& b, Leaves& leaves) {
  const Result<FormulaPtr> inside = in(b, leaves);
  if (!inside) return inside;
  const Result<FormulaPtr> others = leaf_of(fmt::format("in {} but not in {}", spell(b), spell(a)),
                                            {b.pattern(true), {a.pattern(true)}, {}}, leaves);
  if (!others) return others;
  return all_of({*inside, no(*others)});
}

}  // namespace

Text Text::literal(std::string text) {
  Text out;
  if (!text.empty()) out.pieces.push_back({PieceKind::literal, std::move(text)});
  return out;
}

void Text::append(const Text& other) {
  for (const Piece& piece : other.pieces) {
    if (!pieces.empty() && piece.kind == PieceKind::literal &&
        pieces.back().kind == PieceKind::literal) {
      pieces.back().text += piece.text;
    } else {
      pieces.push_back(piece);
    }
  }
}

std::string spell(const Text& text) {
  std::string out;
  for (const Text::Piece& piece : text.pieces) {
    out += piece.kind == PieceKind::literal     ? piece.text
           : piece.kind == PieceKind::parameter ? fmt::format("<{}>", piece.text)
           : piece.kind == PieceKind::quoted    ? fmt::format("<quoted {}>", piece.anchor)
                                                : fmt::format("<directory {}>", piece.anchor);
  }
  return out;
}

glob::PathPattern PathText::pattern(bool is_subtree) const {
  glob::PathPattern out{anchor, {}, is_subtree};
  if (!text.empty() && text != "/") out.atoms.push_back({glob::Atom::Kind::literal, text});
  return out;
}

std::optional<PathText> path_of(const Text& text) {
  PathText out;
  for (std::size_t i = 0; i < text.pieces.size(); ++i) {
    const Text::Piece& piece = text.pieces[i];
    if (piece.kind == PieceKind::directory && i == 0) {
      out.anchor = piece.anchor;
    } else if (piece.kind == PieceKind::literal) {
      out.text = piece.text;
    } else {
      return std::nullopt;
    }
  }
  const bool is_root = !out.anchor && out.text == "/";
  const bool is_canonical = out.text.starts_with('/') && !out.text.ends_with('/') &&
                            out.text.find("//") == std::string::npos;
  if (is_root || is_canonical || (out.anchor && out.text.empty())) return out;
  return std::nullopt;
}

Result<FormulaPtr> is_equal(const PathText& a, const PathText& b, Leaves& leaves) {
  if (a.anchor == b.anchor) return a.text == b.text ? always() : never();
  const Result<FormulaPtr> in_a = in(a, leaves);
  const Result<FormulaPtr> in_b = in(b, leaves);
  const Result<FormulaPtr> a_in_b = in_both(a, b, leaves);
  const Result<FormulaPtr> b_in_a = in_both(b, a, leaves);
  for (const auto* made : {&in_a, &in_b, &a_in_b, &b_in_a}) {
    if (!*made) return *made;
  }
  const FormulaPtr must = all_of({*a_in_b, *b_in_a});
  return unsure(must, any_of({must, all_of({no(*in_a), no(*in_b)})}));
}

Result<FormulaPtr> is_below(const PathText& a, const PathText& b, Leaves& leaves) {
  const Result<FormulaPtr> in_a = in(a, leaves);
  if (!in_a) return in_a;
  const Result<FormulaPtr> must = in_below(a, b, leaves);
  if (!must) return must;
  return unsure(*must, any_of({*must, no(*in_a)}));
}

Result<FormulaPtr> is_longer(const PathText& a, const PathText& b, Leaves& leaves) {
  const Result<FormulaPtr> in_a = in(a, leaves);
  const Result<FormulaPtr> in_b = in(b, leaves);
  const Result<FormulaPtr> must = in_below(a, b, leaves);
  for (const auto* made : {&in_a, &in_b, &must}) {
    if (!*made) return *made;
  }
  return unsure(*must, any_of({*must, no(*in_a), no(*in_b)}));
}

}  // namespace srt::verify::sbpl
