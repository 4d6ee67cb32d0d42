#include "compiler/compare/frame.h"

#include <map>
#include <optional>

namespace srt::compare {
namespace {

// Takes what one policy names by number to the numbers of another.
class Move {
 public:
  Move(const ir::Policy& from, ir::Policy& to) : from_(from), to_(to) {}

  Template operator()(Template text) {
    for (Template::Piece& piece : text.pieces) {
      if (piece.kind == Template::Piece::Kind::parameter)
        piece.parameter = (*this)(piece.parameter);
    }
    return text;
  }

  glob::PathPattern operator()(glob::PathPattern pattern) {
    if (pattern.anchor) pattern.anchor = to_.intern((*this)(from_.anchors[*pattern.anchor]));
    return pattern;
  }

  glob::PathSet operator()(glob::PathSet set) {
    set.pattern = (*this)(std::move(set.pattern));
    for (glob::PathPattern& except : set.except) except = (*this)(std::move(except));
    if (set.within) set.within = (*this)(*std::move(set.within));
    return set;
  }

 private:
  ParameterId operator()(ParameterId id) {
    if (const auto known = parameters_.find(id); known != parameters_.end()) return known->second;
    Parameter parameter = from_.parameters[id];
    if (parameter.fallback) parameter.fallback = (*this)(*parameter.fallback);
    for (const Parameter& other : to_.parameters) {
      const bool is_another =
          other.name == parameter.name &&
          (other.type != parameter.type || other.fallback != parameter.fallback);
      if (is_another) parameter.name += " (new)";
    }
    return parameters_[id] = to_.intern(parameter);
  }

  const ir::Policy& from_;
  ir::Policy& to_;
  std::map<ParameterId, ParameterId> parameters_;
};

}  // namespace

Frame frame(ir::Policy before, ir::Policy after) {
  Move move(after, before);
  for (ir::Rule& rule : after.rules) {
    if (auto* paths = std::get_if<glob::PathSet>(&rule.subject)) *paths = move(std::move(*paths));
    if (auto* text = std::get_if<Template>(&rule.subject)) *text = move(std::move(*text));
  }
  after.parameters = before.parameters;
  after.anchors = before.anchors;
  return {std::move(before), std::move(after)};
}

}  // namespace srt::compare
