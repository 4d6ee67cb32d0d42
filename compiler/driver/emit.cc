#include "compiler/driver/emit.h"

#include <algorithm>
#include <array>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/backend/seccomp/arch.h"
#include "compiler/driver/stats.h"
#include "compiler/source/edit_distance.h"
#include "runtime/base/printable.h"
#include "runtime/bundle/guarded_filter.h"
#include "runtime/caller/places.h"
#include "runtime/launch/bwrap_args.h"
#include "runtime/plan/plan.h"

namespace srt::driver {
namespace {

Result<const Bundle::Filter*> filter_for(const Bundle& bundle, std::string arch) {
  if (arch.empty()) {
    const Result<seccomp::Arch> here = seccomp::build_arch();
    if (!here) return here.error();
    arch = seccomp::arch_name(*here);
  }
  std::string known;
  for (const Bundle::Filter& filter : bundle.filters) {
    if (filter.arch == arch) return &filter;
    known += (known.empty() ? "`" : ", `") + filter.arch + "`";
  }
  return Error{"there is no seccomp program for `" + arch + "`", "it is one of " + known};
}

Result<std::string> emit_sb(const Bundle& bundle, const EmitContext&) { return *bundle.seatbelt; }

Result<std::string> emit_bundle_text(const Bundle& bundle, const EmitContext&) {
  return bundle::to_text(bundle);
}

Result<std::string> emit_ir(const Bundle& bundle, const EmitContext&) {
  return *bundle::section_text(bundle, "rules");
}

Result<std::string> emit_seccomp(const Bundle& bundle, const EmitContext& context) {
  const Result<const Bundle::Filter*> filter = filter_for(bundle, context.arch);
  if (!filter) return filter.error();
  return bundle::to_text(**filter);
}

Result<std::string> emit_bwrap(const Bundle& bundle, const EmitContext& context) {
  const Result<Caller> caller = this_caller();
  if (!caller) return caller.error();
  const Result<Places> places = find_places(bundle, *caller, "", context.parameters);
  if (!places) return places.error();
  const Result<MountPlan> plan =
      make_mount_plan(bundle, places->anchors, caller->working_directory);
  if (!plan) return plan.error();
  // Three descriptors are the command's own; the stand-ins' come after them.
  const Result<HostView> host = look_at_host();
  if (!host) return host.error();
  const Result<BwrapArgs> arguments =
      bwrap_args(*plan, *host, caller->working_directory, 3, bundle.nested_namespaces);
  if (!arguments) return arguments.error();
  std::string out;
  for (const std::string& word : arguments->words) out += printable(word) + '\n';
  return out;
}

Result<std::string> emit_stats(const Bundle&, const EmitContext& context) {
  return stats(context.policy, context.passes);
}

struct Kind {
  std::string_view name;
  Result<std::string> (*emit)(const Bundle&, const EmitContext&);
};

constexpr std::array<Kind, 6> kKinds = {{
    {"sb", emit_sb},
    {"bundle-text", emit_bundle_text},
    {"bwrap", emit_bwrap},
    {"seccomp", emit_seccomp},
    {"ir", emit_ir},
    {"stats", emit_stats},
}};

constexpr auto kKindNames = [] {
  std::array<std::string_view, kKinds.size()> names;
  std::transform(kKinds.begin(), kKinds.end(), names.begin(),
                 [](const Kind& kind) { return kind.name; });
  return names;
}();

}  // namespace

std::span<const std::string_view> emit_kinds() { return kKindNames; }

Result<std::string> emit(const Bundle& bundle, std::string_view kind, const EmitContext& context) {
  for (const Kind& known : kKinds) {
    if (known.name == kind) return known.emit(bundle, context);
  }
  const auto meant = closest(kind, kKindNames);
  return Error{"`--emit` does not know `" + std::string(kind) + "`",
               meant ? "did you mean `" + std::string(*meant) + "`?"
                     : "`srtc compile --help` lists the kinds"};
}

Result<std::string> raw_filter(const Bundle& bundle, const std::string& arch) {
  const Result<const Bundle::Filter*> filter = filter_for(bundle, arch);
  if (!filter) return filter.error();
  std::string out;
  // Whoever installs it has no guard to hand calls over to.
  for (const std::uint64_t instruction : guarded_filter::without_guard((*filter)->instructions)) {
    for (int byte = 0; byte < 8; ++byte) out += static_cast<char>(instruction >> (8 * byte) & 0xFF);
  }
  return out;
}

}  // namespace srt::driver
