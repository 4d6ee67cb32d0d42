#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>

#include "tests/live/run/account.h"

namespace srt::live {
namespace {

std::set<std::string> tree(const std::string& directory) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    names.insert(entry.path().lexically_relative(directory).string());
  }
  return names;
}

TEST_CASE("what no rule names can be read and not written") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/text", "words\n");
    const Ending ending =
        account.run_under("policy \"x\"", "cat text; echo x >text; echo x >new; mkdir d; rm text");
    CHECK(ending.out == "words\n");
    CHECK(contains(ending.err, "cannot create text: Read-only file system"));
    CHECK(contains(ending.err, "cannot create new: Read-only file system"));
    CHECK(contains(ending.err, "‘d’: Read-only file system") +
              contains(ending.err, "'d': Read-only file system") ==
          1);
    CHECK(tree(account.project()) == std::set<std::string>{"text"});
    CHECK(content(account / "project/text") == "words\n");
  }
}

TEST_CASE("C4: the last rule that matches decides, for reads and for writes") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    for (const char* name : {"a", "a/b", "a/b/c", "s", "s/open", "s/open/shut"}) {
      account.directory(std::string("project/") + name);
    }
    account.file("project/s/key", "key\n");
    account.file("project/s/open/note", "note\n");
    account.file("project/s/open/shut/key", "key\n");
    const Ending ending = account.run_under(
        "allow write .\n"
        "deny write ./a\nallow write ./a/b\ndeny write ./a/b/c\n"
        "deny read ./s\nallow read ./s/open\ndeny read ./s/open/shut\n",
        "for d in . a a/b a/b/c s s/open; do (echo x >$d/new) 2>/dev/null && echo write $d; done\n"
        "for f in s/key s/open/note s/open/shut/key; do cat $f; done\n"
        "ls s s/open/shut");
    CHECK(ending.out == "write .\nwrite a/b\nwrite s/open\nnote\n");
    CHECK(contains(ending.err, "s/key: Permission denied\n") +
              contains(ending.err, "s/key: No such file or directory\n") ==
          1);
    CHECK(contains(ending.err, "s/open/shut/key: Permission denied\n"));
    CHECK(contains(ending.err, "directory 's': Permission denied\n"));
    CHECK(contains(ending.err, "directory 's/open/shut': Permission denied\n"));
  }
}

TEST_CASE("a deny with wildcards holds for every name there is, and what lies beneath") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    for (const char* name : {"a", "a/b", "a/b/private1"}) {
      account.directory(std::string("project/") + name);
    }
    for (const char* name : {".env", "a/.env", "a/b/.env", "a/b/private1/file", "a/b/open"}) {
      account.file(std::string("project/") + name, std::string(name) + '\n');
    }
    const Ending ending = account.run_under("allow write .\ndeny read ./**/{.env,private?}",
                                            "cat $(find . -type f | sort); cat a/b/private1/file; "
                                            "for f in .env a/.env a/b/.env; do echo x >$f; done");
    CHECK(ending.out == "a/b/open\n");
    CHECK(contains(ending.err, "cat: ./a/b/.env: Permission denied\n"));
    CHECK(contains(ending.err, "cat: a/b/private1/file: Permission denied\n"));
    CHECK(content(account / "project/a/.env") == "a/.env\n");
    CHECK(content(account / "project/a/b/private1/file") == "a/b/private1/file\n");
  }
}

TEST_CASE("C10: names that hold wildcards are names, in the working directory and in parameters") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    for (const char* name : {"[WIP] a*b?", "[WIP] a*b?/out", "W a-b-", "W a-b-/out"}) {
      account.directory(std::string("project/") + name);
    }
    account.enter(account / "project/[WIP] a*b?");
    const std::string bundle = account.compile("param p\nallow write ./out, ${p}/out");
    const Ending ending =
        account.run({"srt-run", "--param", "p=" + (account / "project/[WIP] a*b?"), bundle, "sh",
                     "-c", "echo x >out/new; echo x >'../W a-b-/out/new'"});
    CHECK(exists(account / "project/[WIP] a*b?/out/new"));
    CHECK_FALSE(exists(account / "project/W a-b-/out/new"));
  }
}

