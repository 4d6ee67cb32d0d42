#include "compiler/verify/report.h"

#include <fmt/format.h>

#include <algorithm>

namespace srt::verify {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string_view verdict(const Report& report) {
  if (report.holds()) return report.proved.empty() ? "same text" : "equal";
  const auto worst =
      std::min_element(report.differences.begin(), report.differences.end(),
                       [](const Difference& a, const Difference& b) { return a.kind < b.kind; });
  return to_string(worst->kind);
}

}  // namespace

bool Report::is_broken() const {
  return std::any_of(differences.begin(), differences.end(), [](const Difference& difference) {
    return difference.kind != Kind::unfinished;
  });
}

std::string to_text(const Report& report, const std::string& name) {
  std::string out = fmt::format("{}\n", verdict(report));
  for (const Difference& difference : report.differences) {
    out += fmt::format("{}: {}: {} {}\n", name, to_string(difference.kind), difference.part,
                       difference.subject);
    if (!difference.policy.empty()) out += fmt::format("    policy:   {}\n", difference.policy);
    if (!difference.artifact.empty()) out += fmt::format("    artifact: {}\n", difference.artifact);
  }
  if (!report.proved.empty()) out += fmt::format("{}: proved: {}\n", name, joined(report.proved));
  for (const std::string& part : report.unchecked) {
    out += fmt::format("{}: not checked: {}\n", name, part);
  }
  return out;
}

}  // namespace srt::verify
