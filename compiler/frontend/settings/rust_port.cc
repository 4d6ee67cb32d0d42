#include "compiler/frontend/settings/lower.h"
#include "compiler/frontend/settings/path_pattern.h"

namespace srt::settings {

using ir::Operation;

void lower_rust_port(const Settings& settings, RuleWriter& out) {
  const auto read = [&](const PathEntry& entry, Effect effect) {
    return read_pattern({entry.text->string, entry.text->span}, Format::rust_port, effect,
                        out.policy(), out.diagnostics());
  };
  for (const PathEntry& entry : settings.paths("filesystem.allowed_paths")) {
    for (glob::PathPattern& pattern : read(entry, Effect::allow)) {
      out.add(Effect::allow, Operation::write, {std::move(pattern), {}, {}}, entry.text->span);
    }
  }
  // Last, so that no grant opens what is blocked.
  for (const PathEntry& entry : settings.paths("filesystem.blocked_paths")) {
    for (const glob::PathPattern& pattern : read(entry, Effect::deny)) {
      out.add(Effect::deny, Operation::read, {pattern, {}, {}}, entry.text->span);
      out.add(Effect::deny, Operation::write, {pattern, {}, {}}, entry.text->span);
    }
  }
  const bool has_network = settings.flag("network.enabled", true);
  for (const JsonValue* entry : settings.texts("network.allowed_domains")) {
    if (has_network) out.add_domain(Effect::allow, *entry);
  }
}

}  // namespace srt::settings
