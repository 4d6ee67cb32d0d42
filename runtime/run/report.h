#pragma once

#include <string>

#include "proxy/server/refusal.h"
#include "runtime/base/unique_fd.h"
#include "runtime/bundle/bundle.h"

namespace srt {

/// The file of `--report`: one JSON object a line, appended with one write each, so that several
/// runs can share a file.
class Report {
 public:
  /// Writes nowhere.
  Report() = default;
  /// Opens `path` for appending, mode 0600 when it is new. Made before the command starts, so that
  /// the file is never one that the command could have put there meanwhile.
  static Result<Report> open(const std::string& path);

  /// A refused connection. `bundle` gives the rule its text and place.
  void add(const net::Refusal& refusal, const Bundle& bundle) const;

 private:
  UniqueFd file_;
};

}  // namespace srt
