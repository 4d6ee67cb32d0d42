#include "compiler/frontend/settings/lower.h"

#include <utility>

#include "proxy/hosts/host_pattern.h"

namespace srt::settings {

void RuleWriter::add(Effect effect, ir::Operation operation, glob::PathSet paths, Span origin) {
  append({.effect = effect,
          .operation = operation,
          .subject = std::move(paths),
          .because = {},
          .origin = origin,
          .text = {}});
}

void RuleWriter::add(Effect effect, ir::Operation operation, ir::Subject subject, Span origin,
                     Targets targets) {
  append({.effect = effect,
          .operation = operation,
          .subject = std::move(subject),
          .because = {},
          .origin = origin,
          .text = {},
          .targets = targets});
}

void RuleWriter::add_option(ir::OptionKind kind, std::string value, Span origin) {
  policy_.options.push_back({kind, std::move(value), origin, Targets::all()});
}

void RuleWriter::add_address(const JsonValue& entry) {
  const bool is_v6 = entry.string.find(':') != std::string::npos;
  Result<net::HostPattern> range =
      net::parse_host_pattern(is_v6 ? '[' + entry.string + ']' : entry.string);
  if (!range || !std::holds_alternative<net::AddressRange>(range->hosts)) {
    diagnostics_.report(Diag::bad_address, entry.span, spelled(sources_, entry.span)).help =
        "write an address or a range, as in `10.0.0.0/8` or `fc00::/7`";
    return;
  }
  append({.effect = Effect::deny,
          .operation = ir::Operation::connect,
          .subject = *std::move(range),
          .because = {},
          .origin = entry.span,
          .text = {}});
}

void RuleWriter::add_domain(Effect effect, const JsonValue& entry, std::string because) {
  size_t offset = 0;
  Result<net::HostPattern> hosts = net::parse_host_pattern(entry.string, &offset);
  if (!hosts) {
    Span at = entry.span;
    // Without escapes the bytes of the value are those between the quotes.
    if (at.end - at.begin == entry.string.size() + 2 && offset < entry.string.size()) {
      at = {at.file, at.begin + 1 + static_cast<std::uint32_t>(offset), at.end - 1};
    }
    diagnostics_.report(Diag::bad_host, at, hosts.error().message).help = hosts.error().help;
    return;
  }
  append({.effect = effect,
          .operation = ir::Operation::connect,
          .subject = *std::move(hosts),
          .because = std::move(because),
          .origin = entry.span,
          .text = {}});
}

void RuleWriter::append(ir::Rule rule) {
  rule.text = ir::spell(policy_, rule);
  policy_.rules.push_back(std::move(rule));
}

}  // namespace srt::settings
