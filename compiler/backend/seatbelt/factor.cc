#include "compiler/backend/seatbelt/factor.h"

#include <algorithm>
#include <span>

namespace srt::seatbelt {
namespace {

constexpr std::string_view kSlash = "/";

// Whether a name ends where this piece begins.
bool ends_component(const std::string& piece) { return piece == kSlash || piece == kAnySegments; }

std::string_view spell(Ending ending) { return ending == Ending::alone ? "$" : "($|/)"; }

// Sorted regexes as one, from a piece that they all reach and up to which they are the same.
std::string joined(std::span<const Pieces> sorted, std::size_t at) {
  std::string out;
  const Pieces& first = sorted.front();
  const Pieces& last = sorted.back();
  while (at < first.size() && at < last.size() && first[at] == last[at]) out += first[at++];
  const bool ends_here = first.size() == at;
  if (ends_here) sorted = sorted.subspan(1);
  if (sorted.empty()) return out;
  out += '(';
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin + 1;
    while (end < sorted.size() && sorted[end][at] == sorted[begin][at]) ++end;
    if (begin > 0) out += '|';
    out += joined(sorted.subspan(begin, end - begin), at);
    begin = end;
  }
  return out + (ends_here ? ")?" : ")");
}

// Leaves out what lies beneath another.
void drop_covered(std::vector<Pieces>& sorted) {
  std::set<Pieces> kept;
  std::erase_if(sorted, [&](const Pieces& regex) {
    Pieces above;
    for (const std::string& piece : regex) {
      if (ends_component(piece) && kept.contains(above)) return true;
      above.push_back(piece);
    }
    kept.insert(regex);
    return false;
  });
}

// What a regex adds to the one before it, with the signs that keep them apart.
std::size_t added_bytes(const Pieces& before, const Pieces& regex) {
  constexpr std::size_t kSigns = 4;
  std::size_t same = 0;
  while (same < before.size() && same < regex.size() && before[same] == regex[same]) ++same;
  std::size_t out = kSigns;
  for (; same < regex.size(); ++same) out += regex[same].size();
  return out;
}

}  // namespace

std::vector<std::string> factored(std::vector<Pieces> regexes, Ending ending) {
  std::sort(regexes.begin(), regexes.end());
  regexes.erase(std::unique(regexes.begin(), regexes.end()), regexes.end());
  if (ending == Ending::subtree) drop_covered(regexes);
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < regexes.size();) {
    std::size_t end = begin;
    std::size_t bytes = 0;
    do {
      bytes += added_bytes(end == begin ? Pieces{} : regexes[end - 1], regexes[end]);
      ++end;
    } while (end < regexes.size() &&
             bytes + added_bytes(regexes[end - 1], regexes[end]) <= kMaxFactoredBytes);
    out.push_back(joined(std::span(regexes).subspan(begin, end - begin), 0));
    out.back() += spell(ending);
    begin = end;
  }
  return out;
}

void Everywhere::add(const Pieces& regex) {
  if (regex.size() < 2 || regex[0] != kAnySegments || regex[1] != kSlash) return;
  std::string tail;
  for (auto piece = regex.begin() + 1; piece != regex.end(); ++piece) tail += *piece;
  tails_.insert(std::move(tail));
}

bool Everywhere::cover(const Pieces& regex) const {
  if (tails_.empty()) return false;
  for (std::size_t begin = 0; begin < regex.size(); ++begin) {
    if (regex[begin] != kSlash) continue;
    // The regex itself, where it is one of these.
    const bool is_own = begin == 1 && regex[0] == kAnySegments;
    std::string part;
    for (std::size_t end = begin; end < regex.size();) {
      part += regex[end++];
      const bool is_whole = end == regex.size();
      if (is_own && is_whole) continue;
      const bool counts = is_whole || (ending_ == Ending::subtree && ends_component(regex[end]));
      if (counts && tails_.contains(part)) return true;
    }
  }
  return false;
}

}  // namespace srt::seatbelt
