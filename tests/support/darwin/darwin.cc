#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "runtime/seatbelt/sandbox_exec.h"

// libproc.h
extern "C" int proc_pidpath(int pid, void* buffer, std::uint32_t size);
extern "C" int proc_pidpath(int pid, void* buffer, std::uint32_t size) {
  const std::string link = "/proc/" + std::to_string(pid) + "/exe";
  return static_cast<int>(readlink(link.c_str(), static_cast<char*>(buffer), size));
}

namespace srt {

// The tests' own, beside the program that runs.
const char* sandbox_exec_program() {
  static const std::string path =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "sandbox-exec";
  return path.c_str();
}

}  // namespace srt
