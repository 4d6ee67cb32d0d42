#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/source/source.h"

namespace srt {

enum class Severity : std::uint8_t { error, warning, note };

/// Every kind of message the compiler has. The tables beside this file are the only place where
/// they are declared: `SRT_DIAGNOSTIC(name, severity, format)`; the stable id that users see is the
/// name with hyphens. The format's arguments are those of `Diagnostics::report`.
enum class Diag : std::uint16_t {
#define SRT_DIAGNOSTIC(name, severity, format) name,
#include "compiler/diag/catalog.def"
#undef SRT_DIAGNOSTIC
};

/// What the tables say of one kind.
struct DiagKind {
  std::string id;
  Severity severity;
  std::string_view format;
};

const DiagKind& kind(Diag diag);
std::vector<Diag> all_diagnostics();

/// What a message of this kind helps with unless its place knows better (help.def); may be empty.
std::string_view default_help(Diag diag);

/// One message. `help` is the text to write instead, or the way out; it may be empty.
struct Diagnostic {
  Diag diag;
  Span span;
  std::string text;
  std::string help;
};

/// The messages of one compilation, in the order they were found.
class Diagnostics {
 public:
  /// Adds a message about `span`. Returns it, so that the caller can set a better `help`; the
  /// reference holds until the next report.
  template <typename... Args>
  Diagnostic& report(Diag diag, Span span, const Args&... args) {
    all_.push_back({diag, span, fmt::format(fmt::runtime(kind(diag).format), args...),
                    std::string(default_help(diag))});
    return all_.back();
  }

  bool has_errors() const { return count(Severity::error) != 0; }
  std::size_t count(Severity severity) const;
  const std::vector<Diagnostic>& all() const { return all_; }

  /// Takes back the messages of which `unwanted` holds.
  template <typename Predicate>
  void remove_if(Predicate unwanted) {
    std::erase_if(all_, unwanted);
  }

 private:
  std::vector<Diagnostic> all_;
};

/// The messages in the order in which they are shown: by file and place, equal ones once.
std::vector<Diagnostic> sorted(const Diagnostics& diagnostics);

/// All messages as a person reads them, sorted by file and place: `file:line:col: error: text
/// [id]`, the source line, an underline, then `help:`. Equal messages appear once.
std::string render(const Diagnostics& diagnostics, const SourceSet& sources);

}  // namespace srt
