// The built-in modules.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "compiler/frontend/language/modules.h"
#include "tests/unit/compiler/frontend/language/compile.h"

namespace srt::language {
namespace {

TEST_CASE("every module says what it is for and gives a reason for each rule") {
  REQUIRE(module_names() ==
          std::vector<std::string_view>{"std.base", "std.browser", "std.git", "std.go-tls",
                                        "std.jvm", "std.node", "std.protect", "std.protect.strict",
                                        "std.python", "std.rust", "std.secrets", "std.self",
                                        "std.ssh-agent", "std.world"});
  for (const std::string_view name : module_names()) {
    CAPTURE(name);
    CHECK(module_text(name).starts_with("# " + std::string(name) + ": "));
    const Compiled compiled("use " + std::string(name));
    CHECK(compiled.messages() == "");
    CHECK(!compiled.policy.rules.empty());
    for (const ir::Rule& rule : compiled.policy.rules) {
      CAPTURE(rule.text);
      CHECK(!rule.because.empty());
    }
  }
}

TEST_CASE("a name that is no module has no text") { CHECK(module_text("std.nothing") == ""); }

TEST_CASE("C6, C22: std.protect holds everywhere, for what exists") {
  const Compiled compiled("use std.protect");
  for (const char* path : {"/**/.gitconfig", "/**/.gitmodules", "/**/.bashrc", "/**/.bash_profile",
                           "/**/.zshrc", "/**/.zprofile", "/**/.profile", "/**/.ripgreprc",
                           "/**/.mcp.json", "/**/.vscode", "/**/.idea", "/**/.claude/commands",
                           "/**/.claude/agents", "/**/.git/hooks", "/**/.git/config"}) {
    CAPTURE(path);
    const std::string text = "deny write " + std::string(path) + " existing";
    const auto rules = compiled.rules();
    CHECK(std::find(rules.begin(), rules.end(), text) != rules.end());
  }
}

TEST_CASE("std.base opens no home directory and no private keys of the machine") {
  const Compiled compiled("default read deny\nuse std.base");
  for (const ir::Rule& rule : compiled.policy.rules) {
    CAPTURE(rule.text);
    CHECK(rule.operation == ir::Operation::read);
    CHECK(!rule.paths().pattern.anchor);
    CHECK(rule.text != "allow read /");
    CHECK(rule.text.find("/home/") == std::string::npos);
  }
}

}  // namespace
}  // namespace srt::language
