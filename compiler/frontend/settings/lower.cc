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
