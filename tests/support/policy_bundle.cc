#include "tests/support/policy_bundle.h"

#include <stdexcept>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/frontend/front_end.h"

namespace srt::test {
namespace {

ir::Policy compiled(const std::string& text) {
  SourceSet sources;
  Diagnostics diagnostics;
  const FileId file = sources.add("test.srt", text);
  ir::Policy policy = language::read_policy(sources, file, diagnostics);
  if (diagnostics.has_errors()) throw std::runtime_error(render(diagnostics, sources));
  add_implied_reads(policy);
  return policy;
}

}  // namespace

PolicyBundle::PolicyBundle(const std::string& text) : PolicyBundle(compiled(text)) {}

PolicyBundle::PolicyBundle(ir::Policy from) : policy(std::move(from)) {
  SourceSet sources;
  sources.add("test.srt", "");
  bundle = bundle::lower(policy, sources).value();
}

std::vector<std::string> PolicyBundle::anchors(const std::string& cwd,
                                               const std::string& home) const {
  ParameterValues values;
  for (const Parameter& parameter : bundle.parameters) {
    values.push_back(parameter.name == "cwd"    ? cwd
                     : parameter.name == "home" ? home
                                                : std::string(kNowhere));
  }
  std::vector<std::string> out;
  for (const Template& anchor : bundle.anchors) out.push_back(expand(anchor, values));
  return out;
}

}  // namespace srt::test
