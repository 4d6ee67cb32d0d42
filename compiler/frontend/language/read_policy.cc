#include <cassert>

#include "compiler/frontend/front_end.h"
#include "compiler/frontend/language/lower.h"
#include "compiler/frontend/language/modules.h"
#include "compiler/frontend/language/uses.h"

namespace srt::language {

ir::Policy read_policy(SourceSet& sources, FileId file, Diagnostics& diagnostics,
                       const ReadOptions& options) {
  ir::Policy policy;
  Uses uses(sources, diagnostics, options.root);
  uses.begin(file);
  lower(file, uses, policy, diagnostics);
  return policy;
}

void append_module(SourceSet& sources, std::string_view name, ir::Policy& policy,
                   Diagnostics& diagnostics) {
  assert(!module_text(name).empty());
  const FileId file = module_source(sources, name);
  Uses uses(sources, diagnostics, {});
  uses.begin(file);
  lower(file, uses, policy, diagnostics);
}

}  // namespace srt::language
