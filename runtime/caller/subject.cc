#include "runtime/caller/subject.h"

#include <algorithm>
#include <charconv>
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

// Adds the byte that stands behind a backslash. Returns the length of both.
std::size_t escaped(std::string_view rest, std::string& out) {
  unsigned char byte = 0;
  const bool has_digits = rest.starts_with('x') && rest.size() >= 3;
  const char* const digits = rest.data() + 1;
  if (has_digits && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
    out += static_cast<char>(byte);
    return 4;
  }
  out += rest[0];
  return 2;
}

}  // namespace

Result<std::string> expanded_subject(const Bundle& bundle, const Places& places,
                                     Operation operation, const std::string& subject) {
  const bool is_path = is_file_operation(operation) || operation == Operation::unix;
  const bool is_net = operation == Operation::connect || operation == Operation::bind;
  const bool in_home = is_path && (subject == "~" || subject.starts_with("~/"));
  const std::string text = in_home ? "${home}" + subject.substr(1) : subject;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('}', at);
    const bool is_parameter = (is_path || is_net) && text.compare(at, 2, "${") == 0;
    if (is_parameter && end != std::string::npos) {
      const std::string name = text.substr(at + 2, end - at - 2);
      const auto value = value_of(bundle, places, name);
      if (!value) {
        return Error{"no rule of the policy uses the parameter `" + name + "`",
                     "write what it stands for"};
      }
      out += *value;
      at = end + 1;
    } else if (!is_net && text[at] == '\\' && at + 1 < text.size()) {
      at += escaped(std::string_view(text).substr(at + 1), out);
    } else {
      out += text[at++];
    }
  }
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
