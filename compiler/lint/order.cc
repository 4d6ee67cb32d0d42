#include "compiler/lint/order.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "compiler/frontend/front_end.h"
#include "compiler/glob/algebra.h"
#include "compiler/lint/sample.h"

namespace srt::lint {
namespace {

// How the subjects of two rules lie to each other, as far as it is known.
enum class Relation { apart, inside, overlap };

std::string_view first_literal(const glob::PathPattern& pattern) {
  const bool is_literal =
      !pattern.atoms.empty() && pattern.atoms[0].kind == glob::Atom::Kind::literal;
  return is_literal ? std::string_view(pattern.atoms[0].bytes) : std::string_view();
}

bool share_prefix(const glob::PathPattern& a, const glob::PathPattern& b) {
  const std::string_view x = first_literal(a);
  const std::string_view y = first_literal(b);
  return x.starts_with(y.substr(0, x.size()));
}

// The pattern with its anchor's directory in the sample spelled out.
glob::PathSet in_sample(const ir::Policy& policy, const ParameterValues& values,
                        const glob::PathSet& set) {
  glob::PathSet out = set;
  glob::PathPattern& pattern = out.pattern;
  if (!pattern.anchor) return out;
  std::string directory = sample_anchor(policy, values, *pattern.anchor);
  pattern.anchor.reset();
  if (directory.empty() || directory == "/") return out;
  if (!first_literal(pattern).empty()) {
    pattern.atoms[0].bytes.insert(0, directory);
  } else {
    pattern.atoms.insert(pattern.atoms.begin(),
                         {glob::Atom::Kind::literal, std::move(directory), {}});
  }
  return out;
}

bool covers(const net::PortRange& outer, const net::PortRange& inner) {
  return outer.first <= inner.first && inner.last <= outer.last;
}

// Whether what an effect's pattern `outer` matches holds all that one of `inner` does.
bool covers(const net::HostPattern& outer, Effect outer_effect, const net::HostPattern& inner,
            Effect inner_effect) {
  if (!covers(outer.ports, inner.ports)) return false;
  if (outer.hosts == inner.hosts) {
    return outer_effect == Effect::deny || inner_effect == Effect::allow ||
           !std::holds_alternative<net::AnyHost>(outer.hosts);
  }
  if (std::holds_alternative<net::AnyHost>(outer.hosts)) {
    if (outer_effect == Effect::deny) return true;
    const auto* name = std::get_if<net::HostName>(&inner.hosts);
    const auto* names = std::get_if<net::Subdomains>(&inner.hosts);
    return (name != nullptr && !name->is_localhost()) ||
           (names != nullptr && !names->parent.is_localhost());
  }
  if (const auto* beneath = std::get_if<net::Subdomains>(&outer.hosts)) {
    const auto* name = std::get_if<net::HostName>(&inner.hosts);
    const auto* names = std::get_if<net::Subdomains>(&inner.hosts);
    return (name != nullptr && name->is_subdomain_of(beneath->parent)) ||
           (names != nullptr && names->parent.is_subdomain_of(beneath->parent));
  }
  const auto* range = std::get_if<net::AddressRange>(&outer.hosts);
  const auto* part = std::get_if<net::AddressRange>(&inner.hosts);
  return range != nullptr && part != nullptr && range->prefix <= part->prefix &&
         range->contains(part->base);
}

// Hosts lie inside each other or apart; ports can overlap.
Relation relation(const net::HostPattern& a, Effect a_effect, const net::HostPattern& b,
                  Effect b_effect) {
  if (a.ports.last < b.ports.first || b.ports.last < a.ports.first) return Relation::apart;
  if (covers(b, b_effect, a, a_effect)) return Relation::inside;
  const auto with_all_ports = [](net::HostPattern pattern) {
    pattern.ports = {};
    return pattern;
  };
  const bool meet = covers(with_all_ports(a), a_effect, with_all_ports(b), b_effect) ||
                    covers(with_all_ports(b), b_effect, with_all_ports(a), a_effect);
  return meet ? Relation::overlap : Relation::apart;
}

Relation relation(const NamePattern& a, const NamePattern& b) {
  if (a == b || b.text() == "*") return Relation::inside;
  if (a.is_literal()) return b.matches(a.literal()) ? Relation::inside : Relation::apart;
  if (a.text() == "*" || (b.is_literal() && a.matches(b.literal()))) return Relation::overlap;
  return Relation::apart;  // of two patterns with wildcards nothing is claimed
}

class Order {
 public:
  Order(const Subject& subject, Diagnostics& diagnostics)
      : subject_(subject),
        policy_(subject.policy),
        diagnostics_(diagnostics),
        values_(sample_values(subject.policy, subject.target)) {}

