#include "compiler/lint/lint.h"

#include <array>
#include <deque>
#include <vector>

#include "compiler/lint/beneath.h"
#include "compiler/lint/hosts.h"
#include "compiler/lint/modules.h"
#include "compiler/lint/order.h"
#include "compiler/lint/places.h"

namespace srt::lint {

bool is_written(const Subject& subject, const ir::Rule& rule) {
  return !rule.implied && !subject.sources.file(rule.origin.file).is_built_in();
}

namespace {

// The order of the rules on each target: what is asked twice is answered from one place.
class Orders {
 public:
  explicit Orders(std::span<const Subject> subjects) {
    for (const Subject& subject : subjects) {
      orders_.emplace_back(subject);
      all_.push_back({subject, orders_.back()});
    }
  }

  std::span<const Ordered> all() const { return all_; }

 private:
  std::deque<Order> orders_;
  std::vector<Ordered> all_;
};

}  // namespace

void check(std::span<const Subject> subjects, Diagnostics& diagnostics) {
  const Orders orders(subjects);
  for (const auto& [subject, order] : orders.all()) {
    check_reopened(subject, order, diagnostics);
    check_dead(subject, order, diagnostics);
    check_places(subject, diagnostics);
    check_single_files(subject, diagnostics);
    check_beneath(subject, diagnostics);
    check_hosts(subject, diagnostics);
  }
  check_overridden(orders.all(), diagnostics);
  check_unused(orders.all(), diagnostics);
  for (const auto& [subject, order] : orders.all()) check_budget(subject, order, diagnostics);
}

void check_safety(const ir::Policy& policy, const SourceSet& sources, Diagnostics& diagnostics) {
  const std::array<ir::Policy, 2> selected = {ir::select(policy, Target::linux),
                                              ir::select(policy, Target::macos)};
  const std::array<Subject, 2> subjects = {Subject{selected[0], Target::linux, sources, {}},
                                           Subject{selected[1], Target::macos, sources, {}}};
  const Orders orders(subjects);
  for (const auto& [subject, order] : orders.all()) check_reopened(subject, order, diagnostics);
  check_overridden(orders.all(), diagnostics);
  for (const auto& [subject, order] : orders.all()) check_budget(subject, order, diagnostics);
}

}  // namespace srt::lint
