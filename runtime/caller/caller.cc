#include "runtime/caller/caller.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "runtime/caller/identity.h"

// No header of macOS declares it.
extern "C" char** environ;

namespace srt {
namespace {

std::optional<std::string> real(const std::string& path) {
  const std::unique_ptr<char, decltype(&free)> resolved(realpath(path.c_str(), nullptr), free);
  if (resolved == nullptr) return std::nullopt;
  return std::string(resolved.get());
}

}  // namespace

std::optional<std::string> Caller::variable(std::string_view name) const {
  for (const auto& [key, value] : environment) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Result<Caller> this_caller() {
  Caller caller;
  const std::unique_ptr<char, decltype(&free)> directory(getcwd(nullptr, 0), free);
  // Linux gives "(unreachable)…" for a directory outside the root (getcwd(3)).
  if (directory == nullptr || directory.get()[0] != '/') {
    return Error{std::string("the working directory cannot be found: ") +
                     (directory == nullptr ? std::strerror(errno) : "it is not beneath /"),
                 "go to a directory that exists"};
  }
  caller.working_directory = directory.get();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    std::string name(text.substr(0, equals));
    if (caller.variable(name)) continue;
    caller.environment.emplace_back(std::move(name), text.substr(equals + 1));
  }
  Identity identity = this_identity();
  caller.passwd_name = std::move(identity.passwd_name);
  caller.passwd_home = std::move(identity.passwd_home);
  caller.program = real(identity.program).value_or("");
  if (!caller.program.empty()) {
    caller.program_directory = caller.program.substr(0, caller.program.rfind('/'));
  }
  return caller;
}

std::optional<std::string> cache_directory(const Caller& caller) {
  std::string base = caller.variable("XDG_CACHE_HOME").value_or("");
  // A relative one is to be ignored (XDG Base Directory Specification).
  if (base.empty() || base[0] != '/') {
    base = caller.variable("HOME").value_or(caller.passwd_home.value_or(""));
    if (base.empty() || base[0] != '/') return std::nullopt;
    base += "/.cache";
  }
  return base + "/srt";
}

std::string real_as_far_as_it_exists(const std::string& path) {
  std::string existing = path;
  std::string rest;
  for (;;) {
    if (const auto resolved = real(existing.empty() ? "/" : existing)) {
      return (*resolved == "/" ? "" : *resolved) + rest;
    }
    const std::size_t slash = existing.rfind('/');
    if (slash == std::string::npos) return path;
    rest = existing.substr(slash) + rest;
    existing.resize(slash);
  }
}

}  // namespace srt
