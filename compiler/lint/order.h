#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "compiler/glob/family.h"
#include "compiler/lint/arrangement.h"
#include "compiler/lint/lint.h"

/// What the order of the rules makes of them. Facts are exact: what is said to hold always holds
/// for all values of the parameters, and what is said to happen comes with an example and values.
namespace srt::lint {

/// Steps that the questions about one operation may take, about half a second's worth. A policy of
/// a thousand rules takes some tenths of it.
inline constexpr std::size_t kMaxSteps = 30'000'000;

/// An `allow` and a `deny` above it that both match something which no later `deny` does.
struct Reopening {
  std::size_t deny;
  std::size_t allow;
  bool whole;           ///< with these values the `deny` has no effect at all
  std::string example;  ///< a path, host, port or name
  ParameterValues values;
  std::string where;  ///< the values in words, empty for the common arrangement
};

/// A rule that decides nothing, and those below it that match all that it does, whatever the
/// values.
struct DeadRule {
  std::size_t rule;
  std::vector<std::size_t> covering;  ///< none of them can be spared
};

class Order {
 public:
  explicit Order(const Subject& subject, std::size_t max_steps = kMaxSteps);
  ~Order();
  Order(const Order&) = delete;

  /// Those that were probably not meant: by grants below, of all pairs of rules of which a person
  /// wrote one,
  /// - in the common arrangement, unless the grant is an exception: it matches less than the deny;
  /// - where a person wrote both, also where the grant's directory is that of the deny or above it,
  ///   unless the grant would be an exception for a project in the home directory.
  /// Sorted by grant, then by deny.
  std::vector<Reopening> reopened();

  /// Rules that a person wrote and that decide nothing, but for denies that `allow`s cover: of
  /// those only the ones that `reopened` does not report.
  std::vector<DeadRule> dead();

  /// The rules below that match all that the rule does, whatever the values. Nothing where some of
  /// it is left, or where that takes too long.
  std::optional<std::vector<std::size_t>> covering(std::size_t rule);

  /// Whether the policy might decide some request otherwise without `rules`, where those of `gone`
  /// are not there anyway. False only where it decides all alike, whatever the values.
  bool may_matter(const std::vector<std::size_t>& rules, const std::set<std::size_t>& gone);

  /// Whether the budget of some operation ran out, so that not everything was looked at.
  bool is_exhausted() const;

 private:
  struct Paths;

  // Rules that can be compared: of one operation, with the same sort of subject.
  using Sort = std::pair<Operation, std::size_t>;

  Sort sort_of(std::size_t rule) const;
  bool same_sort(std::size_t a, std::size_t b) const;
  bool may_matter(std::size_t rule, const std::vector<std::size_t>& others,
                  const std::vector<std::size_t>& like);
  const Arrangement* as_project(std::size_t allow);
  bool is_exception(std::size_t deny, std::size_t allow);
  bool is_strictly_inside(std::size_t allow, std::size_t deny, const Arrangement& arrangement);
  bool is_inside(std::size_t rule, std::size_t of, const Arrangement& arrangement);
  std::string beginning(std::size_t rule) const;
  std::vector<std::size_t> denies_near(std::size_t allow);
  std::vector<std::size_t> below(std::size_t deny, std::size_t allow,
                                 const std::vector<std::size_t>& denies) const;
  std::optional<Reopening> reopening(std::size_t deny, std::size_t allow,
                                     const std::vector<std::size_t>& near);
  std::optional<Reopening> path_reopening(std::size_t deny, std::size_t allow,
                                          const std::vector<std::size_t>& below,
                                          const Arrangement& arrangement);
  std::optional<Reopening> other_reopening(std::size_t deny, std::size_t allow,
                                           const std::vector<std::size_t>& below);
  bool is_whole(std::size_t deny, std::size_t allow, const std::vector<std::size_t>& below,
                const Arrangement& arrangement);
  const std::vector<Arrangement>& odd_arrangements(std::size_t deny, std::size_t allow);
  bool may_meet(std::size_t deny, std::size_t allow, const Arrangement& arrangement);
  std::vector<std::size_t> may_cover(std::size_t rule) const;
  Paths& paths(Operation operation);
  const ir::Rule& rule(std::size_t i) const { return subject_.policy.rules[i]; }

  const Subject& subject_;
  std::size_t max_steps_;
  std::size_t pairs_left_;  // of rules about hosts, ports and names
  Arrangements arrangements_;
  std::vector<bool> written_;  // by rule: what `is_written` says, which is asked of every pair
  std::map<Sort, std::vector<std::size_t>> denies_;
  std::map<std::pair<FileId, std::uint32_t>, std::vector<std::size_t>> alternatives_;  // by place
  std::map<glob::AnchorId, std::optional<Arrangement>> projects_;
  std::map<Operation, std::unique_ptr<Paths>> paths_;
  std::optional<std::vector<Reopening>> reopened_;
  // By the grant's anchor, the deny's, and the deny's directory where it has none.
  using OddKey = std::tuple<glob::AnchorId, std::optional<glob::AnchorId>, std::string>;
  std::map<OddKey, std::vector<Arrangement>> odd_;
};

/// Reports what `reopened` finds (`reopened-deny`). Settings have a precedence of their own and are
/// left out.
void check_reopened(const Subject& subject, Order& order, Diagnostics& diagnostics);

/// Reports what `dead` finds (`dead-rule`). Also not for settings.
void check_dead(const Subject& subject, Order& order, Diagnostics& diagnostics);

/// Says so where the budget ran out (`not-all-compared`).
void check_budget(const Subject& subject, const Order& order, Diagnostics& diagnostics);

}  // namespace srt::lint
