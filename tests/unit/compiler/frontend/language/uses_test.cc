// Files that use each other.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "compiler/frontend/front_end.h"
#include "compiler/frontend/limits.h"
#include "tests/support/temp_tree.h"

namespace srt::language {
namespace {

struct Read {
  SourceSet sources;
  Diagnostics diagnostics;
  ir::Policy policy;

  Read(const std::string& path, const std::string& text, std::string root = {}) {
    const FileId file = sources.add(path, text);
    policy = language::read_policy(sources, file, diagnostics, ReadOptions{std::move(root)});
  }

  std::vector<std::string> rules() const {
    std::vector<std::string> texts;
    for (const ir::Rule& rule : policy.rules) texts.push_back(rule.text);
    return texts;
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (const Diagnostic& d : diagnostics.all()) out.push_back(kind(d.diag).id);
    return out;
  }
};

using Texts = std::vector<std::string>;

TEST_CASE("a file's rules stand where it is used, found beside the file that uses it") {
  const test::TempTree files;
  files.file("sub/team.srt", "policy \"team\"\nuse ../base.srt\ndeny read /team");
  files.file("base.srt", "deny read /base");
  const Read read(files / "main.srt",
                  "policy \"main\"\nuse \"./sub/team.srt\"\nuse base.srt\ndeny read /main");
  CHECK(read.ids() == Texts{});
  CHECK(read.policy.name == "main");
  CHECK(read.rules() ==
        Texts{"deny read /base", "deny read /team", "deny read /base", "deny read /main"});
}

TEST_CASE("files that use each other in a circle are refused, through links too") {
  const test::TempTree files;
  files.file("main.srt", "use ./a.srt");
  files.file("a.srt", "use ./b.srt\ndeny read /a");
  files.link("b.srt", "main.srt");
  const Read read(files / "main.srt", "use ./a.srt");
  CHECK(read.ids() == Texts{"use-cycle"});
}

TEST_CASE("nothing outside the root can be used, by `..`, an absolute path or a link") {
  const test::TempTree files;
  files.file("out.srt", "deny read /out");
  files.file("root/in.srt", "deny read /in");
  files.file("root2/in.srt", "deny read /in");
  files.link("root/link.srt", "../out.srt");
  for (const std::string& use : {std::string("../out.srt"), files / "out.srt",
                                 std::string("./link.srt"), std::string("../root2/in.srt")}) {
    CAPTURE(use);
    const Read read(files / "root/main.srt", "use " + use, files / "root");
    CHECK(read.ids() == Texts{"use-outside-root"});
    CHECK(read.rules() == Texts{});
  }
  const Read inside(files / "root/main.srt", "use in.srt", files / "root");
  CHECK(inside.ids() == Texts{});
  const Read nowhere(files / "root/main.srt", "use in.srt", files / "nowhere");
  CHECK(nowhere.ids() == Texts{"use-outside-root"});
}

TEST_CASE("files can use each other as deep as the limit, and no deeper") {
  const test::TempTree files;
  for (std::size_t i = 1; i <= kMaxUseDepth + 1; ++i) {
    files.file(fmt::format("{}.srt", i), fmt::format("use {}.srt\ndeny read /{}", i + 1, i));
  }
  const Read deep(files / "main.srt", "use 1.srt");
  CHECK(deep.ids() == Texts{"use-too-deep"});
  files.file(fmt::format("{}.srt", kMaxUseDepth), "deny read /last");
  const Read most(files / "main.srt", "use 1.srt");
  CHECK(most.ids() == Texts{});
  CHECK(most.policy.rules.size() == kMaxUseDepth);
}

TEST_CASE("as many uses as there may be are read, one more is not") {
  std::string most;
  const test::TempTree files;
  files.file("a.srt", "deny read /a");
  for (std::size_t i = 0; i < kMaxUses; ++i) most += "use a.srt\n";
  const Read all(files / "main.srt", most);
  CHECK(all.ids() == Texts{});
  CHECK(all.policy.rules.size() == kMaxUses);
  const Read more(files / "main.srt", most + "use a.srt\nuse a.srt");
  CHECK(more.ids() == Texts{"too-many-uses"});
}

TEST_CASE("a used file sets no defaults and declares no parameter otherwise") {
  const test::TempTree files;
  files.file("default.srt", "default read deny");
  files.file("param.srt", "param a = /y\ndeny read ${a}");
  files.file("same.srt", "param a\ndeny read ${a}/b");
  files.file("empty.srt", "# nothing");
  CHECK(Read(files / "m.srt", "use default.srt").ids() == Texts{"default-in-module"});
  CHECK(Read(files / "m.srt", "param a = /x\ndeny read ${a}\nuse param.srt").ids() ==
        Texts{"param-conflict"});
  CHECK(Read(files / "m.srt", "param a = /x\ndeny read ${a}\nuse same.srt").ids() == Texts{});
  CHECK(Read(files / "m.srt", "use empty.srt").ids() == Texts{"empty-policy"});
}

}  // namespace
}  // namespace srt::language
