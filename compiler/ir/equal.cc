#include "compiler/ir/equal.h"

#include <algorithm>
#include <tuple>

namespace srt::ir {
namespace {

bool same(const std::optional<Acceptance>& a, const std::optional<Acceptance>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->targets == b->targets && a->because == b->because;
}

bool same(const Rule& a, const Rule& b) {
  const auto key = [](const Rule& rule) {
    return std::tie(rule.effect, rule.operation, rule.subject, rule.existing, rule.implied,
                    rule.because, rule.text, rule.targets, rule.publish, rule.any_tls_name);
  };
  return key(a) == key(b) && same(a.accepted, b.accepted);
}

bool same(const Parameter& a, const Parameter& b) {
  return std::tie(a.name, a.source, a.type, a.fallback) ==
         std::tie(b.name, b.source, b.type, b.fallback);
}

bool same(const SetVariable& a, const SetVariable& b) {
  return std::tie(a.name, a.value, a.targets) == std::tie(b.name, b.value, b.targets);
}

bool same(const LimitSetting& a, const LimitSetting& b) {
  return std::tie(a.limit, a.value, a.targets) == std::tie(b.limit, b.value, b.targets);
}

bool same(const OptionSetting& a, const OptionSetting& b) {
  return std::tie(a.kind, a.value, a.targets) == std::tie(b.kind, b.value, b.targets);
}

bool same(const Expectation& a, const Expectation& b) {
  return std::tie(a.effect, a.operation, a.subject, a.targets) ==
         std::tie(b.effect, b.operation, b.subject, b.targets);
}

template <typename T>
bool all_same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const T& x, const T& y) { return same(x, y); });
}

}  // namespace

bool equal_but_for_places(const Policy& a, const Policy& b) {
  return a.name == b.name && all_same(a.parameters, b.parameters) && a.anchors == b.anchors &&
         a.defaults == b.defaults && all_same(a.rules, b.rules) &&
         all_same(a.variables, b.variables) && all_same(a.limits, b.limits) &&
         all_same(a.options, b.options) && a.ceilings.size() == b.ceilings.size() &&
         all_same(a.expectations, b.expectations) && a.tmp_candidates == b.tmp_candidates;
}

}  // namespace srt::ir
