#include "runtime/caller/caller.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/base/file.h"

namespace srt {
namespace {

// /etc/passwd is read by hand: the C library's way needs shared modules, which a static program
// cannot have (getpwnam(3), nsswitch.conf(5)). Users that only a directory service knows have
// `HOME`.
constexpr std::size_t kMaxPasswdSize = std::size_t{16} << 20;

void add_passwd_entry(Caller& caller, uid_t uid) {
  const Result<std::string> passwd = read_file("/etc/passwd", kMaxPasswdSize);
  if (!passwd) return;
  std::string_view rest = *passwd;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    // name:password:uid:gid:comment:home:shell (passwd(5))
    std::vector<std::string_view> fields;
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t end = std::min(line.find(':', at), line.size());
      fields.push_back(line.substr(at, end - at));
      at = end + 1;
    }
    if (fields.size() != 7 || fields[2] != std::to_string(uid)) continue;
    caller.passwd_name = std::string(fields[0]);
    if (!fields[5].empty()) caller.passwd_home = std::string(fields[5]);
    return;
  }
}

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
  add_passwd_entry(caller, getuid());
  const std::optional<std::string> program = real("/proc/self/exe");
  if (program) caller.program_directory = program->substr(0, program->rfind('/'));
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
