#include "compiler/diag/diagnostic.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "runtime/base/printable.h"

namespace srt {
namespace {

std::string hyphenated(std::string_view name) {
  std::string id(name);
  std::replace(id.begin(), id.end(), '_', '-');
  return id;
}

const std::vector<DiagKind>& kinds() {
  static const std::vector<DiagKind> table = {
#define SRT_DIAGNOSTIC(name, severity, format) {hyphenated(#name), Severity::severity, format},
#include "compiler/diag/catalog.def"
#undef SRT_DIAGNOSTIC
  };
  return table;
}

constexpr std::array<std::string_view, 3> kSeverityNames = {"error", "warning", "note"};

// How many terminal cells `text` is wide, near enough for an underline: one for each character.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// The longest stretch of a source line that a message shows; lines can be megabytes.
constexpr std::size_t kMaxShown = 160;

// Where the character of byte `i` begins; of bytes that are none, somewhere near.
std::size_t begin_of_character(std::string_view text, std::size_t i) {
  constexpr std::size_t kMaxContinuation = 3;
  const std::size_t first = i - std::min(i, kMaxContinuation);
  while (i > first && i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) --i;
  return i;
}

// A message repeats words of the policy, which can be megabytes: both ends of it tell what is
// wrong.
void shorten(std::string& message) {
  constexpr std::size_t kMaxBytes = 1000;
  constexpr std::size_t kBegin = 400;
  constexpr std::size_t kEnd = 200;
  if (message.size() <= kMaxBytes) return;
  const std::size_t from = begin_of_character(message, kBegin);
  const std::size_t to = begin_of_character(message, message.size() - kEnd);
  message.replace(from, to - from, "\xE2\x80\xA6");
}

void render_source(std::string& out, const SourceFile& file, Span span) {
  const Position at = file.position(span.begin);
  std::string line(file.line(at.line));
  std::size_t column = std::min<std::size_t>(at.column - 1, line.size());
  std::size_t length = std::min<std::size_t>(span.end - span.begin, line.size() - column);
  if (line.size() > kMaxShown) {
    const std::size_t from = begin_of_character(line, column - std::min(column, kMaxShown / 2));
    const std::size_t to = begin_of_character(line, std::min(line.size(), from + kMaxShown));
    line = line.substr(from, to - from);
    column -= from;
    length = std::min(length, line.size() - column);
  }
  line = printable(std::move(line));
  const std::string_view view = line;
  const std::size_t indent = width(view.substr(0, column));
  const std::size_t marks = std::max<std::size_t>(1, width(view.substr(column, length)));
  out += fmt::format("  {}\n  {:{}}{:^<{}}\n", line, "", indent, "", marks);
}

}  // namespace

const DiagKind& kind(Diag diag) { return kinds()[static_cast<std::size_t>(diag)]; }

std::string_view default_help(Diag diag) {
  switch (diag) {
#define SRT_HELP(name, help) \
  case Diag::name:           \
    return help;
#include "compiler/diag/help.def"
#undef SRT_HELP
    default:
      return {};
  }
}

std::vector<Diag> all_diagnostics() {
  std::vector<Diag> all;
  for (std::size_t i = 0; i < kinds().size(); ++i) all.push_back(static_cast<Diag>(i));
  return all;
}

std::size_t Diagnostics::count(Severity severity) const {
  return static_cast<std::size_t>(std::count_if(all_.begin(), all_.end(), [&](const Diagnostic& d) {
    return kind(d.diag).severity == severity;
  }));
}

std::vector<Diagnostic> sorted(const Diagnostics& diagnostics) {
  std::vector<Diagnostic> all = diagnostics.all();
  const auto key = [](const Diagnostic& d) {
    return std::tie(d.span.file, d.span.begin, d.span.end, d.diag, d.text);
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  all.erase(std::unique(all.begin(), all.end(),
                        [&](const Diagnostic& a, const Diagnostic& b) { return key(a) == key(b); }),
            all.end());
  for (Diagnostic& d : all) {
    shorten(d.text);
    shorten(d.help);
  }
  return all;
}

std::string render(const Diagnostics& diagnostics, const SourceSet& sources) {
  std::string out;
  for (const Diagnostic& d : sorted(diagnostics)) {
    const DiagKind& k = kind(d.diag);
    out +=
        fmt::format("{}: {}: {} [{}]\n", printable(sources.location(d.span)),
                    kSeverityNames[static_cast<std::size_t>(k.severity)], printable(d.text), k.id);
    render_source(out, sources.file(d.span.file), d.span);
    if (!d.help.empty()) out += fmt::format("  help: {}\n", printable(d.help));
  }
  return out;
}

}  // namespace srt
