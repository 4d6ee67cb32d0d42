#include "compiler/driver/own_files.h"

#include <sys/stat.h>

#include <cassert>
#include <filesystem>
#include <system_error>
#include <utility>

namespace srt::driver {

std::vector<std::string> names_of_file(const std::string& name, const std::string& directory) {
  const std::filesystem::path path = (std::filesystem::path(directory) / name).lexically_normal();
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  std::vector<std::string> names = {path};
  std::error_code error;
  std::filesystem::path real = std::filesystem::canonical(path, error);
  if (!error && real != path) names.push_back(std::move(real));
  return names;
}

void deny_writing_sources(Compilation& compilation, const std::string& directory) {
  ir::Policy& policy = compilation.policy;
  // std.self stands last and says the same of what does not differ from run to run.
  ir::Rule rule = policy.rules.back();
  assert(compilation.sources.file(rule.origin.file).name() == "std.self");
  rule.because = "the policy of later runs";
  for (FileId file = 0; file < compilation.sources.size(); ++file) {
    const SourceFile& source = compilation.sources.file(file);
    if (source.is_built_in()) continue;
    for (const std::string& name : names_of_file(source.name(), directory)) {
      rule.subject = glob::PathSet{{{}, {{glob::Atom::Kind::literal, name}}}, {}, {}};
      rule.text = ir::spell(policy, rule);
      policy.rules.push_back(rule);
    }
  }
}

}  // namespace srt::driver
