#include "runtime/base/complain.h"

#include <cstdio>

#include "runtime/base/printable.h"

namespace srt {

std::string error_line(std::string_view program, const Error& error) {
  std::string line = std::string(program) + ": " + error.message;
  if (!error.help.empty()) line += "; " + error.help;
  return printable(std::move(line)) + '\n';
}

void complain(std::string_view program, const Error& error) {
  const std::string line = error_line(program, error);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace srt
