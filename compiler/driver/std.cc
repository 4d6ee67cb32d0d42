#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "compiler/driver/commands.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/print.h"
#include "compiler/frontend/language/modules.h"
#include "compiler/source/edit_distance.h"

namespace srt::driver {
namespace {

// A module's first line says what it is for: `# std.base: what a program needs to start.`
std::string_view summary(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::size_t colon = line.find(": ");
  std::string_view text_of = colon == std::string_view::npos ? line : line.substr(colon + 2);
  if (text_of.ends_with('.')) text_of.remove_suffix(1);
  return text_of;
}

}  // namespace

int run_command(const StdCommand& command) {
  std::string out;
  if (command.module.empty()) {
    const std::vector<std::string_view> names = language::module_names();
    std::size_t width = 0;
    for (const std::string_view name : names) width = std::max(width, name.size());
    for (const std::string_view name : names) {
      out += fmt::format("{:<{}}  {}\n", name, width, summary(language::module_text(name)));
    }
    return print(out) ? kDone : kFile;
  }
  const std::string_view text = language::module_text(command.module);
  if (!text.empty()) return print(text) ? kDone : kFile;
  const auto meant = closest(command.module, language::module_names());
  complain("srtc",
           Error{"there is no built-in module `" + command.module + "`",
                 meant ? "did you mean `" + std::string(*meant) + "`?" : "`srtc std` lists them"});
  return kUsage;
}

}  // namespace srt::driver