TEST_CASE("C5: a deny for all places says so, and holds outside the working directory too") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string unclear = account.file("unclear.srt", "deny read **/.env\n");
    const Ending refused = account.run({"srtc", unclear, "-o", account / "unclear.srtb"});
    CHECK(refused.status == 1);
    CHECK(contains(refused.err, "[bare-double-star]"));
    account.directory("outside");
    for (const char* name : {"project/.env", "outside/.env", "home/.env"}) {
      account.file(name, "secret\n");
    }
    const Ending ending = account.run_under("allow write .\ndeny read " + (account / "**/.env"),
                                            "cat .env ../outside/.env ~/.env; echo end");
    CHECK(ending.out == "end\n");
  }
}

TEST_CASE("R18: a file that is granted alone is written in place; moving another onto it fails") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/config", "before\n");
    const std::string policy = "allow write ./config, ../home\n";
    const Ending ending = account.run_under(
        policy, "echo after >config && cat config; echo new >~/new; mv ~/new config; echo $?");
    CHECK(ending.out == "after\n1\n");
    CHECK(content(account / "project/config") == "after\n");
  }
}

TEST_CASE("R58: what the host replaces in a denied directory stays denied while a command runs") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.directory("project/hidden");
    account.directory("project/fixed");
    for (const char* name : {"project/hidden/file", "project/fixed/file"}) {
      account.file(name, "first\n");
    }
    const std::string bundle =
        account.compile("allow write .\ndeny read ./hidden\ndeny write ./fixed");
    const Ending ending = account.run(
        {"sh", "-c",
         "srt-run " + bundle +
             " sh -c 'touch ready; until [ -e saved ]; do sleep 0.01; done; "
             "cat hidden/file 2>/dev/null; cat fixed/file; echo evil >fixed/file' 2>/dev/null & "
             "until [ -e ready ]; do sleep 0.01; done; for d in hidden fixed; do "
             "echo second >$d/new; mv $d/new $d/file; done; touch saved; wait; cat hidden/file "
             "fixed/file"});
    CHECK(ending.out == "second\nsecond\nsecond\n");
  }
}

TEST_CASE("R60: the end of one run takes nothing away from another that hides the same") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/secret", "secret\n");
    account.directory("project/hidden");
    account.file("project/hidden/file", "secret\n");
    const std::string bundle = account.compile("allow write .\ndeny read ./secret, ./hidden");
    const Ending ending =
        account.run({"sh", "-c",
                     "srt-run " + bundle +
                         " sh -c 'touch one; until [ -e two ]; do sleep 0.01; done; "
                         "cat secret hidden/file 2>/dev/null; echo x >secret; ls -A' & until [ -e "
                         "one ]; do sleep "
                         "0.01; done; srt-run " +
                         bundle + " cat secret; touch two; wait"});
    CHECK(ending.out == "hidden\none\nsecret\ntwo\n");
    CHECK(content(account / "project/secret") == "secret\n");
  }
}

TEST_CASE("under `default read deny` std.base lets shells, python and git start, and no more") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("home/secret", "secret\n");
    const Ending ending = account.run_under(
        "default read deny\nuse std.base\nallow write .\n",
        "echo shell; for p in bash python3 git; do command -v $p >/dev/null || echo no $p; done\n"
        "bash -c 'echo bash'; /usr/bin/python3 -c 'import os; print(\"python\")'\n"
        "git init -q repository && echo git; cat ~/secret; ls /home; cat /etc/shadow");
    CHECK(ending.out == "shell\nbash\npython\ngit\n");
    CHECK(exists(account / "project/repository/.git/HEAD"));
  }
}

