#include "runtime/bundle/parameters.h"

#include <doctest/doctest.h>

#include <map>

namespace srt {
namespace {

using Piece = Template::Piece;
using Source = Parameter::Source;
using Type = Parameter::Type;

Piece literal(std::string text) { return {Piece::Kind::literal, std::move(text), 0}; }
Piece parameter(ParameterId id) { return {Piece::Kind::parameter, {}, id}; }
Piece parent() { return {Piece::Kind::parent, {}, 0}; }

struct Caller {
  Caller() {
    input.working_directory = "/work";
    input.variable = [this](std::string_view name) -> std::optional<std::string> {
      const auto found = variables.find(std::string(name));
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    input.passwd_home = "/home/user";
    input.passwd_name = "user";
    input.real = [](const std::string& path) -> Result<std::string> { return path; };
  }

  std::string value(const Parameter& parameter) const {
    return resolve_parameters({parameter}, input).value()[0];
  }
  std::string error(const Parameter& parameter) const {
    const Result<ParameterValues> values = resolve_parameters({parameter}, input);
    REQUIRE_FALSE(values);
    return values.error().message + "; " + values.error().help;
  }

  std::map<std::string, std::string> variables;
  ParameterInput input;
};

const Parameter kCwd{"cwd", Source::working_directory, Type::path, {}};
const Parameter kHome{"home", Source::home, Type::path, {}};
const Parameter kUser{"user", Source::user, Type::text, {}};
const Parameter kEnv{"env.DIR", Source::environment, Type::path, {}};
const Parameter kDeclared{"data", Source::declared, Type::path, {}};

TEST_CASE("templates expand to paths without a `/` at their end") {
  const ParameterValues values = {"/a/b", "", "name"};
  const auto expanded = [&](std::vector<Piece> pieces) {
    return expand(Template{std::move(pieces)}, values);
  };
  CHECK(expanded({parameter(0)}) == "/a/b");
  CHECK(expanded({parameter(0), literal("/c")}) == "/a/b/c");
  CHECK(expanded({parameter(0), parent()}) == "/a");
  CHECK(expanded({parameter(0), parent(), literal("/lib")}) == "/a/lib");
  CHECK(expanded({parameter(0), parent(), parent(), parent()}).empty());
  CHECK(expanded({parameter(1), literal("/c")}) == "/c");
  CHECK(expanded({literal("/")}).empty());
  CHECK(expanded({literal("/home/"), parameter(2)}) == "/home/name");
}

TEST_CASE("values come from where the parameter says") {
  Caller caller;
  CHECK(caller.value(kCwd) == "/work");
  CHECK(caller.value(kHome) == "/home/user");
  CHECK(caller.value(kUser) == "user");
  CHECK(caller.value({"tmp", Source::tmp, Type::path, {}}) == kNowhere);
  caller.variables = {{"HOME", "/elsewhere"}, {"DIR", "/dir"}};
  CHECK(caller.value(kHome) == "/elsewhere");
  CHECK(caller.value(kEnv) == "/dir");
  caller.variables["HOME"] = "";  // empty is as good as unset
  CHECK(caller.value(kHome) == "/home/user");
}

TEST_CASE("a path is folded like the text of a pattern, so that a deny of it holds") {
  Caller caller;
  const auto value = [&](const std::string& given) {
    caller.input.overrides = {{"data", given}};
    return caller.value(kDeclared);
  };
  CHECK(value("/a/secret/") == "/a/secret");
  CHECK(value("/a/secret/.") == "/a/secret");
  CHECK(value("//a/./secret//") == "/a/secret");
  CHECK(value("//").empty());
  CHECK(value("/.").empty());
  caller.input.overrides = {{"data", "/missing/../a"}};
  CHECK(caller.error(kDeclared).find("before `..` is missing") != std::string::npos);
  caller.input.overrides = {};
  caller.variables = {{"DIR", "//"}, {"HOME", "//"}};
  CHECK(caller.value(kEnv).empty());
  CHECK(caller.value(kHome).empty());
}

TEST_CASE("where srt's own files lie is nobody's to say") {
  Caller caller;
  const Parameter cache{"srt.cache", Source::cache, Type::path, {}};
  caller.input.cache = "/cache";
  CHECK(caller.value(cache) == "/cache");
  caller.input.overrides = {{"srt.cache", "/elsewhere"}};
  CHECK(caller.error(cache).starts_with("the parameter `srt.cache` is srt's own"));
}

TEST_CASE("a host comes in its canonical form, a port is a number") {
  Caller caller;
  const Parameter host{"host", Source::declared, Type::host, {}};
  const Parameter port{"port", Source::declared, Type::port, {}};
  const auto value = [&](const Parameter& parameter, const std::string& given) {
    caller.input.overrides = {{parameter.name, given}};
    return caller.value(parameter);
  };
  CHECK(value(host, "Example.COM.") == "example.com");
  CHECK(value(host, "127.1") == "127.0.0.1");
  CHECK(value(host, "2001:DB8::1") == "[2001:db8::1]");
  CHECK(value(host, "[::ffff:10.0.0.1]") == "10.0.0.1");
  CHECK(value(port, "65535") == "65535");
  const auto error = [&](const Parameter& parameter, const std::string& given) {
    caller.input.overrides = {{parameter.name, given}};
    return caller.error(parameter);
  };
  for (const char* bad : {"*", "*.example.com", "a b", "example.com:443", "10.0.0.0/8", "a..b"}) {
    CAPTURE(bad);
    CHECK(error(host, bad).starts_with("parameter `host` is no host: "));
  }
  for (const char* bad : {"0", "65536", "80-90", "*", "http", "+1", "1 "}) {
    CAPTURE(bad);
    CHECK(error(port, bad).find("which is no port from 1 to 65535") != std::string::npos);
  }
}

TEST_CASE("the root directory is the empty path") {
  Caller caller;
  caller.input.working_directory = "/";
  CHECK(caller.value(kCwd).empty());
}

TEST_CASE("an override wins, the last of several") {
  Caller caller;
  caller.input.overrides = {{"cwd", "/one"}, {"cwd", "/two=2"}};
  CHECK(caller.value(kCwd) == "/two=2");
}

TEST_CASE("defaults refer to what is declared before") {
  const Caller caller;
  Parameter declared = kDeclared;
  declared.fallback = Template{{parameter(0), literal("/data")}};
  const auto values = resolve_parameters({kCwd, declared}, caller.input);
  CHECK(values.value()[1] == "/work/data");
  declared.fallback = Template{{literal("/")}};
  CHECK(resolve_parameters({kCwd, declared}, caller.input).value()[1].empty());
}

TEST_CASE("a path is made canonical, what fails there is told") {
  Caller caller;
  caller.input.real = [](const std::string& path) -> Result<std::string> {
    if (path == "/bad") return Error{"it is gone"};
    return "/real" + path;
  };
  CHECK(caller.value(kCwd) == "/real/work");
  caller.input.working_directory = "/bad";
  CHECK(caller.error(kCwd).starts_with("parameter `cwd` is `/bad`: it is gone"));
}

TEST_CASE("values that are none stop the launch and say how to give one") {
  Caller caller;
  CHECK(caller.error(kDeclared) == "parameter `data` is not set; give it with `--param data=…`");
  CHECK(caller.error(kEnv) ==
        "parameter `env.DIR` is not set; set the variable `DIR`, or give it with "
        "`--param env.DIR=…`");
  caller.variables["DIR"] = "";
  CHECK(caller.error(kEnv).starts_with("parameter `env.DIR` is empty"));
  caller.variables["DIR"] = "relative/dir";
  CHECK(caller.error(kEnv).starts_with("parameter `env.DIR` is the relative path `relative/dir`"));
  caller.variables["DIR"] = std::string("/a\0b", 4);
  CHECK(caller.error(kEnv).starts_with("parameter `env.DIR` holds a NUL byte"));
  caller.input.passwd_home.reset();
  CHECK(caller.error(kHome).find("set `HOME`") != std::string::npos);
  for (const char* name : {"a/b", ".", "..", "/"}) {
    caller.input.passwd_name = name;
    CHECK(caller.error(kUser).find("not the name of one file") != std::string::npos);
  }
}

TEST_CASE("an override of a name that the policy does not have is an error") {
  Caller caller;
  caller.input.overrides = {{"dat", "/x"}};
  CHECK(caller.error(kCwd) == "the policy has no parameter `dat`; it has `cwd`");
  caller.input.overrides = {{"home", "/x"}, {"tmp", "/x"}, {"user", "u"}};
  CHECK(caller.value(kCwd) == "/work");  // what every policy could use may be given to any
}

}  // namespace
}  // namespace srt
