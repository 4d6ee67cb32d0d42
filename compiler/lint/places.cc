#include "compiler/lint/places.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/frontend/front_end.h"
#include "compiler/lint/sample.h"

namespace srt::lint {
namespace {

enum class Kind { later, socket, secret };

struct Place {
  Kind kind;
  std::string_view path;
  std::string_view why;
};

constexpr Place kPlaces[] = {
#define SRT_PLACE(kind, path, why) {Kind::kind, path, why},
#include "compiler/lint/known_places.def"
#undef SRT_PLACE
};

std::string sample_path(std::string_view path, Target target) {
  if (path.starts_with("~/")) return sample_home(target) + std::string(path.substr(1));
  if (path.starts_with("./")) return sample_directory(target) + std::string(path.substr(1));
  return std::string(path);
}

// A file that is in the table only to ask about its directory is not shown.
std::string_view shown(const Place& place) {
  const std::size_t slash = place.path.rfind('/');
  const bool is_sample = place.path.find("srt-sample", slash) != std::string_view::npos;
  return is_sample ? place.path.substr(0, slash) : place.path;
}

std::string and_more(std::size_t count) {
  return count == 1 ? "" : fmt::format(" and {} more", count - 1);
}

using Found = std::map<std::uint32_t, std::vector<const Place*>>;

// The places of a kind that are allowed, by the rule that allows them.
Found allowed(const Subject& subject, Kind kind, Operation operation) {
  Found found;
  for (const Place& place : kPlaces) {
    if (place.kind != kind) continue;
    const Answer answer = subject.ask(operation, sample_path(place.path, subject.target));
    if (answer.effect != Effect::allow) continue;
    // What the default allows is reported at the beginning of the policy.
    const std::uint32_t nobody = static_cast<std::uint32_t>(subject.policy.rules.size());
    std::uint32_t rule = answer.rule.value_or(nobody);
    if (rule != nobody && !is_written(subject, subject.policy.rules[rule])) {
      if (!subject.policy.rules[rule].implied) continue;  // a module's own grants are its business
      rule = nobody;
    }
    found[rule].push_back(&place);
  }
  return found;
}

void report(const Subject& subject, Diag diag, const Found& found, std::string_view help,
            Diagnostics& diagnostics) {
  for (const auto& [number, places] : found) {
    if (number == subject.policy.rules.size()) continue;
    const ir::Rule& rule = subject.policy.rules[number];
    diagnostics
        .report(diag, rule.origin, rule.text, shown(*places[0]), and_more(places.size()), "",
                places[0]->why)
        .help = help;
  }
}

// Reports the rule, or the default, that opens the home as a whole: what opens one place is meant.
void check_credentials(const Subject& subject, Diagnostics& diagnostics) {
  const Answer home =
      subject.ask(Operation::read, sample_home(subject.target) + "/srt-sample-file");
  if (home.effect == Effect::deny) return;
  const Found found = allowed(subject, Kind::secret, Operation::read);
  const auto nobody = static_cast<std::uint32_t>(subject.policy.rules.size());
  const auto by_it = found.find(home.rule.value_or(nobody));
  if (by_it == found.end()) return;
  const auto& [number, places] = *by_it;
  const Span span = number == nobody ? Span{} : subject.policy.rules[number].origin;
  diagnostics
      .report(Diag::credentials_readable, span, shown(*places[0]), and_more(places.size()), "")
      .help = is_settings(subject.sources.file(span.file).text())
                  ? "list them in `denyRead`, or use a policy with `use std.secrets`"
                  : "write `use std.secrets`, or `default read deny` with `use std.base`";
}

// Names that end like those of files that editors and package managers save.
bool looks_like_file(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view extension = name.substr(dot + 1);
  constexpr std::size_t kLongest = 5;
  constexpr std::array<std::string_view, 4> kDirectories = {"d", "git", "app", "noindex"};
  return !extension.empty() && extension.size() <= kLongest &&
         std::all_of(extension.begin(), extension.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0; }) &&
         std::isalpha(static_cast<unsigned char>(extension[0])) != 0 &&
         std::find(kDirectories.begin(), kDirectories.end(), extension) == kDirectories.end();
}

}  // namespace

void check_places(const Subject& subject, Diagnostics& diagnostics) {
  report(subject, Diag::runs_later, allowed(subject, Kind::later, Operation::write),
         "write `use std.protect` or `use std.protect.strict` below it, or grant less",
         diagnostics);
  report(subject, Diag::powerful_socket, allowed(subject, Kind::socket, Operation::unix),
         "grant the sockets that the command needs, by their paths", diagnostics);
  check_credentials(subject, diagnostics);
}

void check_single_files(const Subject& subject, Diagnostics& diagnostics) {
  const ParameterValues values = sample_values(subject.policy, subject.target);
  for (const ir::Rule& rule : subject.policy.rules) {
    if (rule.operation != Operation::write || rule.effect != Effect::allow ||
        !is_written(subject, rule)) {
      continue;
    }
    const glob::PathPattern& pattern = rule.paths().pattern;
    if (!pattern.is_plain() || pattern.atoms.empty()) continue;
    std::string path =
        pattern.anchor ? sample_anchor(subject.policy, values, *pattern.anchor) : std::string();
    for (const glob::Atom& atom : pattern.atoms) path += atom.bytes;
    if (!looks_like_file(path)) continue;
    const std::string beside = path.substr(0, path.rfind('/') + 1) + ".srt-sample-file";
    if (subject.ask(Operation::write, beside).effect == Effect::allow) continue;
    diagnostics.report(Diag::single_file, rule.origin, rule.text).help =
        "grant the directory, or silence this where the program writes in place";
  }
}

}  // namespace srt::lint
