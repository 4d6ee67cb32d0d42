#include "compiler/compare/hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "compiler/compare/host_classes.h"
#include "compiler/lint/sample.h"
#include "proxy/hosts/host_policy.h"

namespace srt::compare {
namespace {

// Values for the parameters of rules about hosts and ports that are tried together.
constexpr std::size_t kMaxCombinations = 200;

// One policy's rules of an operation with the values of its parameters filled in; a rule that they
// do not fit denies everything, as at launch.
template <typename Pattern>
struct Settled {
  struct One {
    Pattern pattern;
    const ir::Rule* rule;
    bool fits;
  };
  std::vector<One> rules;
};

template <typename Pattern, typename Parse>
Settled<Pattern> settle(const ir::Policy& policy, Operation operation,
                        const ParameterValues& values, Parse&& parse) {
  Settled<Pattern> out;
  for (const ir::Rule& rule : policy.rules) {
    if (rule.operation != operation) continue;
    if (const auto* text = std::get_if<Template>(&rule.subject)) {
      const Result<Pattern> parsed = parse(expand(*text, values));
      out.rules.push_back({parsed ? *parsed : Pattern{}, &rule, static_cast<bool>(parsed)});
    } else {
      out.rules.push_back({std::get<Pattern>(rule.subject), &rule, true});
    }
  }
  return out;
}

Result<net::HostPattern> parse_hosts(const std::string& text) {
  return net::parse_host_pattern(text);
}
Result<net::PortRange> parse_ports(const std::string& text) { return net::parse_port_range(text); }

// The values that make a difference for the parameters that rules of an operation name.
class Combinations {
 public:
  Combinations(const Frame& frame, Target target, Operation operation)
      : frame_(frame), base_(lint::sample_values(frame.before, target)) {
    for (const ir::Policy* policy : {&frame.before, &frame.after}) {
      for (const ir::Rule& rule : policy->rules) {
        const auto* text = std::get_if<Template>(&rule.subject);
        if (rule.operation != operation || text == nullptr) continue;
        for (const Template::Piece& piece : text->pieces) {
          if (piece.kind == Template::Piece::Kind::parameter) parameters_.insert(piece.parameter);
        }
      }
    }
    collect_values();
  }

  // Calls `visit` with values and what they are in words, empty for the first ones. False where
  // they are too many, so that only one parameter at a time had other values.
  bool for_each(
      const std::function<void(const ParameterValues&, const std::string&)>& visit) const {
    visit(base_, {});
    std::vector<ParameterValues> all = {base_};
    bool is_complete = true;
    for (const ParameterId id : parameters_) {
      const std::size_t count = all.size();
      for (const std::string& value : values_of(id)) {
        const std::size_t last = is_complete ? count : 1;
        for (std::size_t i = 0; i < last; ++i) {
          ParameterValues values = all[i];
          values[id] = value;
          visit(values, spell(values));
          all.push_back(std::move(values));
        }
      }
      is_complete = is_complete && all.size() <= kMaxCombinations;
    }
    return is_complete;
  }

 private:
  void collect_values() {
    hosts_.insert("srt-sample.invalid");
    ports_.insert("1");
    for (const ir::Policy* policy : {&frame_.before, &frame_.after}) {
      for (const ir::Rule& rule : policy->rules) {
        if (const auto* pattern = std::get_if<net::HostPattern>(&rule.subject)) {
          if (const auto* name = std::get_if<net::HostName>(&pattern->hosts)) {
            hosts_.insert(name->text());
          } else if (const auto* beneath = std::get_if<net::Subdomains>(&pattern->hosts)) {
            hosts_.insert(beneath->parent.text());
            hosts_.insert("srt-sample." + beneath->parent.text());
          } else if (const auto* range = std::get_if<net::AddressRange>(&pattern->hosts)) {
            hosts_.insert(net::to_string(net::HostPattern{net::single_address(range->base)}));
          }
          add_ports(pattern->ports);
        } else if (const auto* ports = std::get_if<net::PortRange>(&rule.subject)) {
          add_ports(*ports);
        }
      }
    }
  }

  void add_ports(const net::PortRange& range) {
    if (range.first > 0) ports_.insert(std::to_string(range.first));
    if (range.last < UINT16_MAX) ports_.insert(std::to_string(range.last + 1));
  }