  void reopened() {
    const auto& rules = policy_.rules;
    std::map<FileId, Reopened> modules;
    for (std::size_t later = 0; later < rules.size(); ++later) {
      if (rules[later].effect != Effect::allow || rules[later].implied) continue;
      Reopened found{later, {}};
      const std::vector<Span> excepted = excepted_from(later);
      for (std::size_t i = 0; i < later; ++i) {
        const bool is_excepted =
            std::find(excepted.begin(), excepted.end(), rules[i].origin) != excepted.end();
        if (is_excepted || !is_reopened(i, later)) continue;
        if (is_written(subject_, rules[i])) {
          found.denies.push_back(i);
          continue;
        }
        // Below the last grant the module would hold against all of them.
        Reopened& module = modules[rules[i].origin.file];
        if (module.allow != later) module = {later, {}};
        module.denies.push_back(i);
      }
      if (!found.denies.empty()) report_reopened(found);
    }
    for (const auto& [file, found] : modules) report_reopened(found);
  }

  void dead() {
    const auto& rules = policy_.rules;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (!is_written(subject_, rules[i])) continue;
      for (std::size_t later = i + 1; later < rules.size(); ++later) {
        if (!is_dead(rules[i], rules[later])) continue;
        Diagnostic& diagnostic =
            diagnostics_.report(Diag::dead_rule, rules[i].origin, rules[i].text, rules[later].text);
        diagnostic.help = "remove it";
        if (rules[later].effect != rules[i].effect) {
          diagnostic.help += ", or move it below " + place(rules[later]);
        }
        break;
      }
    }
  }

 private:
  // A grant, and the denies above it that it re-opens.
  struct Reopened {
    std::size_t allow = 0;
    std::vector<std::size_t> denies;
  };

  std::string place(const ir::Rule& rule) const { return subject_.sources.location(rule.origin); }

  bool same_kind(const ir::Rule& a, const ir::Rule& b) const {
    // Of hosts that are known at launch only nothing is claimed.
    return a.operation == b.operation && a.subject.index() == b.subject.index() &&
           !a.has_parameters();
  }

  // Where the patterns stand of which the grant is an exception. Where one is written with braces,
  // as in `{.env,.env.*}`, the exception is one from all of it.
  std::vector<Span> excepted_from(std::size_t allow) {
    std::vector<Span> out;
    const ir::Rule& open = policy_.rules[allow];
    for (std::size_t i = 0; i < allow; ++i) {
      const ir::Rule& closed = policy_.rules[i];
      if (closed.effect != Effect::deny || !same_kind(closed, open)) continue;
      if (sample_relation(open, closed) == Relation::inside &&
          sample_relation(closed, open) != Relation::inside) {
        out.push_back(closed.origin);
      }
    }
    return out;
  }

  // A deny that stands once more below the allow is not re-opened.
  bool is_reopened(std::size_t deny, std::size_t allow) {
    const auto& rules = policy_.rules;
    const ir::Rule& closed = rules[deny];
    const ir::Rule& open = rules[allow];
    if (closed.effect != Effect::deny || !same_kind(closed, open)) return false;
    if (!is_written(subject_, closed) && !is_written(subject_, open)) return false;
    const Relation found = sample_relation(open, closed);
    if (found == Relation::apart) return false;
    // Taking back just what a module denies is an exception from the module.
    const bool is_exception =
        sample_relation(closed, open) != Relation::inside || !is_written(subject_, closed);
    if (found == Relation::inside && is_exception) return false;
    return std::none_of(rules.begin() + static_cast<std::ptrdiff_t>(allow) + 1, rules.end(),
                        [&](const ir::Rule& later) {
                          return later.effect == Effect::deny &&
                                 !(later.existing && !closed.existing) &&
                                 same_kind(closed, later) &&
                                 sample_relation(closed, later) == Relation::inside;
                        });
  }

