#include "compiler/verify/read_back.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "compiler/compare/compare.h"

namespace srt::verify {
namespace {

// What a rule speaks of, as it is spelled; of paths nothing.
std::string spell(const ir::Subject& subject, const ir::Policy& policy) {
  return std::visit(
      [&policy](const auto& value) -> std::string {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, glob::PathSet>) {
          return "";
        } else if constexpr (std::is_same_v<Value, NamePattern>) {
          return value.text();
        } else if constexpr (std::is_same_v<Value, Template>) {
          return ir::spell(policy, value);
        } else {
          return to_string(value);
        }
      },
      subject);
}

std::optional<ir::Subject> subject_of(const Bundle::Rule& rule) {
  return std::visit(
      [](const auto& value) -> std::optional<ir::Subject> {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
          return std::nullopt;
        } else {
          return ir::Subject(value);
        }
      },
      rule.subject);
}

// A bundle as a policy, without the rules that are in its tables.
ir::Policy read_back(const Bundle& bundle) {
  ir::Policy out;
  out.name = bundle.name;
  out.parameters = bundle.parameters;
  out.anchors = bundle.anchors;
  for (std::size_t i = 0; i < out.defaults.size(); ++i) out.defaults[i] = bundle.defaults[i];
  for (const Bundle::Rule& stored : bundle.rules) {
    std::optional<ir::Subject> subject = subject_of(stored);
    if (!subject) continue;
    ir::Rule rule{.effect = stored.effect,
                  .operation = stored.operation,
                  .subject = std::move(*subject),
                  .existing = stored.existing,
                  .because = stored.because,
                  .origin = {},
                  .text = stored.text,
                  .targets = stored.targets,
                  .publish = stored.publish,
                  .any_tls_name = stored.any_tls_name};
    out.rules.push_back(std::move(rule));
  }
  for (const Bundle::Variable& variable : bundle.variables) {
    out.variables.push_back({variable.name, variable.value, variable.targets});
  }
  constexpr Targets kLinux{true, false};
  for (const LimitInfo& info : kLimits) {
    const auto& value = bundle.limits[static_cast<std::size_t>(info.limit)];
    if (value) out.limits.push_back({info.limit, *value, {}, kLinux});
  }
  const auto add_option = [&](ir::OptionKind kind, const std::string& value) {
    if (!value.empty()) out.options.push_back({kind, value, {}, kLinux});
  };
  const auto add_port = [&](ir::OptionKind kind, std::uint16_t port) {
    if (port != 0) add_option(kind, std::to_string(port));
  };
  add_option(ir::OptionKind::nested, bundle.nested_namespaces ? "weaker" : "");
  add_option(ir::OptionKind::upstream_proxy, bundle.ways_out.upstream);
  add_option(ir::OptionKind::no_proxy, bundle.ways_out.no_proxy);
  add_port(ir::OptionKind::http_proxy_port, bundle.ways_out.http_port);
  add_port(ir::OptionKind::socks_proxy_port, bundle.ways_out.socks_port);
  out.tmp_candidates = bundle.tmp_candidates;
  return out;
}

// The policy as far as a bundle holds it outside its tables.
ir::Policy without_paths(ir::Policy policy) {
  std::erase_if(policy.rules, [](const ir::Rule& rule) { return rule.has_paths(); });
  std::vector<ir::LimitSetting> limits;
  for (const LimitInfo& info : kLimits) {
    for (auto setting = policy.limits.rbegin(); setting != policy.limits.rend(); ++setting) {
      if (setting->limit != info.limit || !setting->targets.linux) continue;
      limits.push_back({info.limit, setting->value, {}, {true, false}});
      break;
    }
  }
  policy.limits = std::move(limits);
  std::vector<ir::OptionSetting> options;
  for (const ir::OptionInfo& info : ir::kOptions) {
    std::optional<std::string> value = policy.option(info.kind, Target::linux);
    if (!value || !info.targets.linux) continue;
    if (info.value == ir::OptionValue::port) {
      const Result<net::PortRange> port = net::parse_port_range(*value);
      value = std::to_string(port ? port->first : 0);
    }
    if (!value->empty()) options.push_back({info.kind, *value, {}, {true, false}});
  }
  policy.options = std::move(options);
  return policy;
}

bool is_same(const ir::Rule& a, const ir::Policy& of_a, const ir::Rule& b, const ir::Policy& of_b) {
  const auto rest = [](const ir::Rule& rule) {
    return std::tuple(rule.effect, rule.operation, rule.subject.index(), rule.existing,
                      rule.targets.linux, rule.targets.macos, rule.publish, rule.any_tls_name);
  };
  return rest(a) == rest(b) && spell(a.subject, of_a) == spell(b.subject, of_b);
}

std::map<std::string, std::string> parameters_of(const ir::Policy& policy) {
  std::map<std::string, std::string> out;
  for (const Parameter& parameter : policy.parameters) {
    out[parameter.name] =
        fmt::format("{} {}{}", static_cast<int>(parameter.source), to_string(parameter.type),
                    parameter.fallback ? " = " + ir::spell(policy, *parameter.fallback) : "");
  }
  return out;
}

template <typename Item, typename Key>
bool are_same(const std::vector<Item>& a, const std::vector<Item>& b, Key&& key) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&key](const Item& x, const Item& y) { return key(x) == key(y); });
}

