#include "runtime/seatbelt/sandbox_exec.h"

namespace srt {
namespace {

std::string value_of(const Template& text, const Places& places) {
  std::string value = expand(text, places.values);
  if (value.empty()) return "/";
  if (value[0] != '/' || value == kNowhere) return value;
  // Literal text and steps to a parent can lead through links too.
  value = real_as_far_as_it_exists(value);
  return value.empty() ? "/" : value;
}

}  // namespace

ProfileValues profile_values(const Bundle& bundle, const Places& places) {
  ProfileValues values;
  for (const auto& [name, text] : bundle.seatbelt_parameters) {
    values.emplace_back(name, value_of(text, places));
  }
  return values;
}

std::vector<std::string> sandbox_exec_words(const std::string& profile, const ProfileValues& values,
                                            const std::vector<std::string>& command) {
  std::vector<std::string> words = {"sandbox-exec", "-f", profile};
  for (const auto& [name, value] : values) {
    words.emplace_back("-D");
    words.push_back(name + '=' + value);
  }
  words.emplace_back("--");
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

}  // namespace srt
