#include "runtime/caller/subject.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace srt {
namespace {

// The value of a parameter that the policy names; nothing where it names none of this name.
std::optional<std::string> value_of(const Bundle& bundle, const Places& places,
                                    std::string_view name) {
  for (std::size_t i = 0; i < bundle.parameters.size(); ++i) {
    if (bundle.parameters[i].name == name) return places.values[i];
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> expanded_subject(const Bundle& bundle, const Places& places,
                                     Operation operation, const std::string& subject) {
  const bool is_path = is_file_operation(operation) || operation == Operation::unix;
  const bool is_net = operation == Operation::connect || operation == Operation::bind;
  if (!is_path && !is_net) return subject;
  const bool in_home = is_path && (subject == "~" || subject.starts_with("~/"));
  std::string rest = in_home ? "${home}" + subject.substr(1) : subject;
  std::string out;
  for (std::size_t at = rest.find("${"); at != std::string::npos; at = rest.find("${")) {
    const std::size_t end = rest.find('}', at);
    if (end == std::string::npos) break;
    const std::string name = rest.substr(at + 2, end - at - 2);
    const auto value = value_of(bundle, places, name);
    if (!value) {
      return Error{"no rule of the policy uses the parameter `" + name + "`",
                   "write what it stands for"};
    }
    out += rest.substr(0, at) + *value;
    rest.erase(0, end + 1);
  }
  out += rest;
  return out.empty() && !subject.empty() ? "/" : out;
}

Result<std::string> canonical_path(const std::string& directory, const std::string& path) {
  if (path.empty()) return Error{"the path is empty", "give one, as in `/etc/passwd`"};
  if (path.find('\0') != std::string::npos) return Error{"no path holds a NUL byte"};
  std::string rest = path[0] == '/' ? path : directory + '/' + path;
  std::string out;
  while (!rest.empty()) {
    const std::size_t end = rest.find('/');
    const std::string name = rest.substr(0, end);
    rest.erase(0, end == std::string::npos ? rest.size() : end + 1);
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      out.erase(std::min(out.rfind('/'), out.size()));
    } else {
      out += '/' + name;
    }
  }
  return out;
}

}  // namespace srt
