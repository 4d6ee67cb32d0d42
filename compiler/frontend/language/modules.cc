#include "compiler/frontend/language/modules.h"

#include <utility>

namespace srt::language {
namespace {

// One line for each file of compiler/std/, `{name, text},`, sorted by name.
constexpr std::pair<std::string_view, std::string_view> kModules[] = {
#include "language/modules.inc"
};

}  // namespace

std::vector<std::string_view> module_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, text] : kModules) names.push_back(name);
  return names;
}

std::string_view module_text(std::string_view name) {
  for (const auto& [known, text] : kModules) {
    if (known == name) return text;
  }
  return {};
}

}  // namespace srt::language