TEST_CASE("R15: a link to a denied file, and a denied link's target, are denied") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    for (const char* name : {"real", "dotfiles"}) account.directory(std::string("project/") + name);
    account.file("project/real/secret", "secret\n");
    account.file("project/dotfiles/netrc", "token\n");
    const std::string project = account.project();
    check(symlink("real/secret", (project + "/way-in").c_str()) == 0, "symlink");
    check(symlink("dotfiles/netrc", (project + "/.netrc").c_str()) == 0, "symlink");
    const Ending ending = account.run_under(
        "allow write .\ndeny read ./real/secret, ./.netrc",
        "cat real/secret; cat way-in; cat .netrc; cat dotfiles/netrc; echo x >way-in; "
        "echo x >dotfiles/netrc; rm .netrc; ln dotfiles/netrc other; cat other");
    CHECK(ending.out.empty());
    CHECK(content(account / "project/real/secret") == "secret\n");
    CHECK(content(account / "project/dotfiles/netrc") == "token\n");
  }
}

TEST_CASE("an allowed link grants its target only where the command cannot have made it") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.directory("target");
    account.directory("other");
    check(symlink("target", (account / "fixed").c_str()) == 0, "symlink");
    check(symlink("../other", (account / "project/planted").c_str()) == 0, "symlink");
    const Ending ending =
        account.run_under("allow write .\nallow write ../fixed, ./planted",
                          "echo x >../fixed/new; echo x >../target/new2; echo x >planted/new");
    CHECK(exists(account / "target/new"));
    CHECK(exists(account / "target/new2"));
    CHECK_FALSE(exists(account / "other/new"));
  }
}

TEST_CASE("R1, R2: neither a denied path nor a directory above it can be moved aside") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    for (const char* name : {"a", "a/b", "a/b/locked", "a/b/hidden"}) {
      account.directory(std::string("project/") + name);
    }
    account.file("project/a/b/locked/file", "before\n");
    account.file("project/a/b/hidden/file", "secret\n");
    const Ending ending = account.run_under(
        "allow write .\ndeny write ./a/b/locked\ndeny read ./a/b/hidden",
        "mv a moved; mv a/b a/moved; mv a/b/locked a/b/moved; mv a/b/hidden a/b/moved\n"
        "mkdir evil; mv -T evil a/b/locked; mv -T evil a; ln a/b/locked/file linked; rm -rf a\n"
        "echo after >a/b/locked/file; cat linked a/b/hidden/file");
    CHECK(ending.out.empty());
    for (const char* move : {"'a' to 'moved'", "'a/b' to 'a/moved'", "'a/b/locked' to 'a/b/moved'",
                             "'a/b/hidden' to 'a/b/moved'"}) {
      CAPTURE(move);
      CHECK(contains(ending.err, std::string("cannot move ") + move + ": Device or resource busy"));
    }
    CHECK(content(account / "project/a/b/locked/file") == "before\n");
    CHECK(content(account / "project/a/b/hidden/file") == "secret\n");
  }
}

TEST_CASE("R3: nothing is renamed or linked into a protected directory") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.directory("project/.git");
    account.directory("project/.git/hooks");
    const Ending ending = account.run_under(
        "allow write .\nuse std.protect",
        "echo x >.git/x; mv .git/x .git/hooks/pre-commit; ln .git/x .git/hooks/pre-push; "
        "ln -s ../x .git/hooks/post-merge; mkdir h; mv -T h .git/hooks; ls .git/hooks");
    CHECK(ending.out.empty());
    CHECK(tree(account / "project/.git/hooks").empty());
    CHECK(exists(account / "project/.git/x"));
  }
}

