#include "proxy/dns/answer.h"

#include <variant>

namespace srt::net {

namespace {

bool is_about_addresses(DnsType type) {
  return type == DnsType::a || type == DnsType::aaaa || type == DnsType::https ||
         type == DnsType::svcb;
}

// The address of a permitted name, if it has one of the type that is asked for.
std::optional<IpAddress> address_for(const HostName& name, DnsType type, NameMap& names) {
  if (type == DnsType::a) {
    return name.is_localhost() ? kLoopback4 : names.address_of(name);
  }
  if (type == DnsType::aaaa && name.is_localhost()) {
    return kLoopback6;
  }
  return std::nullopt;
}

}  // namespace

DnsOutcome answer_dns(std::span<const uint8_t> bytes, const HostPolicy& policy, NameMap& names) {
  const auto parsed = parse_dns_query(bytes);
  if (!parsed) return {};
  if (const auto* fault = std::get_if<DnsFault>(&*parsed)) return {dns_response(*fault)};
  const auto& query = std::get<DnsQuery>(*parsed);
  if (!is_about_addresses(query.type) || !query.is_internet) {
    return {dns_response(query, {DnsCode::refused})};
  }
  // What is no name that a rule could allow does not exist; nor does an address as a name.
  Result<Host> host =
      query.name.is_faithful ? canonical_host(query.name.text) : Result<Host>(Error{"not a name"});
  const HostName* name = host ? std::get_if<HostName>(&*host) : nullptr;
  if (name == nullptr) return {dns_response(query, {DnsCode::name_error})};

  const HostDecision decision = policy.decide_on_some_port(*name);
  if (decision.effect == Effect::allow) {
    DnsOutcome outcome = {
        dns_response(query, {DnsCode::no_error, address_for(*name, query.type, names)})};
    if (name->is_localhost()) return outcome;
    outcome.permitted = *name;
    outcome.absent = dns_response(query, {DnsCode::name_error});
    return outcome;
  }
  const std::string_view reason = decision.rule != nullptr && !decision.rule->reason.empty()
                                      ? std::string_view(decision.rule->reason)
                                      : "blocked by srt: the policy does not allow this name";
  return {.response = dns_response(query, {DnsCode::name_error, {}, reason}),
          .denied = *host,
          .rule = decision.rule};
}

}  // namespace srt::net
