#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/live/run/account.h"

namespace srt::live {
namespace {

constexpr gid_t kAnotherGroup = 4242;

const std::string kPolicy =
    "allow write .\n"
    "deny write ./.git/hooks, ./.mcp.json, ./**/*.pem\n"
    "deny read ./**/.env\n";

std::set<std::string> names_beneath(const std::string& directory) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    names.insert(entry.path().string().substr(directory.size() + 1));
  }
  return names;
}

// A line for each name, with the group as the host sees it.
std::string groups_beneath(const std::string& directory) {
  std::string lines;
  for (const std::string& name : names_beneath(directory)) {
    struct stat info = {};
    lstat((directory + '/' + name).c_str(), &info);
    lines += name + " of group " + std::to_string(info.st_gid) + '\n';
  }
  return lines;
}

// Runs each line by itself and prints those that succeeded.
std::string tried(const std::vector<std::string>& lines) {
  std::string script;
  for (const std::string& line : lines) {
    script += "(" + line + ") 2>/dev/null && echo 'done: " + line + "'\n";
  }
  return script + "true\n";
}

TEST_CASE("a file that a deny glob matches cannot be made after the launch (attack 11)") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.directory("project/sub");
    const Ending ending = account.run_under(
        kPolicy,
        "echo x > plain; cd sub\n" +
            tried({"echo x > .env", "touch .env", "mkdir .env", "mkfifo .env",
                   "ln -s /etc/passwd .env", "ln ../plain .env", "cp ../plain k.pem",
                   "mv ../plain k.pem", "echo x > ../sub/./.env", "echo x > ../missing/../sub/.env",
                   "ln -s .env link && echo x > link", "mkdir -p deep/er && echo x > deep/er/.env",
                   "(cd deep/er; exec 7<.; cd /; echo x > /proc/self/fd/7/.env)",
                   "echo x > /proc/self/cwd/.env", "echo x > \"$PWD/.env\"",
                   "sh -c 'echo x > .env & wait'", "mkdir .env.d", "echo x > env"}));
    CHECK(ending.out == "done: mkdir .env.d\ndone: echo x > env\n");
    CHECK(names_beneath(account.project()) == std::set<std::string>{"plain", "sub", "sub/deep",
                                                                    "sub/deep/er", "sub/.env.d",
                                                                    "sub/env", "sub/link"});
  }
}

TEST_CASE("nothing is renamed or linked into a denied name (attack 3)") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under(
        kPolicy, "mkdir .git x x/hooks y; echo '#!' > .git/x; echo '#!' > y/x\n" +
                     tried({"mv .git/x .git/hooks", "ln .git/x .git/hooks", "ln -s x .git/hooks",
                            "mv y .git/hooks", "rm .git/x && rmdir .git && mv x .git",
                            "mkdir z && mv x z/.git"}) +
                     "ls -a . z\n");
    CHECK(ending.out.starts_with("done: mkdir z && mv x z/.git\n"));
    CHECK_FALSE(exists(account / "project/.git/hooks"));
    CHECK(exists(account / "project/z/.git/hooks"));
  }
}

TEST_CASE("no link stands in for a directory on the way to a denied name") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under(
        kPolicy, "mkdir evil evil/hooks dir; ln -s evil other; ln -s ../evil dir/.git\n" +
                     tried({"ln -s evil .git", "mv other .git", "ln -P other .git",
                            "ln -s evil any", "mv dir/.git elsewhere"}));
    CHECK(ending.out == "done: ln -s evil any\ndone: mv dir/.git elsewhere\n");
    CHECK_FALSE(exists(account / "project/.git"));
  }
}

TEST_CASE("a directory that holds a denied name under its new path cannot be moved there") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string kExchange =
        R"(python3 -c 'import ctypes; )"
        R"(exit(ctypes.CDLL(None).renameat2(-100, b"x", -100, b"here", 2) != 0)')";
    const Ending ending = account.run_under(
        "allow write .\ndeny write ./here/**/secret, ./a/b/c\n",
        "mkdir -p x/y/z q/b/c here w; touch x/y/z/secret w/plain\n" +
            tried({"mv x here/x", "mv q a", "mv x/y here", "mv w here/w", kExchange}));
    CHECK(ending.out == "done: mv w here/w\n");
  }
}

TEST_CASE("transient lock files can be made and go, and none is left (attack 19)") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.directory("project/.git");
    account.file("project/.git/config", "[core]\n");
    const Ending ending = account.run_under(
        "allow write .\ndeny write ./.git/config\n",
        "for i in 1 2 3 4 5 6 7 8; do (set -C; until : > .git/index.lock; do :; done; "
        "rm .git/index.lock) 2>/dev/null & done; wait; ls -A .git");
    CHECK(ending.out == "config\n");
    CHECK(names_beneath(account.project()) == std::set<std::string>{".git", ".git/config"});
  }
}

