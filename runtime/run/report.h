#pragma once

#include <functional>
#include <string>

#include "proxy/server/refusal.h"
#include "runtime/base/unique_fd.h"
#include "runtime/bundle/bundle.h"
#include "runtime/launch/refused_name.h"

namespace srt {

/// The file of `--report`: one JSON object a line, appended with one write each, so that several
/// runs can share a file.
class Report {
 public:
  /// Writes nowhere.
  Report() = default;
  /// Opens `path` for appending, mode 0600 when it is new. Made before the command starts, so that
  /// the file is never one that the command could have put there meanwhile; nor is it one that a
  /// symbolic link names which an earlier command could have left: one in a directory that
  /// `lets_write` such a command.
  static Result<Report> open(const std::string& path,
                             const std::function<bool(const std::string&)>& lets_write);

  /// A refused connection. `bundle` gives the rule its text and place.
  void add(const net::Refusal& refusal, const Bundle& bundle) const;

  /// A name that the command was not to make.
  void add(const RefusedName& refusal, const Bundle& bundle) const;

  /// That the bundle in `path` could not replace the one in force.
  void add_failed_update(const std::string& path, const Error& error) const;

 private:
  void write_line(const std::string& line) const;

  UniqueFd file_;
};

}  // namespace srt
