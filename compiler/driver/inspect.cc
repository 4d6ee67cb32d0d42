#include <fmt/format.h>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/print.h"
#include "compiler/source/edit_distance.h"
#include "runtime/base/file.h"
#include "runtime/bundle/format.h"

namespace srt::driver {

int run_command(const InspectCommand& command) {
  const Result<std::string> bytes = read_file(command.bundle, format::kMaxBundleSize);
  if (!bytes) {
    complain("srtc", bytes.error());
    return kFile;
  }
  const Result<Bundle> bundle = read_bundle(*bytes);
  if (!bundle) {
    complain("srtc",
             Error{"`" + command.bundle + "`: " + bundle.error().message, bundle.error().help});
    return kFile;
  }
  if (command.section.empty()) {
    const std::string digest = to_hex(stored_digest(*bytes));
    return print(fmt::format("digest {}\n{}", digest, bundle::to_text(*bundle))) ? kDone : kFile;
  }
  const std::optional<std::string> text = bundle::section_text(*bundle, command.section);
  if (!text) {
    const auto meant = closest(command.section, bundle::section_names());
    complain("srtc", Error{"a bundle has no section `" + command.section + "`",
                           meant ? "did you mean `" + std::string(*meant) + "`?"
                                 : "`srtc inspect` without --section shows them all"});
    return kUsage;
  }
  return print(*text) ? kDone : kFile;
}

}  // namespace srt::driver
