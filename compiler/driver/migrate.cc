#include "compiler/frontend/settings/migrate.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "compiler/driver/commands.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/load.h"
#include "compiler/driver/print.h"
#include "compiler/frontend/front_end.h"
#include "compiler/frontend/limits.h"
#include "runtime/base/file.h"

namespace srt::driver {
namespace {

constexpr std::string_view kHeader =
    "# Made from settings by `srtc migrate`; decides as they do, but where a comment says "
    "otherwise.\n"
    "# Settings also choose TMPDIR, by $CLAUDE_CODE_TMPDIR, $CLAUDE_TMPDIR and /tmp/claude; a "
    "policy\n"
    "# leaves it to the caller.\n\n";

// What was written has to be a policy: anything else is a bug of this program, and nobody should
// find out later.
bool is_policy(const std::string& text) {
  const Compilation read = load_text("migrated policy", text);
  return !read.diagnostics.has_errors() || show(read, false);
}

Status write_file(const std::string& path, std::string text) {
  Result<StagedFile> file = StagedFile::write(path, std::move(text));
  if (!file) return file.error();
  return file->commit();
}

}  // namespace

int run_command(const MigrateCommand& command) {
  Result<std::string> text = read_file(command.settings, kMaxPolicyBytes + 1);
  if (!text) {
    complain("srtc", text.error());
    return kFile;
  }
  Compilation compilation;
  const FileId file = compilation.sources.add(
      command.settings == "-" ? "<stdin>" : command.settings, std::move(*text));
  compilation.policy = settings::read_policy(compilation.sources, file, compilation.diagnostics);
  std::string policy;
  if (!compilation.diagnostics.has_errors()) {
    const auto inexact = command.tighter ? settings::Inexact::tighter : settings::Inexact::refuse;
    policy = std::string(kHeader) +
             settings::write_policy(compilation.policy, inexact, compilation.diagnostics);
  }
  if (!show(compilation, false) || !is_policy(policy)) return kNo;
  if (command.output.empty()) return print(policy) ? kDone : kFile;
  if (const Status written = write_file(command.output, std::move(policy)); !written) {
    complain("srtc", written.error());
    return kFile;
  }
  return kDone;
}

}  // namespace srt::driver