TEST_CASE("C6: std.protect guards what runs later, everywhere, and lets git work") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    for (const char* name : {"home/.bashrc", "home/.gitconfig", "project/.mcp.json"}) {
      account.file(name, "before\n");
    }
    for (const char* name : {"project/.vscode", "project/.git", "project/.git/hooks",
                             "project/.claude", "project/.claude/commands"}) {
      account.directory(name);
    }
    account.file("project/.git/config", "before\n");
    const Ending ending = account.run_under(
        "allow write ., ~\nuse std.protect",
        "for f in ~/.bashrc ~/.gitconfig .mcp.json .vscode/tasks.json .git/hooks/pre-commit "
        ".git/config .claude/commands/x; do echo after >$f; done\n"
        "echo x >~/plain; HOME=/nowhere git init -q sub && echo made");
    CHECK(ending.out == "made\n");
    CHECK(content(account / "home/.bashrc") == "before\n");
    CHECK(content(account / "home/.gitconfig") == "before\n");
    CHECK(content(account / "project/.mcp.json") == "before\n");
    CHECK(content(account / "project/.git/config") == "before\n");
    CHECK(tree(account / "project/.vscode").empty());
    CHECK(tree(account / "project/.git/hooks").empty());
    CHECK(tree(account / "project/.claude/commands").empty());
    CHECK(exists(account / "home/plain"));
    CHECK(exists(account / "project/sub/.git/hooks"));
  }
}

TEST_CASE("R16: what is hidden is neither empty nor writable, it is denied") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.directory("project/hidden");
    account.file("project/hidden/file", "secret\n");
    account.file("project/key", "secret\n");
    check(mkfifo((account / "project/pipe").c_str(), 0666) == 0, "mkfifo");
    const Ending ending = account.run_under(
        "allow write .\ndeny read ./hidden, ./key, ./pipe",
        "ls hidden; cd hidden; touch hidden/new; cat key; echo x >key; : >key; echo x >pipe; "
        "chmod 777 hidden key; rm -f key; rm -rf hidden; umount key; exec 3<>key");
    CHECK(ending.out.empty());
    for (const char* line : {"directory 'hidden': Permission denied", "can't cd to hidden",
                             "cat: key: Permission denied"}) {
      CHECK_MESSAGE(contains(ending.err, line), ending.err);
    }
    CHECK_FALSE(contains(ending.err, "No such file"));
    CHECK(tree(account.project()) == std::set<std::string>{"hidden", "hidden/file", "key", "pipe"});
    CHECK(content(account / "project/key") == "secret\n");
  }
}

TEST_CASE("R8: a working directory that the policy hides ends the launch") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under("deny read " + account.project() + "/..", "pwd");
    CHECK(ending.status == 125);
    CHECK(is_one_line(ending.err));
    CHECK(contains(ending.err, "is denied by `deny read "));
    CHECK(ending.out.empty());
  }
}

TEST_CASE("R12: a directory that cannot be listed neither stops the launch nor opens anything") {
  for (const uid_t user : users()) {
    if (user == 0) continue;  // root lists every directory
    CAPTURE(user);
    const Account account(user);
    account.directory("project/closed");
    account.file("project/closed/.env", "secret\n");
    check(chmod((account / "project/closed").c_str(), 0311) == 0, "chmod");
    const Ending ending = account.run_under("allow write .\ndeny read ./**/.env",
                                            "chmod 755 closed; cat closed/.env; echo end");
    CHECK(ending.out == "end\n");
    check(chmod((account / "project/closed").c_str(), 0755) == 0, "chmod");
  }
}

TEST_CASE("TMPDIR works, is the command's alone where /tmp is not granted, and leaves nothing") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under(
        "policy \"x\"",
        "echo x >\"$TMPDIR/name-$(basename \"$HOME\")\" && f=$(mktemp) && echo x >$f && echo "
        "$TMPDIR; "
        "echo x >/dev/null && head -c1 /dev/zero | wc -c; echo x >/tmp/left-by-srt-test");
    CHECK(ending.out == "/dev/shm/tmp\n1\n");
    CHECK_FALSE(exists("/dev/shm/tmp"));
    CHECK_FALSE(exists("/tmp/left-by-srt-test"));
    CHECK(tree(account.home()).empty());
    CHECK(tree(account.project()).empty());
  }
}