TEST_CASE("a killed run leaves nothing on the host that the command did not make (attack 20)") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile(
        "allow write ., ~\n"
        "deny write ~/.bashrc, ./.mcp.json, ./.git/hooks, ./.claude\ndeny read ./**/.env\n");
    const std::set<std::string> before = names_beneath(account.home());
    int output[2];
    REQUIRE(pipe(output) == 0);
    const pid_t pid = account.start(
        {"srt-run", bundle, "sh", "-c", "touch made; echo ready; sleep 100"}, output[1]);
    close(output[1]);
    char byte = 0;
    REQUIRE(read(output[0], &byte, 1) == 1);
    kill(pid, SIGKILL);
    drain(output[0]);
    close(output[0]);
    wait_for_end(pid);
    CHECK(names_beneath(account.project()) == std::set<std::string>{"made"});
    CHECK(names_beneath(account.home()) == before);
  }
}

TEST_CASE("what is missing at the start cannot be made to run later (attack 21)") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string script =
        tried({"git init -q .", "mkdir -p .git/hooks", "echo x > .git/hooks/pre-commit",
               "echo {} > .mcp.json", "mkdir -p .vscode && echo {} > .vscode/tasks.json",
               "git init -q other"});
    const Ending strict = account.run_under("allow write .\nuse std.protect.strict\n", script);
    CAPTURE(strict.out);
    CHECK_FALSE(exists(account / "project/.git/hooks/pre-commit"));
    CHECK_FALSE(exists(account / "project/.mcp.json"));
    // Settings let repositories be made, but where the run starts no other protected name.
    account.file("settings.json", R"({"filesystem": {"allowWrite": ["."]}})");
    const Ending relaxed =
        account.run({"srt", "-s", account / "settings.json", "sh", "-c", script});
    CAPTURE(relaxed.out);
    CHECK(contains(relaxed.out, "done: git init -q other\n"));
    CHECK_FALSE(exists(account / "project/.mcp.json"));
    CHECK_FALSE(exists(account / "project/.vscode"));
  }
}

TEST_CASE("a link at a denied name can be neither replaced nor moved") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.directory("project/real");
    account.file("project/real/rc", "mine\n");
    account.directory("project/d");
    REQUIRE(symlink("real/rc", (account / "project/.rc").c_str()) == 0);
    REQUIRE(symlink("../real/rc", (account / "project/d/.rc").c_str()) == 0);
    const Ending ending =
        account.run_under("allow write .\ndeny write ./.rc, ./d/.rc\n",
                          tried({"rm .rc", "mv .rc x", "ln -sf /etc/passwd .rc", "echo x > .rc",
                                 "echo x > y; mv y .rc", "mv d e", "rm -f d/.rc", "rm y"}));
    CHECK(ending.out == "done: rm y\n");
    CHECK(content(account / "project/.rc") == "mine\n");
    CHECK(content(account / "project/d/.rc") == "mine\n");
  }
}

TEST_CASE("each refused name is a line of the report") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string bundle = account.compile(kPolicy);
    const std::string report = account / "report";
    account.run({"srt-run", "--report", report, bundle, "sh", "-c", "mkdir .mcp.json; touch a"});
    std::ifstream file(report);
    std::string text;
    REQUIRE(std::getline(file, text));
    const nlohmann::json line = nlohmann::json::parse(text);
    CHECK(line.at("operation") == "write");
    CHECK(line.at("subject") == account.project() + "/.mcp.json");
    CHECK(line.at("verdict") == "deny");
    CHECK(line.at("policy") == (account / "policy.srt") + ":2:26");
    CHECK(std::string(line.at("program")).ends_with("mkdir"));
    CHECK(line.at("pid").is_number());
    CHECK_FALSE(std::getline(file, text));
  }
}

TEST_CASE("a deny of existing names, and a policy without a deny, guard nothing") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    for (const char* policy :
         {"allow write .\n", "allow write .\ndeny write ./**/x existing\n", "deny write ./x\n"}) {
      const Ending ending = account.run({"srt-run", "--dry-run", account.compile(policy), "true"});
      CHECK(contains(ending.out, "\n[names]\nnot guarded\n"));
    }
    const Ending ending = account.run({"srt-run", "--dry-run", account.compile(kPolicy), "true"});
    CHECK(contains(ending.out, "\n[names]\nguarded: "));
  }
}

