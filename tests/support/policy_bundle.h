#pragma once

#include <string>
#include <vector>

#include "compiler/ir/policy.h"
#include "runtime/bundle/bundle.h"

namespace srt::test {

/// A policy of the policy language, compiled, without the modules that every policy has.
struct PolicyBundle {
  explicit PolicyBundle(const std::string& text);
  explicit PolicyBundle(ir::Policy policy);

  /// The values of its anchors where `${cwd}` and `${home}` are these; the root directory is "".
  std::vector<std::string> anchors(const std::string& cwd, const std::string& home = "//") const;

  ir::Policy policy;
  Bundle bundle;
};

}  // namespace srt::test
