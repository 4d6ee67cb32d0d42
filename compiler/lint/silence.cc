#include "compiler/lint/silence.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/frontend/front_end.h"
#include "compiler/frontend/language/modules.h"
#include "compiler/source/edit_distance.h"

namespace srt::lint {
namespace {

constexpr Diag kSilenceable[] = {
#define SRT_DIAGNOSTIC(name, severity, format) Diag::name,
#include "compiler/diag/lint.def"
#undef SRT_DIAGNOSTIC
    Diag::unused_let, Diag::unused_param};

const DiagKind* silenceable(std::string_view id) {
  for (const Diag diag : kSilenceable) {
    if (kind(diag).id == id) return &kind(diag);
  }
  return nullptr;
}

std::string help_for(std::string_view id) {
  std::vector<std::string_view> ids;
  for (const Diag diag : kSilenceable) ids.push_back(kind(diag).id);
  const auto near = closest(id, ids);
  return near ? fmt::format("did you mean `{}`?", *near)
              : "docs/diagnostics.md lists what can be silenced";
}

// One id of a comment.
struct Silence {
  Span span;
  std::uint32_t line;  // the one that it speaks of
  std::string id;
  bool used = false;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\f\v";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

class Silences {
 public:
  Silences(Diagnostics& diagnostics, const SourceSet& sources)
      : diagnostics_(diagnostics), sources_(sources) {
    for (FileId file = 0; file < sources.size(); ++file) {
      const SourceFile& source = sources.file(file);
      if (language::module_text(source.name()) == source.text()) continue;
      read(file, is_settings(source.text()) ? "//" : "#");
    }
  }

  void apply() {
    diagnostics_.remove_if([&](const Diagnostic& diagnostic) {
      const std::string& id = kind(diagnostic.diag).id;
      if (silenceable(id) == nullptr) return false;
      const std::uint32_t line =
          sources_.file(diagnostic.span.file).position(diagnostic.span.begin).line;
      bool silenced = false;
      for (Silence& silence : silences_) {
        if (silence.span.file != diagnostic.span.file || silence.line != line || silence.id != id) {
          continue;
        }
        silenced = silence.used = true;
      }
      return silenced;
    });
  }

  void report_unused() {
    for (const Silence& silence : silences_) {
      if (silence.used) continue;
      diagnostics_.report(Diag::unused_silence, silence.span, silence.id).help =
          "remove it, or move it to the line that the message points to";
    }
  }

 private:
  void read(FileId file, std::string_view comment) {
    const std::string_view text = sources_.file(file).text();
    const std::string open = std::string(comment) + " srt: allow(";
    for (std::size_t at = text.find(open); at != std::string_view::npos;
         at = text.find(open, at + 1)) {
      const std::size_t begin_of_line = text.rfind('\n', at) + 1;  // npos + 1 is 0
      const std::string_view before = text.substr(begin_of_line, at - begin_of_line);
      const bool is_comment = before.empty() || before.back() == ' ' || before.back() == '\t';
      if (!is_comment) continue;
      const std::size_t end_of_line = std::min(text.find('\n', at), text.size());
      std::uint32_t line = sources_.file(file).position(static_cast<std::uint32_t>(at)).line;
      if (trimmed(before).empty()) line = next_line(text, end_of_line, line, comment);
      add(file, at + open.size(), text.substr(0, end_of_line), line);
    }
  }

  // The line below a comment on a line of its own, and below the comments that follow it.
  static std::uint32_t next_line(std::string_view text, std::size_t end, std::uint32_t line,
                                 std::string_view comment) {
    do {
      ++line;
      const std::size_t begin = std::min(end + 1, text.size());
      end = std::min(text.find('\n', begin), text.size());
      if (!trimmed(text.substr(begin, end - begin)).starts_with(comment)) break;
    } while (end < text.size());
    return line;
  }

  void add(FileId file, std::size_t begin, std::string_view text, std::uint32_t line) {
    const std::size_t close = std::min(text.find(')', begin), text.size());
    const std::string_view ids = text.substr(begin, close - begin);
    const auto span_of = [&](std::string_view part) {
      const auto from = static_cast<std::uint32_t>(part.data() - text.data());
      return Span{file, from, from + static_cast<std::uint32_t>(part.size())};
    };
    if (close == text.size() || trimmed(text.substr(close + 1)).empty()) {
      diagnostics_.report(Diag::no_reason, span_of(ids), ids).help =
          fmt::format("write it behind: `srt: allow({}) why this is meant`", ids);
      return;
    }
    for (std::size_t at = 0; at <= ids.size();) {
      const std::size_t comma = std::min(ids.find(',', at), ids.size());
      const std::string_view id = trimmed(ids.substr(at, comma - at));
      at = comma + 1;
      if (silenceable(id) == nullptr) {
        diagnostics_.report(Diag::unknown_lint, span_of(id), id).help = help_for(id);
      } else {
        silences_.push_back({span_of(id), line, std::string(id)});
      }
    }
  }

  Diagnostics& diagnostics_;
  const SourceSet& sources_;
  std::vector<Silence> silences_;
};

}  // namespace

void apply_silences(Diagnostics& diagnostics, const SourceSet& sources, bool report_unused) {
  Silences silences(diagnostics, sources);
  silences.apply();
  if (report_unused) silences.report_unused();
}

}  // namespace srt::lint
