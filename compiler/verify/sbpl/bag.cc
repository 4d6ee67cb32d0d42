#include "compiler/verify/sbpl/bag.h"

#include <algorithm>

namespace srt::verify::sbpl {
namespace {

// U+017F is C5 BF and folds to `s`; U+212A is E2 84 AA and folds to `k` (CaseFolding.txt).
enum Folding : std::uint8_t { none, after_c5, after_e2, after_e2_84 };

}  // namespace

Bag::Bag(std::vector<Item> items, const Leaves& leaves, const Letters& letters)
    : items_(std::move(items)), leaves_(leaves), letters_(letters) {
  Threads threads;
  for (std::uint32_t i = 0; i < items_.size(); ++i) threads.push_back({i, 0, none});
  number(std::move(threads));
}

void Bag::step_folded(const Thread& thread, unsigned char byte, Threads& out) const {
  const Automaton& leaf = leaves_[items_[thread.item].leaf];
  const auto read = [&](unsigned char one) {
    out.push_back({thread.item, leaf.step(thread.state, one), none});
  };
  const auto read_both = [&](unsigned char one) {
    read(one);
    read(static_cast<unsigned char>(one ^ 0x20U));
  };
  switch (thread.begun) {
    case after_c5:
      if (byte == 0xBF) read_both('s');
      return;
    case after_e2:
      if (byte == 0x84) out.push_back({thread.item, thread.state, after_e2_84});
      return;
    case after_e2_84:
      if (byte == 0xAA) read_both('k');
      return;
    default:
      break;
  }
  if (byte == 0xC5) out.push_back({thread.item, thread.state, after_c5});
  if (byte == 0xE2) out.push_back({thread.item, thread.state, after_e2});
  if (is_letter(byte)) {
    read_both(byte);
  } else {
    read(byte);
  }
}

Bag::Threads Bag::step_all(const Threads& from, Letter letter) const {
  Threads out;
  for (const Thread& thread : from) {
    const Item& item = items_[thread.item];
    const Automaton& leaf = leaves_[item.leaf];
    if (letter.is_mark) {
      const std::uint32_t next = leaf.step_mark(thread.state, letter.value);
      if (thread.begun != none || !leaf.is_live_at_end(next)) continue;
      // What lies beneath matches too, and nothing else follows.
      const bool is_done = leaf.is_for_good_at_end(next);
      out.push_back({thread.item, is_done ? leaf.step(next, '/') : next, none});
    } else if (item.is_folded) {
      step_folded(thread, static_cast<unsigned char>(letter.value), out);
    } else {
      out.push_back(
          {thread.item, leaf.step(thread.state, static_cast<unsigned char>(letter.value)), none});
    }
  }
  return out;
}

Bag::State Bag::number(Threads threads) {
  const auto leaf_of = [&](const Thread& thread) -> const Automaton& {
    return leaves_[items_[thread.item].leaf];
  };
  std::erase_if(threads,
                [&](const Thread& thread) { return !leaf_of(thread).is_live(thread.state); });
  std::sort(threads.begin(), threads.end());
  threads.erase(std::unique(threads.begin(), threads.end()), threads.end());
  const auto for_good = std::find_if(threads.begin(), threads.end(), [&](const Thread& thread) {
    return thread.begun == none && leaf_of(thread).is_for_good(thread.state);
  });
  // One state for all of them: no automaton has one of this number.
  if (for_good != threads.end()) threads = {{UINT32_MAX, 0, none}};
  const auto [entry, is_new] =
      numbers_.try_emplace(std::move(threads), static_cast<State>(states_.size()));
  if (!is_new) return entry->second;
  Entry made;
  if (entry->first.size() == 1 && entry->first[0].item == UINT32_MAX) {
    made.fixed = Fixed::always;
    made.accepts = made.accepts_root = true;
  } else {
    made.threads = entry->first;
    if (made.threads.empty()) made.fixed = Fixed::never;
    for (const Thread& thread : made.threads) {
      if (thread.begun != none) continue;
      made.accepts = made.accepts || leaf_of(thread).accepts(thread.state, false);
      made.accepts_root = made.accepts_root || leaf_of(thread).accepts(thread.state, true);
    }
  }
  states_.push_back(std::move(made));
  return entry->second;
}

void Bag::expand(State state) {
  std::vector<State> next(letters_.size(), state);
  if (states_[state].fixed == Fixed::open) {
    const Threads from = states_[state].threads;
    for (std::size_t i = 0; i < letters_.size(); ++i) next[i] = number(step_all(from, letters_[i]));
  }
  Entry& entry = states_[state];
  for (std::size_t i = 0; i < letters_.size(); ++i) {
    const State usual = letters_[i].is_mark ? state : next[letters_.plain()];
    if (next[i] != usual) entry.telling.add(i);
  }
  entry.next = std::move(next);
}

}  // namespace srt::verify::sbpl
