#include "compiler/lint/hosts.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/lint/script.h"

namespace srt::lint {
namespace {

struct PublicHost {
  std::string_view host;
  std::string_view why;
};

constexpr PublicHost kPublicHosts[] = {
#define SRT_PUBLIC_HOST(host, why) {host, why},
#include "compiler/lint/public_hosts.def"
#undef SRT_PUBLIC_HOST
};

void check_public(const Subject& subject, Diagnostics& diagnostics) {
  const Arrangement common = Arrangements(subject.policy, subject.target).common();
  std::map<std::uint32_t, std::vector<const PublicHost*>> found;
  for (const PublicHost& known : kPublicHosts) {
    std::string host(known.host);
    if (host.starts_with('*')) host.replace(0, 1, "srt-sample-stranger");
    for (const char* port : {":443", ":80"}) {
      const Answer answer = subject.ask(common, Operation::connect, host + port);
      if (answer.effect != Effect::allow || !answer.rule) continue;
      if (is_written(subject, subject.policy.rules[*answer.rule])) {
        found[*answer.rule].push_back(&known);
      }
      break;
    }
  }
  for (const auto& [number, hosts] : found) {
    const ir::Rule& rule = subject.policy.rules[number];
    const std::string more = hosts.size() == 1 ? "" : fmt::format(" and {} more", hosts.size() - 1);
    diagnostics
        .report(Diag::anyone_publishes, rule.origin, rule.text, hosts[0]->host, more, hosts[0]->why)
        .help = "allow the names that the command needs";
  }
}

// The pattern as written has no port, where a range of all of them would be meant.
bool names_no_port(std::string_view text) {
  if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
  const std::size_t bracket = text.rfind(']');
  return text.find(':', bracket == std::string_view::npos ? 0 : bracket) == std::string_view::npos;
}

void check_port(const Subject& subject, const ir::Rule& rule, Diagnostics& diagnostics) {
  const net::PortRange every;
  const std::string_view written = subject.sources.text(rule.origin);
  const bool is_language = !subject.policy.is_settings;
  if (!is_language || rule.hosts().ports != every || !names_no_port(written)) return;
  net::HostPattern suggested = rule.hosts();
  constexpr std::uint16_t kHttps = 443;
  suggested.ports = {kHttps, kHttps};
  diagnostics.report(Diag::missing_port, rule.origin, rule.text).help =
      fmt::format("write `{}`, or `:1-65535` for every port", net::to_string(suggested));
}

void check_scripts(const ir::Rule& rule, Diagnostics& diagnostics) {
  const auto& hosts = rule.hosts().hosts;
  const auto* name = std::get_if<net::HostName>(&hosts);
  const auto* names = std::get_if<net::Subdomains>(&hosts);
  if (name == nullptr && names == nullptr) return;
  const std::string_view text = name != nullptr ? name->text() : names->parent.text();
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('.', at), text.size());
    const std::string_view label = text.substr(at, end - at);
    at = end + 1;
    if (const auto problem = problem_of_label(label)) {
      diagnostics.report(Diag::mixed_scripts, rule.origin, label, problem->reading, problem->what)
          .help = "make sure that it is the name you mean, then silence this";
    }
  }
}

}  // namespace

void check_hosts(const Subject& subject, Diagnostics& diagnostics) {
  check_public(subject, diagnostics);
  bool allows_names = false;
  std::vector<const ir::Rule*> addresses;
  for (const ir::Rule& rule : subject.policy.rules) {
    if (rule.operation != Operation::connect || rule.effect != Effect::allow) continue;
    if (rule.has_parameters()) {
      allows_names = true;  // as it may
      continue;
    }
    const bool is_address = std::holds_alternative<net::AddressRange>(rule.hosts().hosts);
    allows_names = allows_names || !is_address;
    if (!is_written(subject, rule)) continue;
    if (is_address) addresses.push_back(&rule);
    check_port(subject, rule, diagnostics);
    check_scripts(rule, diagnostics);
  }
  if (!allows_names) return;
  for (const ir::Rule* rule : addresses) {
    diagnostics.report(Diag::address_beside_name, rule->origin, rule->text).help =
        "allow the host by its name; an address of this machine or its network is reached by "
        "whoever controls an allowed name";
  }
}

}  // namespace srt::lint