// Whether both say the same in the same words, as they do where nothing is wrong.
bool say_the_same(const ir::Policy& a, const ir::Policy& b) {
  for (const OperationInfo& info : kOperations) {
    if (a.default_of(info.operation) != b.default_of(info.operation)) return false;
  }
  const bool same_rules =
      std::equal(a.rules.begin(), a.rules.end(), b.rules.begin(), b.rules.end(),
                 [&](const ir::Rule& x, const ir::Rule& y) { return is_same(x, a, y, b); });
  return same_rules && parameters_of(a) == parameters_of(b) &&
         are_same(a.variables, b.variables,
                  [](const ir::SetVariable& variable) {
                    return std::tuple(variable.name, variable.value, variable.targets.linux,
                                      variable.targets.macos);
                  }) &&
         are_same(a.limits, b.limits,
                  [](const ir::LimitSetting& setting) {
                    return std::pair(setting.limit, setting.value);
                  }) &&
         are_same(a.options, b.options, [](const ir::OptionSetting& option) {
           return std::pair(option.kind, option.value);
         });
}

// The first rule of an operation in which both lists are not alike, of each.
std::pair<const ir::Rule*, const ir::Rule*> first_unlike(const ir::Policy& a, const ir::Policy& b,
                                                         std::string_view operation) {
  const auto next = [operation](const ir::Policy& policy, std::size_t& at) {
    for (; at < policy.rules.size(); ++at) {
      if (to_string(policy.rules[at].operation) == operation) return &policy.rules[at++];
    }
    return static_cast<const ir::Rule*>(nullptr);
  };
  std::size_t in_a = 0;
  std::size_t in_b = 0;
  for (;;) {
    const ir::Rule* x = next(a, in_a);
    const ir::Rule* y = next(b, in_b);
    if (x == nullptr || y == nullptr || !is_same(*x, a, *y, b)) return {x, y};
  }
}

Kind kind_of(compare::Change change) {
  return change == compare::Change::wider      ? Kind::looser
         : change == compare::Change::narrower ? Kind::tighter
                                               : Kind::other;
}

class Comparer {
 public:
  Comparer(ir::Policy policy, ir::Policy stored, const SourceSet& sources,
           std::vector<Difference>& out)
      : policy_(std::move(policy)), stored_(std::move(stored)), sources_(sources), out_(out) {}

  void run() {
    for (const Target target : kTargets) {
      const compare::Comparison found = compare::compare(policy_, stored_, Targets::only(target));
      for (const compare::Difference& difference : found.differences) add(difference);
      for (const std::string& operation : found.unfinished) {
        out_.push_back({Kind::unfinished, operation, "beyond the budget of the comparison"});
      }
    }
    add_parameters();
  }

 private:
  void add(const compare::Difference& found) {
    std::string subject = compare::spell(found);
    if (subject.starts_with(found.operation + ' ')) subject.erase(0, found.operation.size() + 1);
    if (!found.example.empty())
      subject +=
          fmt::format(", as `{}`{}{}", found.example, found.where.empty() ? "" : " ", found.where);
    const auto& [rule, stored] = first_unlike(policy_, stored_, found.operation);
    Difference difference{kind_of(found.change), found.operation, std::move(subject)};
    if (rule != nullptr) {
      difference.policy = fmt::format("`{}` ({})", rule->text, sources_.location(rule->origin));
    }
    if (stored != nullptr) {
      difference.artifact =
          fmt::format("{} {} {}", to_string(stored->effect), to_string(stored->operation),
                      spell(stored->subject, stored_));
    }
    if (std::find(out_.begin(), out_.end(), difference) == out_.end()) {
      out_.push_back(std::move(difference));
    }
  }

  void add_parameters() {
    const auto wanted = parameters_of(policy_);
    const auto found = parameters_of(stored_);
    for (const auto& [name, what] : wanted) {
      const auto same = found.find(name);
      if (same == found.end() || same->second != what) {
        out_.push_back({Kind::other, "parameter", name, "it is the policy's",
                        same == found.end() ? "there is none" : "it is another"});
      }
    }
    for (const auto& [name, what] : found) {
      if (!wanted.contains(name)) {
        out_.push_back({Kind::other, "parameter", name, "there is none", "it asks for one"});
      }
    }
  }

  ir::Policy policy_;
  ir::Policy stored_;
  const SourceSet& sources_;
  std::vector<Difference>& out_;
};

}  // namespace

void check_rules(const ir::Policy& policy, const SourceSet& sources, const Bundle& bundle,
                 const ir::Policy* optimized, std::vector<Difference>& out) {
  ir::Policy wanted = without_paths(policy);
  ir::Policy stored = read_back(bundle);
  if (wanted.tmp_candidates != stored.tmp_candidates) {
    out.push_back({Kind::other, "places for temporary files", "others than the policy's"});
  }
  if (say_the_same(wanted, stored)) return;
  if (optimized != nullptr && say_the_same(without_paths(*optimized), stored)) return;
  // What is said of an operation by default is more than nothing said where that is the same.
  for (const OperationInfo& info : kOperations) {
    const auto i = static_cast<std::size_t>(info.operation);
    if (wanted.default_of(info.operation) == stored.default_of(info.operation)) {
      stored.defaults[i] = wanted.defaults[i];
    }
  }
  Comparer(std::move(wanted), std::move(stored), sources, out).run();
}

}  // namespace srt::verify
