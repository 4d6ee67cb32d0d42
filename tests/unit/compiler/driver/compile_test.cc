#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/driver/commands.h"
#include "compiler/driver/exit_status.h"
#include "runtime/bundle/bundle.h"
#include "tests/support/captured.h"
#include "tests/support/small_disk.h"
#include "tests/support/temp_tree.h"

namespace srt::driver {
namespace {

// What a command prints and how it ends.
struct Outcome {
  int status = -1;
  std::string out;
  std::string err;
};

template <typename C>
Outcome run(const C& command) {
  const test::Captured out(STDOUT_FILENO);
  const test::Captured err(STDERR_FILENO);
  const int status = run_command(command);
  return {status, out.text(), err.text()};
}

// A policy, and a directory for what is made of it.
class Outputs {
 public:
  explicit Outputs(const std::string& policy = "allow connect example.com:443\n") {
    policies_.file("p.srt", policy);
    tree.directory("out");
  }

  CompileCommand command(const std::vector<std::string>& names) const {
    CompileCommand command;
    command.policy = policies_ / "p.srt";
    for (const std::string& name : names) command.outputs.push_back(at(name));
    return command;
  }
  Outcome compile(const std::vector<std::string>& names) const { return run(command(names)); }

  std::string at(const std::string& name) const {
    return name.starts_with('/') ? name : tree / "out/" + name;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(tree / "out")) {
      out.push_back(entry.path().filename());
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  std::string content(const std::string& name) const { return tree.content("out/" + name); }

  test::TempTree tree;

 private:
  test::TempTree policies_;
};

using Names = std::vector<std::string>;

TEST_CASE("each output is what its name says, and nothing else is left") {
  const Outputs outputs;
  const Outcome outcome = outputs.compile({"a.srtb", "a.sb", "a.bpf"});
  CHECK(outcome.status == kDone);
  CHECK(outcome.out.empty());
  CHECK(outputs.names() == Names{"a.bpf", "a.sb", "a.srtb"});
  CHECK(read_bundle(outputs.content("a.srtb")));
  CHECK(outputs.content("a.sb").find("(version 1)") != std::string::npos);
  CHECK(outputs.content("a.bpf").size() % 8 == 0);
  CHECK_FALSE(outputs.content("a.bpf").empty());

  CompileCommand again = outputs.command({"b.bpf"});
  again.arch = "aarch64";
  CHECK(run(again).status == kDone);
  CHECK(outputs.content("b.bpf") != outputs.content("a.bpf"));
}

TEST_CASE("a name that does not tell what to make is wrong usage, and nothing is made") {
  const Outputs outputs;
  for (const char* name : {"/dev/stdout", "a", "a.json", "-"}) {
    CAPTURE(name);
    CompileCommand command = outputs.command({"first.srtb"});
    command.outputs.emplace_back(name);
    const Outcome outcome = run(command);
    CHECK(outcome.status == kUsage);
    CHECK(outcome.err == std::string("srtc: the name of `") + name +
                             "` does not tell what to make; end it in .sb, .srtb or .bpf\n");
    CHECK(outputs.names().empty());
  }
}

TEST_CASE("a policy with errors leaves outputs as they are") {
  const Outputs outputs("alow read /x\n");
  outputs.tree.file("out/old.srtb", "old");
  CHECK(outputs.compile({"old.srtb", "new.sb"}).status == kNo);
  CHECK(outputs.names() == Names{"old.srtb"});
  CHECK(outputs.content("old.srtb") == "old");
}

TEST_CASE("a warning that is denied leaves outputs as they are") {
  const Outputs outputs("allow write /srv/*.log\n");
  CompileCommand command = outputs.command({"new.srtb"});
  CHECK(run(command).status == kDone);
  outputs.tree.file("out/new.srtb", "old");
  command.deny_warnings = true;
  CHECK(run(command).status == kNo);
  CHECK(outputs.content("new.srtb") == "old");
}

TEST_CASE("an architecture without a program is wrong usage, and nothing is made") {
  const Outputs outputs;
  CompileCommand command = outputs.command({"a.srtb", "a.bpf"});
  command.arch = "mips";
  CHECK(run(command).status == kUsage);
  CHECK(outputs.names().empty());
}

TEST_CASE("where one of several outputs cannot be written none is") {
  const Outputs outputs;
  outputs.tree.file("out/old.srtb", "old");
  outputs.tree.directory("out/dir.sb");
  outputs.tree.link("out/full.sb", "/dev/full");
  outputs.tree.link("out/loop.sb", "loop.sb");
  const Names before = outputs.names();
  for (const char* bad : {"none/a.sb", "old.srtb/a.sb", "dir.sb", "full.sb", "loop.sb"}) {
    for (const Names& names : {Names{"old.srtb", "new.bpf", bad}, {bad, "new.bpf", "old.srtb"}}) {
      CAPTURE(names[0]);
      CAPTURE(bad);
      const Outcome outcome = outputs.compile(names);
      CHECK(outcome.status == kFile);
      CHECK(outcome.err.starts_with("srtc: cannot write `" + outputs.at(bad) + "`: "));
      CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
      CHECK(outputs.names() == before);
      CHECK(outputs.content("old.srtb") == "old");
    }
  }
}

TEST_CASE("a directory that cannot be written leaves its files as they are") {
  const Outputs outputs;
  outputs.tree.file("out/old.srtb", "old");
  const bool is_root = geteuid() == 0;
  // Root writes to every directory.
  if (is_root) REQUIRE(seteuid(65534) == 0);
  if (!is_root) REQUIRE(chmod((outputs.tree / "out").c_str(), 0555) == 0);
  const Outcome outcome = outputs.compile({"old.srtb"});
  if (is_root) REQUIRE(seteuid(0) == 0);
  if (!is_root) REQUIRE(chmod((outputs.tree / "out").c_str(), 0755) == 0);
  CHECK(outcome.status == kFile);
  CHECK(outcome.err == "srtc: cannot write `" + outputs.at("old.srtb") + "`: Permission denied\n");
  CHECK(outputs.names() == Names{"old.srtb"});
  CHECK(outputs.content("old.srtb") == "old");
}

TEST_CASE("a disk that gets full leaves its files as they are") {
  const Outputs outputs;
  const auto full = test::on_small_disk(outputs.tree / "out", 1 << 14, [&] {
    outputs.tree.file("out/old.srtb", "old");
    const Outcome outcome = outputs.compile({"new.bpf", "old.srtb", "new.sb"});
    return outcome.status == kFile && outcome.err.ends_with(": No space left on device\n") &&
           outputs.names() == Names{"old.srtb"} && outputs.content("old.srtb") == "old";
  });
  if (!full) {
    MESSAGE("skipped: no file system can be mounted here");
    return;
  }
  CHECK(*full);
}

TEST_CASE("an output that is there keeps its mode, and a link stays a link") {
  const Outputs outputs;
  outputs.tree.file("out/old.srtb", "old");
  REQUIRE(chmod(outputs.at("old.srtb").c_str(), 0600) == 0);
  outputs.tree.link("out/link.srtb", "old.srtb");
  outputs.tree.link("out/new.srtb", "made.srtb");
  CHECK(outputs.compile({"link.srtb", "new.srtb"}).status == kDone);
  CHECK(outputs.names() == Names{"link.srtb", "made.srtb", "new.srtb", "old.srtb"});
  CHECK(std::filesystem::is_symlink(outputs.at("link.srtb")));
  CHECK(std::filesystem::is_symlink(outputs.at("new.srtb")));
  CHECK(read_bundle(outputs.content("old.srtb")));
  CHECK(read_bundle(outputs.content("made.srtb")));
  struct stat info = {};
  REQUIRE(stat(outputs.at("old.srtb").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
}

TEST_CASE("what is printed is the whole text, or an error of writing") {
  const Outputs outputs;
  CompileCommand command = outputs.command({});
  command.emit = "ir";
  const Outcome printed = run(command);
  CHECK(printed.status == kDone);
  CHECK(printed.out.find("allow connect example.com:443") != std::string::npos);

  const int before = dup(STDOUT_FILENO);
  std::fflush(stdout);
  REQUIRE(freopen("/dev/full", "w", stdout) != nullptr);
  const test::Captured err(STDERR_FILENO);
  const int status = run_command(command);
  dup2(before, STDOUT_FILENO);
  close(before);
  clearerr(stdout);
  CHECK(status == kFile);
  CHECK(err.text() == "srtc: cannot write to standard output: No space left on device\n");
}

TEST_CASE("several policies are formatted together or not at all") {
  const test::TempTree tree;
  const std::string untidy = tree.file("a.srt", "allow   read /a\n");
  tree.file("target.srt", "allow   read /b\n");
  const std::string link = tree.link("b.srt", "target.srt");
  REQUIRE(chmod(untidy.c_str(), 0600) == 0);

  FmtCommand command;
  command.policies = {untidy, tree.file("wrong.srt", "alow read /c\n")};
  CHECK(run(command).status != kDone);
  CHECK(tree.content("a.srt") == "allow   read /a\n");

  command.policies = {untidy, link};
  CHECK(run(command).status == kDone);
  CHECK(tree.content("a.srt") != "allow   read /a\n");
  CHECK(tree.content("target.srt") != "allow   read /b\n");
  CHECK(std::filesystem::is_symlink(link));
  struct stat info = {};
  REQUIRE(stat(untidy.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
}

}  // namespace
}  // namespace srt::driver
