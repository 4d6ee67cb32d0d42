#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <set>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/backend/seccomp/filter.h"
#include "proxy/upstream/upstream.h"
#include "runtime/base/printable.h"

namespace srt::bundle {
namespace {

std::string spell(const Bundle& bundle, const Template& text) {
  std::string out;
  for (const Template::Piece& piece : text.pieces) {
    switch (piece.kind) {
      case Template::Piece::Kind::literal:
        out += printable(piece.text);
        break;
      case Template::Piece::Kind::parameter:
        out += fmt::format("${{{}}}", bundle.parameters[piece.parameter].name);
        break;
      case Template::Piece::Kind::parent:
        out += "/..";
        break;
    }
  }
  return out;
}

std::string parameters_text(const Bundle& bundle) {
  std::string out;
  for (const Parameter& p : bundle.parameters) {
    out += fmt::format("{} {}", to_string(p.type), p.name);
    if (p.fallback) out += " = " + spell(bundle, *p.fallback);
    out += '\n';
  }
  return out;
}

std::string anchors_text(const Bundle& bundle) {
  std::string out;
  for (const Template& anchor : bundle.anchors) out += spell(bundle, anchor) + '\n';
  return out;
}

std::string_view target_note(Targets targets) {
  if (targets == Targets::all()) return "";
  return targets.linux ? " on linux" : " on macos";
}

std::string rules_text(const Bundle& bundle) {
  std::string out;
  for (const OperationInfo& info : kOperations) {
    // What nobody changed says nothing about the policy.
    const Effect effect = bundle.default_of(info.operation);
    if (!is_file_operation(info.operation) && info.operation != Operation::connect &&
        effect == info.default_effect) {
      continue;
    }
    out += fmt::format("default {} {}\n", info.name, to_string(effect));
  }
  for (std::size_t i = 0; i < bundle.rules.size(); ++i) {
    const Bundle::Rule& rule = bundle.rules[i];
    out += fmt::format("{} {}", i, rule.text);
    if (!rule.because.empty()) out += fmt::format(" because \"{}\"", printable(rule.because));
    out += fmt::format("{}  # {}\n", target_note(rule.targets), printable(rule.origin));
  }
  return out;
}

// The automata's sizes and what they decide, not their transitions: those would be noise in a diff.
std::string table_text(const PathTable& table) {
  std::string out = fmt::format("classes {}, marks {}\n", table.class_count, table.mark_count);
  for (const PathTable::Lane& lane : table.lanes) {
    std::set<std::uint32_t> rules(lane.rule.begin(), lane.rule.end());
    rules.erase(PathTable::kNoRule);
    out += fmt::format("{} {}: {} states for rules {}\n", to_string(lane.effect),
                       to_string(lane.operation), lane.rule.size(), fmt::join(rules, " "));
  }
  return out;
}

std::string paths_text(const Bundle& bundle) { return table_text(bundle.paths); }

std::string sockets_text(const Bundle& bundle) {
  return bundle.sockets.lanes.empty() ? "none\n" : table_text(bundle.sockets);
}

std::string limits_text(const Bundle& bundle) {
  std::string out;
  for (const LimitInfo& info : kLimits) {
    const std::optional<std::uint64_t> limit = bundle.limits[static_cast<std::size_t>(info.limit)];
    if (limit) out += fmt::format("{} {}\n", info.name, *limit);
  }
  return out.empty() ? "none\n" : out;
}

std::string environment_text(const Bundle& bundle) {
  std::string out;
  for (const Bundle::Variable& variable : bundle.variables) {
    out += fmt::format("{}={}{}\n", printable(variable.name), printable(variable.value),
                       target_note(variable.targets));
  }
  for (const TmpCandidate& candidate : bundle.tmp_candidates) {
    out += candidate.variable.empty() ? fmt::format("tmp {}\n", candidate.path)
                                      : fmt::format("tmp ${}\n", candidate.variable);
  }
  return out.empty() ? "none\n" : out;
}

std::string namespaces_text(const Bundle& bundle) {
  return bundle.nested_namespaces ? "user namespaces may be made inside\n" : "none inside\n";
}

std::string ways_out_text(const Bundle& bundle) {
  const Bundle::WaysOut& ways = bundle.ways_out;
  std::string out;
  if (!ways.upstream.empty()) {
    out += fmt::format("upstream {}\n", printable(net::without_credentials(ways.upstream)));
  }
  if (!ways.no_proxy.empty()) out += fmt::format("directly {}\n", printable(ways.no_proxy));
  if (ways.http_port != 0) out += fmt::format("HTTP proxy on port {}\n", ways.http_port);
  if (ways.socks_port != 0) out += fmt::format("SOCKS proxy on port {}\n", ways.socks_port);
  return out.empty() ? "none\n" : out;
}

std::string expectations_text(const Bundle& bundle) {
  std::string out;
  for (const Bundle::Expectation& expectation : bundle.expectations) {
    out += fmt::format("expect {} {} {}  # {}\n", to_string(expectation.effect),
                       to_string(expectation.operation), printable(expectation.subject),
                       printable(expectation.origin));
  }
  return out.empty() ? "none\n" : out;
}

std::string seccomp_text(const Bundle& bundle) {
  std::string out;
  for (const Bundle::Filter& filter : bundle.filters) {
    out += fmt::format("arch {}\n{}", filter.arch, to_text(filter));
  }
  return out;
}

std::string seatbelt_text(const Bundle& bundle) {
  if (!bundle.seatbelt) return "none\n";
  std::string out;
  for (const auto& [name, value] : bundle.seatbelt_parameters) {
    out += fmt::format("-D {}={}\n", name, spell(bundle, value));
  }
  return out + *bundle.seatbelt;
}

struct Section {
  std::string_view name;
  std::string (*text)(const Bundle&);
  bool in_whole;  // part of the whole text; the others are long and asked for by name
};

constexpr std::array<Section, 12> kSections = {{
    {"parameters", parameters_text, true},
    {"anchors", anchors_text, true},
    {"rules", rules_text, true},
    {"paths", paths_text, true},
    {"sockets", sockets_text, true},
    {"environment", environment_text, true},
    {"limits", limits_text, true},
    {"ways-out", ways_out_text, true},
    {"namespaces", namespaces_text, true},
    {"expectations", expectations_text, false},
    {"seccomp", seccomp_text, false},
    {"seatbelt", seatbelt_text, false},
}};

}  // namespace

std::vector<std::string_view> section_names() {
  std::vector<std::string_view> names;
  for (const Section& section : kSections) names.push_back(section.name);
  return names;
}

std::optional<std::string> section_text(const Bundle& bundle, std::string_view name) {
  for (const Section& section : kSections) {
    if (section.name == name) return section.text(bundle);
  }
  return std::nullopt;
}

std::string to_text(const Bundle::Filter& filter) {
  std::vector<sock_filter> program;
  for (const std::uint64_t packed : filter.instructions) {
    program.push_back({static_cast<std::uint16_t>(packed), static_cast<std::uint8_t>(packed >> 16),
                       static_cast<std::uint8_t>(packed >> 24),
                       static_cast<std::uint32_t>(packed >> 32)});
  }
  return seccomp::disassemble(program);
}

std::string to_text(const Bundle& bundle) {
  std::string out = fmt::format("compiler {}\npolicy {}\n", bundle.compiler_version,
                                bundle.name.empty() ? "-" : bundle.name);
  for (const Section& section : kSections) {
    if (section.in_whole) out += fmt::format("\n[{}]\n{}", section.name, section.text(bundle));
  }
  for (const Bundle::Filter& filter : bundle.filters) {
    if (&filter == bundle.filters.data()) out += "\n[seccomp]\n";
    out += fmt::format("arch {}, {} instructions\n", filter.arch, filter.instructions.size());
  }
  out += fmt::format("\n[seatbelt]\n{}\n",
                     bundle.seatbelt ? fmt::format("{} bytes", bundle.seatbelt->size()) : "none");
  return out;
}

}  // namespace srt::bundle
