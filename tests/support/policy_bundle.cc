#include "tests/support/policy_bundle.h"

#include <stdexcept>

#include "compiler/frontend/front_end.h"
#include "compiler/ir/path_table.h"

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
  bundle.parameters = policy.parameters;
  bundle.anchors = policy.anchors;
  bundle.defaults = policy.defaults;
  for (const ir::Rule& rule : policy.rules) {
    Bundle::Rule to{rule.effect, rule.operation, rule.existing, rule.text,
                    "test.srt",  rule.because,   std::nullopt};
    if (rule.operation == Operation::connect) to.host = rule.hosts();
    bundle.rules.push_back(std::move(to));
  }
  bundle.paths = ir::build_path_table(policy).value();
  bundle.tmp_candidates = policy.tmp_candidates;
  for (const ir::SetVariable& variable : policy.variables) {
    bundle.variables.emplace_back(variable.name, variable.value);
  }
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