  const std::set<std::string>& values_of(ParameterId id) const {
    static const std::set<std::string> kText = {"srt-sample"};
    switch (frame_.before.parameters[id].type) {
      case Parameter::Type::host:
        return hosts_;
      case Parameter::Type::port:
        return ports_;
      case Parameter::Type::path:
      case Parameter::Type::text:
        break;
    }
    return kText;
  }

  std::string spell(const ParameterValues& values) const {
    std::string out;
    for (const ParameterId id : parameters_) {
      if (values[id] == base_[id]) continue;
      out += fmt::format("{}`${{{}}}` is `{}`", out.empty() ? "where " : " and ",
                         frame_.before.parameters[id].name, values[id]);
    }
    return out;
  }

  const Frame& frame_;
  ParameterValues base_;
  std::set<ParameterId> parameters_;
  std::set<std::string> hosts_;
  std::set<std::string> ports_;
};

// One policy's answers about hosts.
class Side {
 public:
  Side(const ir::Policy& policy, const ParameterValues& values)
      : rules_(settle<net::HostPattern>(policy, Operation::connect, values, parse_hosts)),
        policy_(host_rules(), policy.default_of(Operation::connect)) {}

  void add_patterns(std::vector<net::HostPattern>& out) const {
    for (const auto& one : rules_.rules) {
      if (one.fits) out.push_back(one.pattern);
    }
  }

  bool allows(const net::Host& host, std::uint16_t port) const {
    return policy_.decide(host, port).effect == Effect::allow;
  }
  bool allows_any_tls_name(const net::Host& host, std::uint16_t port) const {
    const net::HostDecision decision = policy_.decide(host, port);
    return decision.effect == Effect::allow && decision.rule != nullptr &&
           rules_.rules[decision.rule->rule].rule->any_tls_name;
  }
  bool lets_names_lead_to(const net::IpAddress& address, std::uint16_t port) const {
    static const net::Host kAsked = *net::canonical_host("srt-sample.example");
    return net::check_resolved_address(policy_, kAsked, address, port, {}).allowed();
  }

 private:
  std::vector<net::HostRule> host_rules() const {
    std::vector<net::HostRule> out;
    for (std::uint32_t i = 0; i < rules_.rules.size(); ++i) {
      const auto& one = rules_.rules[i];
      const Effect effect = one.fits ? one.rule->effect : Effect::deny;
      out.push_back({effect, one.pattern, {}, i});
    }
    return out;
  }

  Settled<net::HostPattern> rules_;
  net::HostPolicy policy_;
};

void add(Comparison& out, Difference difference) {
  // Other values of parameters show mostly the same again.
  const bool is_known =
      std::any_of(out.differences.begin(), out.differences.end(), [&](const Difference& known) {
        return known.change == difference.change && known.operation == difference.operation &&
               known.pattern == difference.pattern && known.except == difference.except &&
               known.note == difference.note;
      });
  if (!is_known) out.differences.push_back(std::move(difference));
}

// Compares two policies with the same values.
class HostComparison {
 public:
  HostComparison(const Frame& frame, const ParameterValues& values, std::string where,
                 Comparison& out)
      : before_(frame.before, values),
        after_(frame.after, values),
        where_(std::move(where)),
        out_(out) {
    std::vector<net::HostPattern> patterns;
    before_.add_patterns(patterns);
    after_.add_patterns(patterns);
    std::vector<net::PortRange> ranges;
    for (const net::HostPattern& pattern : patterns) ranges.push_back(pattern.ports);
    names_ = name_classes(patterns);
    addresses_ = address_classes(patterns);
    ports_ = port_classes(ranges);
  }

  void run() {
    for (const Change change : {Change::wider, Change::narrower}) {
      const Side& more = change == Change::wider ? after_ : before_;
      const Side& less = change == Change::wider ? before_ : after_;
      compare_names(change, {}, [&](const net::Host& host, std::uint16_t port) {
        return more.allows(host, port) && !less.allows(host, port);
      });
      compare_names(change, "with any name inside TLS",
                    [&](const net::Host& host, std::uint16_t port) {
                      return more.allows_any_tls_name(host, port) && less.allows(host, port) &&
                             !less.allows_any_tls_name(host, port);
                    });
      compare_addresses(change, {}, [&](const net::IpAddress& address, std::uint16_t port) {
        return more.allows(address, port) && !less.allows(address, port);
      });
      compare_addresses(change, "where an allowed name leads there",
                        [&](const net::IpAddress& address, std::uint16_t port) {
                          return allows_names(more, port) && allows_names(less, port) &&
                                 more.lets_names_lead_to(address, port) &&
                                 !less.lets_names_lead_to(address, port);
                        });
    }
  }

