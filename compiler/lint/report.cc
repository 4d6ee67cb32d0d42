#include "compiler/lint/report.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace srt::lint {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      break;
  }
  return "note";
}

// A text of a policy can hold bytes that are no UTF-8; JSON cannot.
std::string dump(const Json& json) {
  constexpr int kIndent = 2;
  return json.dump(kIndent, ' ', false, Json::error_handler_t::replace) + '\n';
}

// How many code points begin in a text.
std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

// A column as SARIF counts it: of code points, from 1.
std::size_t code_point_column(const SourceFile& file, Position at) {
  const std::string_view line = file.line(at.line);
  return 1 + code_points(line.substr(0, std::min<std::size_t>(at.column - 1, line.size())));
}

// Reserved characters of a path in a URI reference (RFC 3986) are escaped.
std::string uri_of(std::string_view name) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  std::string out;
  for (const char c : name) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Json location(const SourceSet& sources, Span span) {
  const SourceFile& file = sources.file(span.file);
  const Position begin = file.position(span.begin);
  const Position end = file.position(span.end);
  return {{"physicalLocation",
           {{"artifactLocation", {{"uri", uri_of(file.name())}}},
            {"region",
             {{"startLine", begin.line},
              {"startColumn", code_point_column(file, begin)},
              {"endLine", end.line},
              {"endColumn", code_point_column(file, end)},
              {"charOffset", code_points(file.text().substr(0, span.begin))},
              {"charLength", code_points(file.text().substr(span.begin, span.end - span.begin))},
              {"byteOffset", span.begin},
              {"byteLength", span.end - span.begin}}}}}};
}

Json rule_of(const DiagKind& kind) {
  const std::string help = "See `" + kind.id + "` in docs/diagnostics.md.";
  std::string title = kind.id;
  std::replace(title.begin(), title.end(), '-', ' ');
  return {{"id", kind.id},
          {"shortDescription", {{"text", title}}},
          {"help", {{"text", help}, {"markdown", help}}},
          {"defaultConfiguration", {{"level", to_string(kind.severity)}}}};
}

}  // namespace

std::string to_json(std::span<const Report> reports) {
  Json list = Json::array();
  for (const Report& report : reports) {
    for (const Diagnostic& d : sorted(report.diagnostics)) {
      const DiagKind& k = kind(d.diag);
      const SourceFile& file = report.sources.file(d.span.file);
      const Position begin = file.position(d.span.begin);
      const Position end = file.position(d.span.end);
      Json entry = {{"id", k.id}, {"severity", to_string(k.severity)}, {"message", d.text}};
      if (!d.help.empty()) entry["help"] = d.help;
      entry.update({{"file", file.name()},
                    {"line", begin.line},
                    {"column", begin.column},
                    {"end_line", end.line},
                    {"end_column", end.column},
                    {"begin", d.span.begin},
                    {"end", d.span.end}});
      list.push_back(std::move(entry));
    }
  }
  return dump({{"version", 1}, {"diagnostics", std::move(list)}});
}

std::string to_sarif(std::span<const Report> reports) {
  Json rules = Json::array();
  Json results = Json::array();
  std::map<Diag, std::size_t> index;
  for (const Report& report : reports) {
    for (const Diagnostic& d : sorted(report.diagnostics)) {
      const DiagKind& k = kind(d.diag);
      const auto [entry, is_new] = index.try_emplace(d.diag, rules.size());
      if (is_new) rules.push_back(rule_of(k));
      const std::string text = d.help.empty() ? d.text : d.text + "\nhelp: " + d.help;
      results.push_back({{"ruleId", k.id},
                         {"ruleIndex", entry->second},
                         {"level", to_string(k.severity)},
                         {"message", {{"text", text}}},
                         {"locations", Json::array({location(report.sources, d.span)})}});
    }
  }
  const Json run = {
      {"tool", {{"driver", {{"name", "srtc"}, {"version", SRT_VERSION}, {"rules", rules}}}}},
      {"columnKind", "unicodeCodePoints"},
      {"results", results}};
  return dump({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
               {"version", "2.1.0"},
               {"runs", Json::array({run})}});
}

}  // namespace srt::lint
