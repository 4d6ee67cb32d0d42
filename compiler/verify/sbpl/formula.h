#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/verify/sbpl/automaton.h"

/// What rules say of a path, put together of automata.
namespace srt::verify::sbpl {

using LeafId = std::uint32_t;

struct Formula;
using FormulaPtr = std::shared_ptr<const Formula>;

/// A set of paths. Of some a word does not tell whether they are in it, since that depends on where
/// directories are that the path does not lie in: these are what `unsure` and `above` are for.
struct Formula {
  enum class Kind : std::uint8_t {
    never,
    always,
    leaf,    ///< an automaton's
    folded,  ///< what differs from a path of an automaton in case only
    all,
    any,
    no,      ///< what is not in `parts[0]`
    unsure,  ///< what is in `parts[0]` is, what is not in `parts[1]` is not
    above,   ///< the directories that the one of `anchor` lies in, which are outside: in `leaf`
  };

  Kind kind;
  LeafId leaf = 0;
  glob::AnchorId anchor = 0;
  std::vector<FormulaPtr> parts = {};
};

FormulaPtr never();
FormulaPtr always();
FormulaPtr leaf(LeafId id);
FormulaPtr folded(LeafId id);
FormulaPtr all_of(std::vector<FormulaPtr> parts);
FormulaPtr any_of(std::vector<FormulaPtr> parts);
FormulaPtr no(FormulaPtr part);
FormulaPtr unsure(FormulaPtr must, FormulaPtr may);
FormulaPtr above(glob::AnchorId anchor, LeafId outside);

/// The automata of a proof, each once.
class Leaves {
 public:
  explicit Leaves(std::size_t mark_count) : mark_count_(mark_count) {}

  /// The automaton known as `key`, which `make` makes where there is none yet.
  template <typename Make>
  Result<LeafId> get(const std::string& key, Make&& make) {
    if (const auto known = by_key_.find(key); known != by_key_.end()) return known->second;
    Result<Automaton> made = make();
    if (!made) return made.error();
    const auto id = static_cast<LeafId>(automata_.size());
    automata_.push_back(std::move(*made));
    by_key_.emplace(key, id);
    return id;
  }

  /// That of the paths outside a directory known at launch.
  LeafId outside(glob::AnchorId anchor);

  const Automaton& operator[](LeafId id) const { return automata_[id]; }
  std::size_t size() const { return automata_.size(); }
  std::size_t mark_count() const { return mark_count_; }

 private:
  std::size_t mark_count_;
  std::vector<Automaton> automata_;
  std::map<std::string, LeafId> by_key_;
};

}  // namespace srt::verify::sbpl
