#include "compiler/driver/stats.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "compiler/backend/seatbelt/seatbelt.h"
#include "compiler/ir/path_table.h"
#include "compiler/lint/arrangement.h"

namespace srt::driver {
namespace {

struct Row {
  std::string name = {};
  std::size_t rules = 0;
  std::size_t states = 0;
  std::size_t table_bytes = 0;
  std::optional<std::pair<std::size_t, std::size_t>> profile = {};  // filters and bytes
  std::size_t mounts = 0;
};

void count(const Result<PathTable>& table, Row& row) {
  if (!table) return;  // a policy that is this large does not compile
  row.table_bytes += table->classes.size();
  for (const PathTable::Lane& lane : table->lanes) {
    row.states += lane.rule.size();
    row.table_bytes += lane.next.size() * sizeof(lane.next[0]) +
                       lane.rule.size() * sizeof(lane.rule[0]) +
                       lane.outlook.size() * sizeof(lane.outlook[0]);
  }
}

std::size_t filters(std::string_view profile) {
  // What comes before is in every profile.
  profile.remove_prefix(std::min(profile.find(";;; Reading"), profile.size()));
  constexpr std::array<std::string_view, 6> kFilters = {"(literal ", "(subpath ", "(regex ",
                                                        "(tree ",    "(at ",      "(above "};
  std::size_t out = 0;
  for (const std::string_view filter : kFilters) {
    for (std::size_t at = profile.find(filter); at != std::string_view::npos;
         at = profile.find(filter, at + 1)) {
      ++out;
    }
  }
  return out;
}

std::size_t mounts(const ir::Policy& policy, const PathTable& table) {
  const lint::Arrangements arrangements(policy, Target::linux);
  const glob::AnchorDirectories& anchors = arrangements.common().directories;
  const auto access = [&](const std::string& path) {
    return table.verdict(table.find(path, anchors)).access;
  };
  std::set<std::string> places;
  for (const ir::Rule& rule : policy.rules) {
    if (!is_file_operation(rule.operation) || !rule.paths().pattern.is_plain()) continue;
    const glob::PathPattern& pattern = rule.paths().pattern;
    std::string path = pattern.anchor ? anchors[*pattern.anchor] : std::string();
    if (!pattern.atoms.empty()) path += pattern.atoms[0].bytes;
    if (path.empty() || path.starts_with("//")) continue;  // the root directory, and nowhere
    if (access(path) != access(path.substr(0, path.rfind('/')))) places.insert(std::move(path));
  }
  return places.size();
}

Row row_of(std::string name, const ir::Policy& policy) {
  Row row{.name = std::move(name), .rules = policy.rules.size()};
  const ir::Policy on_linux = ir::select(policy, Target::linux);
  const Result<PathTable> paths = ir::build_path_table(on_linux);
  count(paths, row);
  count(ir::build_socket_table(on_linux), row);
  if (paths) row.mounts = mounts(on_linux, *paths);
  Diagnostics said_elsewhere;
  const auto profile = seatbelt::emit(ir::select(policy, Target::macos), said_elsewhere);
  if (profile) row.profile = {filters(*profile), profile->size()};
  return row;
}

std::string spell(const Row& row) {
  const auto number = [](std::size_t value) { return fmt::format("{}", value); };
  return fmt::format("{:<12}{:>7}{:>8}{:>13}{:>9}{:>15}{:>8}\n", row.name, row.rules, row.states,
                     row.table_bytes, row.profile ? number(row.profile->first) : "-",
                     row.profile ? number(row.profile->second) : "-", row.mounts);
}

}  // namespace

Result<std::string> stats(const ir::Policy& policy, const optimize::Switches& passes) {
  std::string out = fmt::format("{:<12}{:>7}{:>8}{:>13}{:>9}{:>15}{:>8}\n", "", "rules", "states",
                                "table bytes", "filters", "profile bytes", "mounts");
  out += spell(row_of("as written", policy));
  const Result<optimize::Optimized> optimized =
      optimize::optimize(policy, passes, [&](std::size_t pass, const ir::Policy& after) {
        out += spell(row_of(std::string(optimize::kPasses[pass].name), after));
      });
  if (!optimized) return optimized.error();
  return out;
}

}  // namespace srt::driver
