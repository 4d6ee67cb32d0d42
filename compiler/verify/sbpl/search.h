#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "compiler/verify/sbpl/bag.h"
#include "compiler/verify/sbpl/formula.h"
#include "compiler/verify/sbpl/letters.h"

namespace srt::verify::sbpl {

/// Looks for paths in some sets and outside others. Automata are put together only as far as a
/// question names them.
class Search {
 public:
  using Node = std::uint32_t;
  /// Whether a path is in a set: some word may leave it open.
  struct Answer {
    bool must;
    bool may;
  };
  /// Wants paths that may be in a set, are in it for certain, may not be, or are not for certain.
  enum class Want : std::uint8_t { may, must, may_not, must_not };
  struct Wanted {
    Node node;
    Want want;

    friend auto operator<=>(const Wanted&, const Wanted&) = default;
  };
  enum class Outcome : std::uint8_t { none, found, unknown };
  using Path = std::vector<std::uint32_t>;  ///< letters, by their numbers
  struct Found {
    Outcome outcome;
    Path path = {};
  };

  /// `steps`: what all questions together may take.
  Search(const Leaves& leaves, std::size_t steps)
      : leaves_(leaves), letters_(leaves), steps_left_(steps) {}

  Node add(const FormulaPtr& formula);

  /// What a question is about beside sets.
  struct Scope {
    /// A directory that paths are taken to lie above.
    std::optional<glob::AnchorId> above = std::nullopt;
    bool has_root = true;  ///< whether the root directory counts

    friend auto operator<=>(const Scope&, const Scope&) = default;
  };

  /// A shortest path that is as wanted.
  Found find(std::vector<Wanted> wanted, const Scope& scope);

  Answer ask(Node node, const Path& path, std::optional<glob::AnchorId> above);
  Word spell(const Path& path) const;

 private:
  using Fixed = Bag::Fixed;
  struct Compiled {
    Formula::Kind kind;
    std::size_t bag = 0;
    glob::AnchorId anchor = 0;
    std::vector<Node> parts = {};
  };
  class States;
  class Walk;

  std::size_t bag_of(Bag::Item item);
  void collect(Node node, std::vector<std::size_t>& bags) const;
  Answer answer(Node node, const States& states, bool is_root,
                std::optional<glob::AnchorId> above) const;
  Fixed fixed(Node node, const States& states) const;

  const Leaves& leaves_;
  Letters letters_;
  std::size_t steps_left_;
  std::deque<Bag> bags_;
  std::map<Bag::Item, std::size_t> bag_ids_;
  std::vector<Compiled> nodes_;
  std::map<const Formula*, Node> node_ids_;
  std::vector<FormulaPtr> kept_;  // whose addresses are the keys
  std::map<std::pair<std::vector<Wanted>, Scope>, Found> known_;
};

}  // namespace srt::verify::sbpl
