#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace srt::test {

/// A new directory beneath /tmp that is gone, with all that is in it, when the object is. Paths are
/// relative to it; directories on the way are made.
class TempTree {
 public:
  TempTree() {
    std::string name = "/tmp/srt-test-XXXXXX";
    root_ = mkdtemp(name.data());
    // Other users too are to get in.
    chmod(root_.c_str(), 0755);
  }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;
  ~TempTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  const std::string& root() const { return root_; }
  std::string operator/(const std::string& path) const { return root_ + '/' + path; }

  std::string directory(const std::string& path) const {
    std::filesystem::create_directories(*this / path);
    return *this / path;
  }
  std::string file(const std::string& path, const std::string& content = "content") const {
    std::filesystem::create_directories(std::filesystem::path(*this / path).parent_path());
    std::ofstream(*this / path, std::ios::binary) << content;
    return *this / path;
  }
  std::string link(const std::string& path, const std::string& to) const {
    std::filesystem::create_directories(std::filesystem::path(*this / path).parent_path());
    std::filesystem::create_symlink(to, *this / path);
    return *this / path;
  }
  std::string content(const std::string& path) const {
    std::ifstream in(*this / path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::string root_;
};

}  // namespace srt::test