 private:
  bool allows_names(const Side& side, std::uint16_t port) const {
    return std::any_of(names_.begin(), names_.end(),
                       [&](const NameClass& name) { return side.allows(name.example, port); });
  }

  template <typename Differs>
  void compare_names(Change change, const std::string& note, Differs&& differs) {
    std::vector<Ports> ports;
    for (const NameClass& name : names_) {
      ports.push_back(
          ports_where(ports_, [&](std::uint16_t port) { return differs(name.example, port); }));
    }
    report(change, note, spell_names(names_, ports));
  }

  template <typename Differs>
  void compare_addresses(Change change, const std::string& note, Differs&& differs) {
    std::vector<Ports> ports;
    for (const AddressClass& addresses : addresses_) {
      ports.push_back(ports_where(ports_, [&](std::uint16_t port) {
        return std::any_of(addresses.examples.begin(), addresses.examples.end(),
                           [&](const net::IpAddress& address) { return differs(address, port); });
      }));
    }
    report(change, note, spell_addresses(addresses_, ports));
  }

  void report(Change change, const std::string& note, std::vector<Spelled> found) {
    for (Spelled& one : found) {
      Difference difference{change, "connect", std::move(one.pattern)};
      difference.except = std::move(one.except);
      difference.note = note;
      difference.example = std::move(one.example);
      difference.where = where_;
      add(out_, std::move(difference));
    }
  }

  Side before_;
  Side after_;
  std::string where_;
  Comparison& out_;
  std::vector<NameClass> names_;
  std::vector<AddressClass> addresses_;
  std::vector<std::uint16_t> ports_;
};

// What a policy says of a port to listen on, from less to more.
enum class Listening : std::uint8_t { denied, allowed, published };

Listening listening(const Settled<net::PortRange>& rules, Effect fallback, std::uint16_t port) {
  auto last = std::find_if(rules.rules.rbegin(), rules.rules.rend(),
                           [&](const auto& one) { return one.pattern.contains(port); });
  if (last == rules.rules.rend()) {
    return fallback == Effect::allow ? Listening::allowed : Listening::denied;
  }
  if (!last->fits || last->rule->effect == Effect::deny) return Listening::denied;
  return last->rule->publish ? Listening::published : Listening::allowed;
}

void compare_ports(const Frame& frame, const ParameterValues& values, const std::string& where,
                   Comparison& out) {
  const auto before = settle<net::PortRange>(frame.before, Operation::bind, values, parse_ports);
  const auto after = settle<net::PortRange>(frame.after, Operation::bind, values, parse_ports);
  std::vector<net::PortRange> ranges;
  for (const auto* rules : {&before, &after}) {
    for (const auto& one : rules->rules) ranges.push_back(one.pattern);
  }
  const std::vector<std::uint16_t> classes = port_classes(ranges);
  const auto say = [&](Change change, Listening level) {
    const Ports ports = ports_where(classes, [&](std::uint16_t port) {
      Listening less = listening(before, frame.before.default_of(Operation::bind), port);
      Listening more = listening(after, frame.after.default_of(Operation::bind), port);
      if (change == Change::narrower) std::swap(less, more);
      return more >= level && less < level;
    });
    for (const net::PortRange& range : ports) {
      const bool is_every = range.first == 1 && range.last == UINT16_MAX;
      Difference difference{change, "bind", net::to_string(is_every ? net::PortRange{} : range)};
      if (level == Listening::published) difference.note = "published to the host";
      difference.example = std::to_string(range.first);
      difference.where = where;
      add(out, std::move(difference));
    }
  };
  for (const Change change : {Change::wider, Change::narrower}) {
    say(change, Listening::allowed);
    say(change, Listening::published);
  }
}

}  // namespace

void compare_hosts(const Frame& frame, Target target, Comparison& out) {
  const bool is_complete =
      Combinations(frame, target, Operation::connect)
          .for_each([&](const ParameterValues& values, const std::string& where) {
            HostComparison(frame, values, where, out).run();
          });
  if (!is_complete) out.unfinished.emplace_back("connect");
}

void compare_ports(const Frame& frame, Target target, Comparison& out) {
  const bool is_complete =
      Combinations(frame, target, Operation::bind)
          .for_each([&](const ParameterValues& values, const std::string& where) {
            compare_ports(frame, values, where, out);
          });
  if (!is_complete) out.unfinished.emplace_back("bind");
}

}  // namespace srt::compare
