#include "runtime/seatbelt/command_file.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "runtime/stage/command_search.h"

namespace srt {
namespace {

stage::Candidate probe(const char* path) {
  struct stat info = {};
  if (stat(path, &info) != 0) return stage::Candidate::absent;
  const bool is_program = S_ISREG(info.st_mode) && access(path, X_OK) == 0;
  return is_program ? stage::Candidate::executable : stage::Candidate::not_executable;
}

}  // namespace

CommandFile find_command_file(const std::string& name, const std::string& path,
                              const std::string& here) {
  std::array<char, PATH_MAX> buffer;
  const stage::CommandSearch found = stage::find_command(name.c_str(), path, buffer, probe);
  if (found.status != 0) return {found.status, {}};
  const std::string file = found.path;
  return {0, file[0] == '/' ? file : here + '/' + file};
}

}  // namespace srt
