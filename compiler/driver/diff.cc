#include "compiler/compare/compare.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/load.h"
#include "compiler/driver/print.h"

namespace srt::driver {
namespace {

bool fails(const compare::Comparison& comparison, const std::string& fail_on) {
  using compare::Change;
  const bool is_unfinished = !comparison.unfinished.empty();
  if (fail_on == "widen") return is_unfinished || comparison.has(Change::wider);
  if (fail_on == "narrow") return is_unfinished || comparison.has(Change::narrower);
  return comparison.relation() != compare::Relation::equal;
}

}  // namespace

int run_command(const DiffCommand& command) {
  const std::optional<Compilation> before = load_valid(command.before, command.root);
  const std::optional<Compilation> after = load_valid(command.after, command.root);
  if (!before || !after) return kFile;
  const compare::Comparison found =
      compare::compare(before->policy, after->policy, command.targets.value_or(Targets::all()));
  const bool is_json = command.format == "json";
  if (!print(is_json ? compare::to_json(found) : compare::to_text(found))) return kFile;
  return fails(found, command.fail_on) ? kNo : kDone;
}

}  // namespace srt::driver
