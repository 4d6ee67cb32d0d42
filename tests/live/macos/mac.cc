#include "tests/live/macos/mac.h"

#include <doctest/doctest.h>

#include <filesystem>

namespace srt::live {
namespace {

namespace fs = std::filesystem;

/// Copies that every user can execute.
const std::string& programs_of_mac() {
  static const Scratch copies(geteuid());
  static const bool copied = [] {
    for (const char* name : {"srt-run", "sandbox-exec"}) {
      fs::copy_file(std::string(SRT_MACOS_BIN_DIR) + '/' + name, copies / name);
    }
    return true;
  }();
  check(copied, "copy");
  return copies.path();
}

int count_if(const std::string& directory, bool (*wanted)(const fs::directory_entry&)) {
  std::error_code none;
  int found = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, none)) {
    found += wanted(entry) ? 1 : 0;
  }
  return found;
}

}  // namespace

Mac::Mac() : account_(users().back()), program_(programs_of_mac() + "/srt-run") {
  account_.directory("tmp");
  account_.set("TMPDIR", account_ / "tmp");
  account_.set("SRT_LOG", account_ / "log");
}

std::string Mac::compile(const std::string& policy) const {
  const std::string source = account_.file("policy.srt", policy);
  const std::string bundle = account_ / "policy.srtb";
  const Ending ending = account_.run({"srtc", source, "-o", bundle, "--target", "macos"});
  REQUIRE_MESSAGE(ending.status == 0, ending.err);
  return bundle;
}

Ending Mac::run(std::vector<std::string> words) {
  words.insert(words.begin(), program_);
  return account_.run(words);
}

Ending Mac::run_under(const std::string& policy, const std::string& script) {
  return run({compile(policy), "sh", "-c", script});
}

int Mac::files_of_runs() const {
  return count_if(account_.home() + "/.cache/srt/runs",
                  [](const fs::directory_entry& entry) { return entry.is_directory(); });
}

int Mac::private_directories() const {
  return count_if(account_ / "tmp", [](const fs::directory_entry& entry) {
    return entry.path().filename().string().starts_with("srt-tmp-");
  });
}

}  // namespace srt::live
