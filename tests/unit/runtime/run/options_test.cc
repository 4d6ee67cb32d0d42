#include "runtime/run/options.h"

#include <doctest/doctest.h>

namespace srt {
namespace {

using Words = std::vector<std::string>;

std::string error(const Words& arguments) {
  const Result<Options> options = parse_options(arguments);
  REQUIRE_FALSE(options);
  CHECK_FALSE(options.error().help.empty());
  return options.error().message;
}

TEST_CASE("options come before the bundle, all behind it is the command's") {
  const Options options =
      parse_options({"--verbose", "--report", "r.jsonl", "p.srtb", "ls", "--dry-run", "--", "-l"})
          .value();
  CHECK(options.action == Options::Action::run);
  CHECK(options.verbose);
  CHECK(options.report == "r.jsonl");
  CHECK(options.bundle == "p.srtb");
  CHECK(options.command == Words{"ls", "--dry-run", "--", "-l"});
}

TEST_CASE("`--` ends the options, and may stand before the command") {
  const Options before = parse_options({"--", "--odd-name", "ls"}).value();
  CHECK(before.bundle == "--odd-name");
  CHECK(before.command == Words{"ls"});
  CHECK(parse_options({"p.srtb", "--", "ls"})->command == Words{"ls"});
  CHECK(parse_options({"p.srtb", "--", "--", "ls"})->command == Words{"--", "ls"});
  CHECK(parse_options({"-", "ls"})->bundle == "-");
}

TEST_CASE("arguments of options stand behind them or behind `=`") {
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  const Options options =
      parse_options({"--param", "a=1", "--param=b=x=y", "--param", "c=", "--report=f", "p", "c"})
          .value();
  CHECK(options.parameters == Parameters{{"a", "1"}, {"b", "x=y"}, {"c", ""}});
  CHECK(options.report == "f");
}

TEST_CASE("help and version need nothing else") {
  CHECK(parse_options({"--help"})->action == Options::Action::help);
  CHECK(parse_options({"--version"})->action == Options::Action::version);
  CHECK(parse_options({"--dry-run", "p", "c"})->action == Options::Action::dry_run);
  CHECK(parse_options({"--selftest", "p"})->action == Options::Action::self_test);
}

TEST_CASE("what is wrong is said with the option's name") {
  CHECK(error({}) == "no bundle is given");
  CHECK(error({"--"}) == "no bundle is given");
  CHECK(error({"p.srtb"}) == "no command is given");
  CHECK(error({"p.srtb", "--"}) == "no command is given");
  CHECK(error({"--selftest"}) == "no bundle is given");
  CHECK(error({"--selftest", "p", "c"}) == "`--selftest` takes no command, as `c`");
  CHECK(error({"--none", "p", "c"}) == "unknown option `--none`");
  CHECK(error({"--none=1", "p", "c"}) == "unknown option `--none`");
  CHECK(error({"-v", "p", "c"}) == "unknown option `-v`");
  CHECK(error({"--verbose=yes", "p", "c"}) == "option `--verbose` takes no argument");
  CHECK(error({"--report"}) == "option `--report` needs an argument");
  CHECK(error({"--report", "", "p", "c"}) == "option `--report` needs an argument");
  CHECK(error({"--report=", "p", "c"}) == "option `--report` needs an argument");
  CHECK(error({"--param", "a", "p", "c"}) == "`--param a` has no value");
  CHECK(error({"--control-fd", "2", "p", "c"}) ==
        "`2` is no descriptor that `--control-fd` can read");
  CHECK(error({"--param", "a=1", "--param", "a=2", "p", "c"}) ==
        "the parameter `a` is given more than once");
}

TEST_CASE("--connect takes a target and nothing else") {
  const Result<Options> options = parse_options({"--connect", "a.b:22"});
  REQUIRE(options);
  CHECK(options->action == Options::Action::connect);
  CHECK(options->target == "a.b:22");
  CHECK(error({"--connect"}) == "option `--connect` needs an argument");
  CHECK(error({"--connect", "a.b:22", "c"}) == "`--connect` takes no command, as `c`");
}

TEST_CASE("the help names every option") {
  for (const char* name : {"--param NAME=VALUE", "--report FILE", "--verbose", "--dry-run",
                           "--doctor", "--connect HOST:PORT", "--help", "--version"}) {
    CHECK(usage().find(name) != std::string::npos);
  }
}

}  // namespace
}  // namespace srt
