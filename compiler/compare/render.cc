#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "compiler/compare/compare.h"

namespace srt::compare {
namespace {

using Json = nlohmann::ordered_json;

std::string_view sign(Change change) {
  return change == Change::wider ? "+" : change == Change::narrower ? "-" : "~";
}

std::string on_target(const Difference& difference, Targets looked_at) {
  if (difference.targets == looked_at) return {};
  return difference.targets.linux ? "on linux " : "on macos ";
}

// A list of patterns, of which a line shows the first.
std::string listed(const std::vector<std::string>& patterns, std::string_view last,
                   std::size_t max) {
  std::string out;
  for (std::size_t i = 0; i < patterns.size() && i < max; ++i) {
    out += fmt::format("{}{}", i == 0 ? "" : last, patterns[i]);
  }
  if (patterns.size() > max) out += fmt::format(" and {} more", patterns.size() - max);
  return out;
}

std::string spell(const Difference& difference, std::size_t max) {
  std::string out = difference.operation + ' ' + difference.pattern;
  if (!difference.inside.empty()) out += " inside " + listed(difference.inside, " and ", max);
  if (!difference.except.empty()) out += " except " + listed(difference.except, ", ", max);
  if (!difference.note.empty()) out += fmt::format(" ({})", difference.note);
  return out;
}

constexpr std::size_t kMaxShown = 4;

}  // namespace

std::string spell(const Difference& difference) { return spell(difference, kMaxShown); }

std::string to_text(const Comparison& comparison) {
  std::string out = fmt::format("{}\n", to_string(comparison.relation()));
  for (const Difference& difference : comparison.differences) {
    out += fmt::format("{} {}{}\n", sign(difference.change),
                       on_target(difference, comparison.targets), spell(difference));
    if (difference.example.empty()) continue;
    out += fmt::format("    as {}{}{}\n", difference.example, difference.where.empty() ? "" : " ",
                       difference.where);
  }
  for (const auto& [operation, change] : comparison.more) {
    out += fmt::format("{} {}: and more\n", sign(change), operation);
  }
  for (const std::string& operation : comparison.unfinished) {
    out += fmt::format("? {}: too much to compare, there may be more\n", operation);
  }
  return out;
}

std::string to_json(const Comparison& comparison) {
  Json differences = Json::array();
  for (const Difference& difference : comparison.differences) {
    Json one = {{"change", to_string(difference.change)},
                {"operation", difference.operation},
                {"pattern", difference.pattern},
                {"inside", difference.inside},
                {"except", difference.except}};
    if (!difference.note.empty()) one["note"] = difference.note;
    if (!difference.example.empty()) one["example"] = difference.example;
    if (!difference.where.empty()) one["where"] = difference.where;
    Json targets = Json::array();
    for (const Target target : kTargets) {
      if (difference.targets.has(target)) targets.push_back(to_string(target));
    }
    one["targets"] = targets;
    differences.push_back(std::move(one));
  }
  Json more = Json::array();
  for (const auto& [operation, change] : comparison.more) {
    more.push_back({{"operation", operation}, {"change", to_string(change)}});
  }
  const Json whole = {{"relation", to_string(comparison.relation())},
                      {"differences", differences},
                      {"more", more},
                      {"unfinished", comparison.unfinished}};
  constexpr int kIndent = 2;
  return whole.dump(kIndent, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace srt::compare
