#include "compiler/driver/cache.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/compare/ceiling.h"
#include "compiler/driver/load.h"
#include "compiler/driver/own_files.h"
#include "compiler/lint/lint.h"
#include "compiler/lint/silence.h"
#include "runtime/base/file.h"
#include "runtime/base/own_directory.h"
#include "runtime/base/sha256.h"
#include "runtime/base/unique_fd.h"
#include "runtime/bundle/format.h"

namespace srt::driver {
namespace {

// Two builds of one version can differ, so the program file itself is part of the key.
std::string program_identity() {
  struct stat info = {};
  if (stat("/proc/self/exe", &info) != 0) return {};
  return fmt::format("{}:{}:{}.{}", info.st_ino, info.st_size, info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec);
}

// The bundle speaks of the policy's own file too, by the names it has now.
std::string cache_key(const std::string& name, const std::string& text, const Caller& caller) {
  std::string names = name;
  for (const std::string& own : names_of_file(name, caller.working_directory)) {
    names.append(1, '\0').append(own);
  }
  const std::string sizes = fmt::format("{} {} {} ", SRT_VERSION, names.size(), text.size());
  return to_hex(sha256({program_identity(), sizes, names, text}));
}

// Whether the file is this user's alone to write and holds a bundle.
bool is_sound(const std::string& path) {
  struct stat info = {};
  if (lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != geteuid() ||
      is_open_to_others(info)) {
    return false;
  }
  const Result<std::string> bytes = read_file(path, format::kMaxBundleSize);
  return bytes && read_bundle(*bytes);
}

// Whether texts other than the policy and built-in modules are in it.
bool uses_files(const Compilation& compilation) {
  for (FileId file = 1; file < compilation.sources.size(); ++file) {
    if (!compilation.sources.file(file).is_built_in()) return true;
  }
  return false;
}

Result<UniqueFd> in_memory(const std::string& bytes) {
  UniqueFd fd(memfd_create("bundle", 0));
  if (!fd || write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    return Error{std::string("cannot hold the bundle in memory: ") + std::strerror(errno)};
  }
  return fd;
}

struct RunBundle {
  std::string bytes;
  bool uses_files = false;
};

// Compiles for a run, saying on standard error what is wrong; nothing where that is an error.
std::optional<RunBundle> compile_for_run(const std::string& name, const std::string& text,
                                         const Caller& caller, const ReadOptions& options) {
  Compilation compilation = load_text(name, text, options);
  std::optional<Lowered> lowered;
  if (!compilation.diagnostics.has_errors()) {
    deny_writing_sources(compilation, caller.working_directory);
    lowered = lower(compilation, {.linux = true}, {});
  }
  if (lowered) {
    compare::check_ceilings(compilation.policy, compilation.sources, compilation.diagnostics);
    lint::check_safety(compilation.policy, compilation.sources, compilation.diagnostics);
    lint::apply_silences(compilation.diagnostics, compilation.sources, false);
  }
  // Notes alone are left to srtc: a run prints what the command prints.
  const bool worth_saying =
      compilation.diagnostics.has_errors() || compilation.diagnostics.count(Severity::warning) > 0;
  if (worth_saying) show(compilation, false);
  if (!lowered || compilation.diagnostics.has_errors()) return std::nullopt;
  return RunBundle{bundle::encode(lowered->bundle), uses_files(compilation)};
}

}  // namespace

Result<std::optional<std::string>> cached_bundle(const std::string& name, const std::string& text,
                                                 const Caller& caller, const ReadOptions& options) {
  const std::optional<std::string> directory = cache_directory(caller);
  const bool usable = directory && make_own_directory(*directory);
  const std::string path =
      usable ? fmt::format("{}/{}.srtb", *directory, cache_key(name, text, caller)) : std::string();
  if (usable && is_sound(path)) return std::optional(path);

  const std::optional<RunBundle> made = compile_for_run(name, text, caller, options);
  if (!made) return std::optional<std::string>();
  // What other files say is not part of the key.
  if (usable && !made->uses_files) {
    Result<StagedFile> file = StagedFile::write_new(path, made->bytes);
    if (file && file->commit()) return std::optional(path);
  }
  Result<UniqueFd> held = in_memory(made->bytes);
  if (!held) return held.error();
  return std::optional(fmt::format("/proc/self/fd/{}", held->release()));
}

Result<std::optional<UniqueFd>> bundle_in_memory(const std::string& name, const std::string& text,
                                                 const Caller& caller) {
  const std::optional<RunBundle> made = compile_for_run(name, text, caller, {});
  if (!made) return std::optional<UniqueFd>();
  Result<UniqueFd> held = in_memory(made->bytes);
  if (!held) return held.error();
  return std::optional(*std::move(held));
}

Error become_srt_run(const Caller& caller, const std::vector<std::string>& arguments) {
  const std::string program = caller.program_directory + "/srt-run";
  std::vector<char*> argv = {const_cast<char*>("srt-run")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  return Error{"cannot start `" + program + "`: " + std::strerror(errno),
               "install srt-run beside this program"};
}

}  // namespace srt::driver
