#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/glob/family.h"
#include "compiler/ir/policy.h"
#include "runtime/bundle/parameters.h"

namespace srt::lint {

/// The parameters' values, and what is said of them in a message.
struct Arrangement {
  ParameterValues values;
  glob::AnchorDirectories directories;  ///< of the policy's anchors with these values
  std::string where;  ///< `where the working directory is ~`; empty in the common arrangement
};

/// Values that a policy's parameters can have, for claims that something can happen.
class Arrangements {
 public:
  Arrangements(const ir::Policy& policy, Target target);

  /// What nearly every run has: the working directory inside the home directory, others apart
  /// (sample.h).
  const Arrangement& common() const { return common_; }

  /// The common one but for the parameter that `anchor` starts with, whose value puts the anchor at
  /// `directory` ("" is the root directory). Nothing where no value does.
  std::optional<Arrangement> with(glob::AnchorId anchor, const std::string& directory) const;

  /// The arrangements in which a pattern from `anchor` meets what lies in the directory of `other`,
  /// though it does not in the common one: the two are the same, or the first is above.
  std::vector<Arrangement> above(glob::AnchorId anchor, glob::AnchorId other) const;
  /// Likewise with an absolute `path`.
  std::vector<Arrangement> above(glob::AnchorId anchor, const std::string& path) const;
  /// Those in which `anchor` is elsewhere than in the common one.
  std::vector<Arrangement> elsewhere(glob::AnchorId anchor) const;
  /// That in which the anchor is the project in the home directory that the working directory
  /// commonly is, and that in which it is the home directory itself.
  std::optional<Arrangement> as_project(glob::AnchorId anchor) const;
  std::optional<Arrangement> as_home(glob::AnchorId anchor) const;

  /// The working directory and the home directory, also where the policy does not name them.
  std::string working_directory(const Arrangement& arrangement) const;
  std::string home(const Arrangement& arrangement) const;

  /// A path as people write it: from `~` or `.` where it lies there.
  std::string spell(const std::string& path, const Arrangement& arrangement) const;

  /// All bytes that directories have here.
  std::string bytes() const;

 private:
  Arrangement with_values(ParameterValues values, std::string where) const;
  std::string name(glob::AnchorId anchor) const;
  std::optional<Arrangement> with(glob::AnchorId anchor, const std::string& directory,
                                  std::string_view shown) const;
  std::string value(const Arrangement& arrangement, Parameter::Source source,
                    std::string_view common) const;

  const ir::Policy& policy_;
  Target target_;
  Arrangement common_;
};

}  // namespace srt::lint
