#include "compiler/lint/lint.h"

#include "compiler/frontend/language/modules.h"
#include "compiler/lint/hosts.h"
#include "compiler/lint/order.h"
#include "compiler/lint/places.h"

namespace srt::lint {

bool is_written(const Subject& subject, const ir::Rule& rule) {
  if (rule.implied) return false;
  const SourceFile& source = subject.sources.file(rule.origin.file);
  return language::module_text(source.name()) != source.text();
}

void check(const Subject& subject, Diagnostics& diagnostics) {
  check_reopened(subject, diagnostics);
  check_dead(subject, diagnostics);
  check_places(subject, diagnostics);
  check_single_files(subject, diagnostics);
  check_hosts(subject, diagnostics);
}

void check_safety(const ir::Policy& policy, const SourceSet& sources, Diagnostics& diagnostics) {
  for (const Target target : kTargets) {
    const ir::Policy selected = ir::select(policy, target);
    check_reopened({selected, target, sources, {}}, diagnostics);
  }
}

}  // namespace srt::lint