  void report_reopened(const Reopened& found) {
    const ir::Rule& allow = policy_.rules[found.allow];
    const std::vector<std::size_t>& denies = found.denies;
    const ir::Rule& first = policy_.rules[denies[0]];
    const bool whole = sample_relation(first, allow) == Relation::inside;
    const std::string more = denies.size() == 1
                                 ? ""
                                 : fmt::format(" and of {} more rule{}", denies.size() - 1,
                                               denies.size() == 2 ? "" : "s");
    // Whichever of the two a person wrote can be moved.
    const bool at_allow = is_written(subject_, allow);
    Diagnostic& diagnostic =
        diagnostics_.report(Diag::reopened_deny, at_allow ? allow.origin : first.origin, allow.text,
                            whole ? "all" : "part", first.text, more);
    const std::string_view module = subject_.sources.file(first.origin.file).name();
    if (!at_allow) {
      diagnostic.help =
          fmt::format("move it below `use {}`", subject_.sources.file(allow.origin.file).name());
    } else if (is_written(subject_, first)) {
      diagnostic.help = fmt::format("the last match decides: move {} below this", place(first));
    } else if (module == "std.world") {
      diagnostic.help = fmt::format("write `{}` below it", first.text);
    } else {
      diagnostic.help = fmt::format("move `use {}` below this line", module);
    }
  }

  bool is_dead(const ir::Rule& rule, const ir::Rule& later) {
    if (!same_kind(rule, later) || later.implied) return false;
    const bool is_reopened = rule.effect == Effect::deny && later.effect == Effect::allow;
    if (is_reopened) return false;  // reported as such
    if (later.existing || rule.accepted || rule.publish != later.publish ||
        rule.any_tls_name != later.any_tls_name) {
      return false;
    }
    // The reads that a write grant brings last longer than the grant.
    const bool brings_reads = rule.operation == Operation::write && rule.effect == Effect::allow &&
                              policy_.default_of(Operation::read) == Effect::deny;
    if (brings_reads && later.effect == Effect::deny) return false;
    if (!rule.has_paths()) return sample_relation(rule, later) == Relation::inside;
    const glob::PathPattern& inner = rule.paths().pattern;
    const glob::PathPattern& outer = later.paths().pattern;
    if (outer.anchor && outer.anchor != inner.anchor) return false;
    if (!outer.anchor && inner.anchor && !first_literal(outer).empty()) return false;
    if (outer.anchor == inner.anchor && !share_prefix(outer, inner)) return false;
    return may_compare() && glob::is_subset(rule.paths(), later.paths());
  }

  // How `a` lies to `b`. Paths are compared in the sample.
  Relation sample_relation(const ir::Rule& a, const ir::Rule& b) {
    if (a.has_paths()) {
      const auto [known, is_new] = compared_.try_emplace({&a, &b}, Relation::apart);
      if (is_new) known->second = path_relation(a, b);
      return known->second;
    }
    if (a.has_names()) return relation(a.names(), b.names());
    if (a.operation == Operation::connect) {
      return relation(a.hosts(), a.effect, b.hosts(), b.effect);
    }
    if (covers(b.ports(), a.ports())) return Relation::inside;
    const bool apart = a.ports().last < b.ports().first || b.ports().last < a.ports().first;
    return apart ? Relation::apart : Relation::overlap;
  }

  Relation path_relation(const ir::Rule& a, const ir::Rule& b) {
    const glob::PathSet x = in_sample(policy_, values_, a.paths());
    const glob::PathSet y = in_sample(policy_, values_, b.paths());
    if (!share_prefix(x.pattern, y.pattern) || !may_compare()) return Relation::apart;
    if (glob::is_subset(x, y)) return Relation::inside;
    return glob::intersects(x, y) ? Relation::overlap : Relation::apart;
  }

  bool may_compare() { return comparisons_++ < kMaxComparisons; }

  const Subject& subject_;
  const ir::Policy& policy_;
  Diagnostics& diagnostics_;
  ParameterValues values_;
  std::map<std::pair<const ir::Rule*, const ir::Rule*>, Relation> compared_;
  std::size_t comparisons_ = 0;
};

bool has_order(const Subject& subject) {
  constexpr FileId kPolicyFile = 0;
  return subject.policy.rules.size() <= kMaxOrderedRules &&
         !is_settings(subject.sources.file(kPolicyFile).text());
}

}  // namespace

void check_reopened(const Subject& subject, Diagnostics& diagnostics) {
  if (has_order(subject)) Order(subject, diagnostics).reopened();
}

void check_dead(const Subject& subject, Diagnostics& diagnostics) {
  if (has_order(subject)) Order(subject, diagnostics).dead();
}

}  // namespace srt::lint
