#include "compiler/backend/target.h"

#include <doctest/doctest.h>

#include "compiler/backend/syscalls.h"
#include "compiler/frontend/front_end.h"

namespace srt {
namespace {

using Verdict = Fidelity::Verdict;

struct Read {
  explicit Read(const std::string& text) {
    file = sources.add("p.srt", text);
    policy = language::read_policy(sources, file, diagnostics);
    REQUIRE_FALSE(diagnostics.has_errors());
  }

  // The verdicts on all rules, in order.
  std::vector<Verdict> verdicts(Target target) const {
    std::vector<Verdict> all;
    for (const ir::Rule& rule : policy.rules) {
      const Fidelity found = fidelity(policy, rule, target);
      CHECK(found.reason.empty() == (found.verdict == Verdict::exact));
      all.push_back(found.verdict);
    }
    return all;
  }

  SourceSet sources;
  FileId file = 0;
  Diagnostics diagnostics;
  ir::Policy policy;
};

std::vector<Verdict> on_linux(const std::string& text) {
  return Read(text).verdicts(Target::linux);
}

TEST_CASE("on Linux a deny is exact, but for names to come that cannot be guarded") {
  const std::string nested = "option nested = weaker\n";
  const std::string uring = "allow syscall io_uring_setup\n";
  for (const char* text : {"allow write /a\ndeny read /a/b", "allow write /a\ndeny read /**/x",
                           "default write allow\ndeny read /b",
                           // The home can be in the working directory.
                           "allow write .\ndeny read ~/.ssh"}) {
    CAPTURE(text);
    CHECK(on_linux(text).back() == Verdict::exact);
    CHECK(on_linux(nested + text).back() == Verdict::at_launch);
    CHECK(on_linux(uring + text).back() == Verdict::at_launch);
    CHECK(on_linux(uring + "deny syscall io_uring_setup\n" + text).back() == Verdict::exact);
  }
  for (const char* text : {"deny read /etc/shadow", "allow write /a\ndeny read /b/**/x",
                           "allow write /a\ndeny write /a/b existing"}) {
    CAPTURE(text);
    CHECK(on_linux(nested + text).back() == Verdict::exact);
  }
}

TEST_CASE("on Linux a grant by wildcard is tighter, where it is no default anyway") {
  CHECK(on_linux("allow write /a/*.log") == std::vector{Verdict::tighter});
  CHECK(on_linux("allow write /a") == std::vector{Verdict::exact});
  CHECK(on_linux("allow read /a/*.log") == std::vector{Verdict::exact});
  CHECK(on_linux("default read deny\nallow read /a/*.log") == std::vector{Verdict::tighter});
  CHECK(on_linux("allow connect *:443\ndeny connect *.test") ==
        std::vector{Verdict::exact, Verdict::exact});
}

TEST_CASE("on macOS only what is limited to existing names is not exact") {
  const Read read("allow write /a/*.log\ndeny write /a/b existing\ndeny read /a/**/x");
  CHECK(read.verdicts(Target::macos) ==
        std::vector{Verdict::exact, Verdict::tighter, Verdict::exact});
}

TEST_CASE("each tighter rule is a warning, all that hold at launch are one note") {
  Read read("option nested = weaker\nallow write /a, /b/*.log\ndeny read /a/x\ndeny read /a/y\n");
  report_fidelity(read.policy, read.sources, read.diagnostics);
  CHECK(read.diagnostics.count(Severity::warning) == 1);
  CHECK(read.diagnostics.count(Severity::note) == 1);
  const std::string text = render(read.diagnostics, read.sources);
  CHECK(text.find("`allow write /b/*.log` can only be tighter than written") != std::string::npos);
  CHECK(text.find("`deny read /a/x` and 1 more") != std::string::npos);
}

TEST_CASE("that a used module does not cover later names is reported") {
  Read read("option nested = weaker\nallow write .\nuse std.protect.strict\n");
  report_fidelity(read.policy, read.sources, read.diagnostics);
  REQUIRE(read.diagnostics.count(Severity::note) == 1);
  CHECK(render(read.diagnostics, read.sources).find("[at-launch-on-linux]") != std::string::npos);
}

TEST_CASE("that rules of built-in modules are tighter, and they alone, is not reported") {
  Read read("allow write /b/*.log\nuse std.protect\n");
  report_fidelity(read.policy, read.sources, read.diagnostics);
  CHECK(read.diagnostics.all().size() == 1);
  for (ir::Rule& rule : read.policy.rules) rule.built_in = true;
  Diagnostics none;
  report_fidelity(read.policy, read.sources, none);
  CHECK(none.all().empty());
}

ir::Policy with(std::vector<std::pair<std::string, ir::Subject>> rules) {
  ir::Policy policy;
  for (auto& [start, subject] : rules) {
    const std::size_t space = start.find(' ');
    ir::Rule rule{start.substr(0, space) == "allow" ? Effect::allow : Effect::deny,
                  *operation_named(start.substr(space + 1)),
                  std::move(subject),
                  false,
                  false,
                  {},
                  {},
                  {}};
    rule.text = spell(policy, rule);
    policy.rules.push_back(std::move(rule));
  }
  return policy;
}

ir::Subject names(const char* text) { return *NamePattern::parse(text); }

ir::Subject tree(const char* path) {
  return glob::PathSet{{std::nullopt, {{glob::Atom::Kind::literal, path}}, true}, {}, {}};
}

std::vector<Verdict> verdicts_on(const ir::Policy& policy, Target target) {
  std::vector<Verdict> all;
  for (const ir::Rule& rule : policy.rules) {
    all.push_back(fidelity(policy, rule, target).verdict);
  }
  return all;
}

std::vector<Diag> checked(const ir::Policy& policy, Targets targets) {
  Diagnostics diagnostics;
  check_enforceable(policy, targets, diagnostics);
  std::vector<Diag> out;
  for (const Diagnostic& diagnostic : diagnostics.all()) out.push_back(diagnostic.diag);
  return out;
}

TEST_CASE("on Linux unix sockets are granted all or none") {
  const auto by_path = with({{"allow unix", tree("/a")}, {"deny unix", tree("/b")}});
  CHECK(verdicts_on(by_path, Target::linux) == std::vector{Verdict::tighter, Verdict::exact});
  CHECK_FALSE(filter_options(by_path).allow_unix_sockets);
  const auto all = with({{"deny unix", tree("/b")}, {"allow unix", names("*")}});
  CHECK(verdicts_on(all, Target::linux) == std::vector{Verdict::exact, Verdict::exact});
  CHECK(filter_options(all).allow_unix_sockets);
  CHECK(checked(all, {.linux = true}) == std::vector{Diag::opened_on_linux});
  CHECK(checked(all, {.macos = true}).empty());
  const auto but = with({{"allow unix", names("*")}, {"deny unix", tree("/b")}});
  CHECK(verdicts_on(but, Target::linux) == std::vector{Verdict::tighter, Verdict::exact});
  CHECK_FALSE(filter_options(but).allow_unix_sockets);
  CHECK(checked(but, {.linux = true}).empty());
  const auto abstract = with({{"allow unix", names("*")}, {"deny unix", names("@x")}});
  CHECK(filter_options(abstract).allow_unix_sockets);
}

TEST_CASE("the last rule about a system call decides, groups and patterns included") {
  const auto policy = with({{"deny syscall", names("@network-io")},
                            {"allow syscall", names("socket*")},
                            {"allow syscall", names("@debug")},
                            {"deny syscall", names("ptrace")}});
  const seccomp::FilterOptions options = filter_options(policy);
  CHECK(options.denied.contains("connect"));
  CHECK(options.denied.contains("ptrace"));
  CHECK_FALSE(options.denied.contains("socketpair"));
  CHECK(options.opened.contains("perf_event_open"));
  CHECK_FALSE(options.opened.contains("ptrace"));
  CHECK(checked(policy, {.linux = true}) == std::vector{Diag::opened_on_linux});
  CHECK(checked(policy, {.macos = true}).empty());
  CHECK(verdicts_on(policy, Target::linux) ==
        std::vector{Verdict::exact, Verdict::exact, Verdict::tighter, Verdict::exact});
}

TEST_CASE("system calls that do not exist, that stay closed, and that every command needs") {
  Diagnostics diagnostics;
  check_syscalls(with({{"deny syscall", names("ptracee")}, {"deny syscall", names("@debgu")}}),
                 diagnostics);
  REQUIRE(diagnostics.count(Severity::error) == 2);
  CHECK(diagnostics.all()[0].help == "did you mean `ptrace`?");
  CHECK(diagnostics.all()[1].help == "did you mean `@debug`?");
  const auto mounts = with({{"allow syscall", names("mount")}});
  CHECK(verdicts_on(mounts, Target::linux) == std::vector{Verdict::tighter});
  CHECK(checked(mounts, {.linux = true}).empty());
  const auto nothing = with({{"deny syscall", names("*")}});
  CHECK(checked(nothing, {.linux = true}) == std::vector{Diag::no_command_starts});
  const auto exec = with({{"deny syscall", names("exec*")}, {"allow syscall", names("execve")}});
  CHECK(checked(exec, {.linux = true}).empty());
}

TEST_CASE("rules of other targets neither open, close nor are reported") {
  auto policy = with({{"allow unix", names("*")}, {"deny syscall", names("nothing")}});
  for (ir::Rule& rule : policy.rules) rule.targets = Targets::only(Target::macos);
  CHECK_FALSE(filter_options(policy).allow_unix_sockets);
  CHECK(checked(policy, {.linux = true}).empty());
}

TEST_CASE("as many ports can be published as a launch listens on") {
  ir::Policy policy = with({{"allow bind", net::PortRange{1, 64}}});
  policy.rules[0].publish = true;
  CHECK(checked(policy, Targets::all()).empty());
  policy.rules[0].subject = net::PortRange{1, 65};
  CHECK(checked(policy, {.linux = true}) == std::vector{Diag::too_many_published});
  CHECK(checked(policy, {.macos = true}).empty());
  policy.rules[0].publish = false;
  CHECK(checked(policy, {.linux = true}).empty());
}

TEST_CASE("options that open something are warned of") {
  ir::Policy policy = with({{"allow bind", net::PortRange{1, 1}}});
  for (const ir::OptionInfo& option : ir::kOptions) {
    CAPTURE(std::string(option.name));
    policy.options = {{option.kind, "", {}}};
    const std::vector<Diag> found = checked(policy, Targets::all());
    if (option.kind == ir::OptionKind::pty) {
      CHECK(found.empty());
    } else if (option.kind == ir::OptionKind::apple_events) {
      CHECK(found == std::vector{Diag::opened_on_macos});
      CHECK(checked(policy, {.linux = true}).empty());
    } else if (option.kind == ir::OptionKind::nested || option.value == ir::OptionValue::port) {
      CHECK(found == std::vector{Diag::opened_on_linux});
      CHECK(checked(policy, {.macos = true}).empty());
    } else {
      CHECK(found.empty());
    }
  }
}

TEST_CASE(
    "on macOS a deny with one `**` follows directories that are moved, with two it is looser") {
  const auto last = [](const std::string& text) {
    return Read(text).verdicts(Target::macos).back();
  };
  CHECK(last("allow write .\ndeny read ./**/x") == Verdict::exact);
  CHECK(last("allow write ., /tmp\ndeny read ./**/x") == Verdict::tighter);
  CHECK(last("allow write ., /tmp\ndeny read /**/x") == Verdict::exact);
  CHECK(last("allow write .\ndeny read ./**/x/**/y") == Verdict::looser);
  CHECK(last("allow write .\ndeny read ./*/x") == Verdict::exact);
  CHECK(last("default write allow\ndeny write ./**/x") == Verdict::tighter);
}

TEST_CASE("what a rule accepts is not reported, and what accepts nothing is") {
  const auto messages = [](const std::string& text) {
    Read read(text);
    check_enforceable(read.policy, Targets::all(), read.diagnostics);
    report_fidelity(read.policy, read.sources, read.diagnostics);
    return render(read.diagnostics, read.sources);
  };
  const std::string grant = "option nested = weaker\nallow write ., /tmp\n";
  CHECK(messages(grant + "deny read ./**/x").find("[at-launch-on-linux]") != std::string::npos);
  CHECK(messages(grant + "deny read ./**/x accept looser because \"y\"").find("launch") ==
        std::string::npos);
  // Older kernels cannot guard names.
  CHECK(messages("allow write .\ndeny read ./x accept looser on linux because \"y\"").empty());
  CHECK(messages(grant + "deny read ./**/x accept looser on macos because \"y\"")
            .find("[at-launch-on-linux]") != std::string::npos);
  CHECK(messages("deny read /x accept looser because \"y\"").find("[nothing-accepted]") !=
        std::string::npos);
  CHECK(messages("allow write .\ndeny read ./x accept looser on macos because \"y\"")
            .find("[nothing-accepted]") != std::string::npos);
}

}  // namespace
}  // namespace srt
