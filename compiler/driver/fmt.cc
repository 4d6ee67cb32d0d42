#include <fmt/format.h>

#include <vector>

#include "compiler/driver/commands.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/load.h"
#include "compiler/driver/print.h"
#include "compiler/frontend/language/format.h"
#include "compiler/ir/equal.h"
#include "runtime/base/file.h"

namespace srt::driver {
namespace {

constexpr FileId kPolicyFile = 0;

// A policy in its layout, which says what it said before.
Result<std::string> formatted(const Compilation& compilation, const ReadOptions& options) {
  const SourceFile& file = compilation.sources.file(kPolicyFile);
  if (is_settings(file.text())) {
    return Error{"`" + file.name() + "` is settings in JSON",
                 "`srtc fmt` is for the policy language"};
  }
  std::string text = language::format(compilation.sources, kPolicyFile);
  const Compilation again = load_text(file.name(), text, options);
  if (again.diagnostics.has_errors() ||
      !ir::equal_but_for_places(compilation.policy, again.policy) ||
      language::format(again.sources, kPolicyFile) != text) {
    return Error{"the layout of `" + file.name() + "` would change what it says",
                 "this is a bug of srtc; the file is as it was"};
  }
  return text;
}

}  // namespace

int run_command(const FmtCommand& command) {
  const ReadOptions options{command.root};
  std::vector<StagedFile> staged;
  std::string out;
  int status = kDone;
  for (const std::string& policy : command.policies) {
    const Result<Compilation> compilation = load(policy, options);
    if (!compilation) {
      complain("srtc", compilation.error());
      return kFile;
    }
    if (compilation->diagnostics.has_errors()) {
      show(*compilation, false);
      status = kNo;
      continue;
    }
    Result<std::string> text = formatted(*compilation, options);
    if (!text) {
      complain("srtc", text.error());
      status = kNo;
      continue;
    }
    const bool is_input = policy == "-";
    const bool is_same = *text == compilation->sources.file(kPolicyFile).text();
    if (command.check) {
      if (is_same) continue;
      out += compilation->sources.file(kPolicyFile).name() + '\n';
      status = kNo;
    } else if (is_input) {
      out += *text;
    } else if (!is_same) {
      Result<StagedFile> file = StagedFile::write(policy, std::move(*text));
      if (!file) {
        complain("srtc", file.error());
        return kFile;
      }
      staged.push_back(std::move(*file));
    }
  }
  if (!command.check && status != kDone) return status;
  if (!print(out)) return kFile;
  if (const Status committed = StagedFile::commit_all(staged); !committed) {
    complain("srtc", committed.error());
    return kFile;
  }
  return status;
}

}  // namespace srt::driver