TEST_CASE("process 1 and its files are out of reach by way of the guard") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under(
        kPolicy,
        "python3 - <<'END'\n"
        "import os\n"
        "for path in ('/proc/1/mem', '/proc/1/environ', '/proc/1/oom_score_adj', '/proc/1/fd/3',\n"
        "             '/proc/1/task/1/mem', '/proc/1/cwd/a', '/proc/1/root/tmp/a',\n"
        "             '/proc/self/../1/maps'):\n"
        "  for flags in (os.O_RDONLY, os.O_RDWR):\n"
        "    try: os.open(path, flags | os.O_CREAT); print(path)\n"
        "    except OSError: pass\n"
        "END\n"
        "grep -E '^Cap(Prm|Eff|Inh|Amb)' /proc/self/status | sort -u -k2 | wc -l\n"
        "echo 300 > /proc/self/oom_score_adj && cat /proc/self/oom_score_adj");
    CHECK(ending.out == "1\n300\n");
  }
}

TEST_CASE("pipes, terminals and inherited descriptors are opened as without a guard") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under(
        kPolicy,
        "mkfifo f; (read line < f; echo got $line) & echo through > f; wait\n"
        "(echo back > f) & cat f; wait\n"
        "(echo out > /dev/stdout) | cat; echo three 3>file > /dev/fd/3; cat file\n"
        "script -qec 'echo term > /dev/tty' /dev/null < /dev/null | tr -d '\\r'\n"
        "sh -c 'kill $$' > killed; echo > /dev/null; : > f & sleep 0.1; kill $!; wait; echo end");
    CHECK(ending.out == "got through\nback\nout\nthree\nterm\nend\n");
  }
}

// The kernel follows such a link, and for process 1 /proc/self is another one than for the caller.
TEST_CASE("a link with a slash behind it is not followed as process 1 would") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.directory("project/d");
    REQUIRE(symlink("/proc/self/fd/9", (account / "project/k.pem").c_str()) == 0);
    const Ending ending =
        account.run_under(kPolicy,
                          "python3 - <<'END'\n"
                          "import os\n"
                          "os.dup2(os.open('d', os.O_RDONLY), 9)\n"
                          "os.symlink('/dev/fd/9', 'l')\n"
                          "for call in [lambda: os.open('k.pem/', os.O_RDONLY | os.O_CREAT),\n"
                          "             lambda: os.open('l/', os.O_RDONLY | os.O_CREAT),\n"
                          "             lambda: os.link('l/', 'new', follow_symlinks=False),\n"
                          "             lambda: os.mkdir('l/'), lambda: os.rename('l/', 'new')]:\n"
                          "  try: print(call())\n"
                          "  except OSError as error: print(error.errno, end=' ')\n"
                          "END");
    CAPTURE(ending.err);
    CHECK(ending.out == "21 21 1 17 20 ");
  }
}

// Calls chosen by a seed: a user's with a guard and without any sandbox, root's with a guard and
// without one, as root has no power over others' files inside. SRT_CALLS_SECONDS: how long, beyond
// the first.
TEST_CASE("guarded calls do what the kernel does") {
  const char* seconds = getenv("SRT_CALLS_SECONDS");
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(seconds != nullptr ? atol(seconds) : 1);
  for (unsigned seed = 1; seed < 4 || std::chrono::steady_clock::now() < end; ++seed) {
    for (const uid_t user : users()) {
      const auto calls = [&](const char* rules) {
        Account account(user);
        account.directory("project/w");
        account.enter(account.directory("project/w/x"));
        const std::string shared = account.directory("project/w/x/s");
        REQUIRE(chown(shared.c_str(), user, kAnotherGroup) == 0);
        REQUIRE(chmod(shared.c_str(), 02775) == 0);
        std::vector<std::string> words = {"srt-calls", std::to_string(seed), "400"};
        if (rules != nullptr) {
          const std::string policy = "allow write ../..\nallow unix *\n";
          words.insert(words.begin(), {"srt-run", account.compile(policy + rules)});
        }
        Ending ending = account.run(words);
        ending.out += groups_beneath(account.project());
        return ending;
      };
      const Ending plain = calls(user == 0 ? "" : nullptr);
      const Ending guarded = calls("deny write ./**/denied, ./**/*.pem, ./x/y\n");
      CAPTURE(user);
      CAPTURE(seed);
      REQUIRE(plain.status == 0);
      std::istringstream one(plain.out);
      std::istringstream other(guarded.out);
      for (std::string line, same; std::getline(one, line);) {
        std::getline(other, same);
        REQUIRE(same == line);
      }
    }
  }
}

}  // namespace
}  // namespace srt::live