TEST_CASE("TMPDIR stays the caller's where the policy lets it be written") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.directory("mine");
    account.set("TMPDIR", account / "mine");
    const Ending ending = account.run_under("allow write ../mine", "echo $TMPDIR; mktemp");
    CHECK(ending.out.starts_with((account / "mine\n") + (account / "mine/tmp.")));
    CHECK(tree(account / "mine").size() == 1);
  }
}

TEST_CASE("R20: names that a rule denies and that are not there are not there afterwards") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const Ending ending = account.run_under(
        "allow write ., ~\ndeny write ~/.bashrc, ./.git/hooks, ./.mcp.json\ndeny read ~/.ssh",
        "ls -A . ~");
    CHECK(ending.status == 0);
    CHECK(tree(account.home()).empty());
    CHECK(tree(account.project()).empty());
  }
}

TEST_CASE(
    "R23: bundle, settings, cache and programs are not writable, whatever the policy grants") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.directory("home/bin");
    for (const char* name : {"srtc", "srt-run", "srt"}) {
      REQUIRE(account.run({"cp", programs() + '/' + name, account / "home/bin"}).status == 0);
    }
    account.set("PATH", account / "home/bin:/usr/bin:/bin");
    account.file("home/.srt-settings.json", R"({"filesystem": {"allowWrite": ["~"]}})");
    REQUIRE(account.run({"srt", "true"}).status == 0);
    REQUIRE(exists(account / "home/.cache/srt"));
    const std::string bundle = account.compile("allow write " + (account / "home/.."));
    const std::string script =
        "for f in " + bundle +
        " ~/.srt-settings.json ~/.cache/srt/*.srtb ~/bin/srt-run; do\n"
        "  (echo >>$f) 2>/dev/null && echo wrote $f\n"
        "  rm -f $f 2>/dev/null && echo removed $f; mv $f ~/moved 2>/dev/null && echo moved $f\n"
        "done\n"
        "for d in ~/.cache ~/.cache/srt ~/bin; do mv $d ~/moved 2>/dev/null && echo moved $d; "
        "done\n"
        "touch ~/.cache/srt/new ~/bin/git 2>/dev/null; echo x >~/plain";
    const Ending direct = account.run({"srt-run", bundle, "sh", "-c", script});
    CHECK(direct.out.empty());
    CHECK(exists(account / "home/plain"));
    const Ending drop_in = account.run({"srt", "-c", script});
    CHECK(drop_in.status == 0);
    CHECK(drop_in.out.empty());
    CHECK_FALSE(exists(account / "home/.cache/srt/new"));
    CHECK_FALSE(exists(account / "home/bin/git"));
  }
}

TEST_CASE("R23: the files that a policy was read from are not writable in its run") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/used.srt", "allow write .\n");
    account.file("project/policy.srt", "use \"./used.srt\"\n");
    account.file("project/settings.json", R"({"filesystem": {"allowWrite": ["."]}})");
    REQUIRE(account.run({"ln", "-s", "policy.srt", "link.srt"}).status == 0);
    const std::string script =
        "for f in $FILES; do\n"
        "  (echo >>$f) 2>/dev/null && echo wrote $f\n"
        "  rm -f $f 2>/dev/null && echo removed $f; mv $f moved 2>/dev/null && echo moved $f\n"
        "done\n"
        "echo x >plain";
    const auto check = [&](const std::string& files, std::vector<std::string> words) {
      CAPTURE(words);
      words.push_back("FILES='" + files + "'\n" + script);
      const Ending ending = account.run(words);
      CHECK(ending.status == 0);
      CHECK(ending.out.empty());
      CHECK(exists(account / "project/plain"));
      std::filesystem::remove(account / "project/plain");
    };
    check("policy.srt used.srt", {"srtc", "run", "policy.srt", "--", "sh", "-c"});
    check("policy.srt used.srt link.srt", {"srtc", "run", "link.srt", "--", "sh", "-c"});
    check("settings.json", {"srt", "-s", "settings.json", "-c"});
  }
}

}  // namespace
}  // namespace srt::live
