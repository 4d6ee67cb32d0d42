#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/live/run/account.h"

namespace srt::live {
namespace {

std::vector<std::string> bundles_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    names.push_back(entry.path().string());
  }
  return names;
}

mode_t mode_of(const std::string& path) {
  struct stat info = {};
  return lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
}

TEST_CASE("without settings reads are open, writes closed but for the default paths, no network") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("home/text", "words\n");
    const Ending ending =
        account.run({"srt", "sh", "-c",
                     "cat ~/text; (: >new) 2>/dev/null && echo new; (: >~/new) 2>/dev/null && echo "
                     "~/new; env | grep -c -i _proxy; mktemp >/dev/null && echo tmp; echo "
                     "$SANDBOX_RUNTIME"});
    CHECK_MESSAGE(ending.out == "words\n0\ntmp\n1\n", ending.err);
    CHECK(account.run({"srt", "sh", "-c", "exit 7"}).status == 7);
    CHECK(account.run({"srt", "no-such-command"}).status == 127);
  }
}

TEST_CASE("settings are those of the home directory, or of the file that is named") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("home/.srt-settings.json", R"({"filesystem": {"allowWrite": ["."]}})");
    account.file("other.json", R"({"filesystem": {"allowWrite": ["~"]}})");
    const std::string script = "(: >new) 2>/dev/null; (: >~/new) 2>/dev/null; true";
    REQUIRE(account.run({"srt", "-c", script}).status == 0);
    CHECK(exists(account / "project/new"));
    CHECK_FALSE(exists(account / "home/new"));
    check(unlink((account / "project/new").c_str()) == 0, "unlink");
    for (const std::vector<std::string>& option : {std::vector<std::string>{"-s", "../other.json"},
                                                   {"--settings", "../other.json"},
                                                   {"--settings=../other.json"},
                                                   {"-s../other.json"}}) {
      std::vector<std::string> words = {"srt"};
      words.insert(words.end(), option.begin(), option.end());
      words.insert(words.end(), {"-c", script});
      REQUIRE(account.run(words).status == 0);
      CHECK_FALSE(exists(account / "project/new"));
      CHECK(exists(account / "home/new"));
      check(unlink((account / "home/new").c_str()) == 0, "unlink");
    }
  }
}

TEST_CASE("options end at the first operand or `--`; `-c` hands a string to bash") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    CHECK(account.run({"srt", "echo", "-c", "-s", "x"}).out == "-c -s x\n");
    CHECK(account.run({"srt", "--", "echo", "--", "-d"}).out == "-- -d\n");
    CHECK(account.run({"srt", "-d", "echo", "a  b", "$HOME", "*"}).out == "a  b $HOME *\n");
    CHECK(account.run({"srt", "-c", "echo ${BASH_VERSION:+bash} \"$0\""}).out ==
          "bash /bin/bash\n");
    CHECK(account.run({"srt", "-c", "exit 4"}).status == 4);
    CHECK(contains(account.run({"srt", "--help"}).out, "--settings"));
  }
}

TEST_CASE("own failures are 125, and say what is wrong") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/empty.json", "");
    account.file("project/unknown.json", R"({"network": {"allowedDomain": []}})");
    account.file("project/broken.json", R"({"network": )");
    account.file("project/secret.json", R"({"filesystem": {"denyRead": ["~/.ssh"]}})", 0000);
    const auto refused = [&](std::vector<std::string> words, const std::string& part) {
      words.insert(words.begin(), "srt");
      words.insert(words.end(), {"--", "echo", "ran"});
      const Ending ending = account.run(words);
      CAPTURE(ending.err);
      CHECK(ending.status == 125);
      CHECK(ending.out.empty());
      CHECK(contains(ending.err, part));
    };
    refused({"-s", "missing.json"}, "`missing.json`");
    refused({"-s", "empty.json"}, "empty.json");
    refused({"-s", "unknown.json"}, "`network.allowedDomain`");
    refused({"-s", "broken.json"}, "broken.json:1:");
    refused({"--sittings", "x"}, "`--sittings`");
    refused({"--control-fd", "7"}, "descriptor 7 of `--control-fd`: Bad file descriptor");
    refused({"--control-fd", "0"}, "`0` is no descriptor");
    if (user != 0) refused({"-s", "secret.json"}, "`secret.json`");
    const Ending nothing = account.run({"srt"});
    CHECK(nothing.status == 125);
    CHECK(nothing.err == "srt: no command is given; `srt --help` lists the options\n");
  }
}

TEST_CASE("settings are compiled once and kept, by their text, where only the user can write") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    account.set("XDG_CACHE_HOME", account / "cache");
    const std::string settings = "home/.srt-settings.json";
    account.file(settings, R"({"filesystem": {"allowWrite": ["."]}})");
    REQUIRE(account.run({"srt", "true"}).status == 0);
    const std::vector<std::string> first = bundles_in(account / "cache/srt");
    REQUIRE(first.size() == 1);
    CHECK(mode_of(account / "cache/srt") == 0700);
    const auto written = std::filesystem::last_write_time(first[0]);
    REQUIRE(account.run({"srt", "true"}).status == 0);
    CHECK(bundles_in(account / "cache/srt") == first);
    CHECK(std::filesystem::last_write_time(first[0]) == written);

    account.file(settings, R"({"filesystem": {"allowWrite": []}})");
    CHECK(account.run({"srt", "touch", "new"}).status == 1);
    CHECK(bundles_in(account / "cache/srt").size() == 2);
    account.file(settings, R"({"filesystem": {"allowWrite": ["."]}})");
    CHECK(account.run({"srt", "touch", "new"}).status == 0);
  }
}

TEST_CASE("what a used file denies holds from the next run on, whatever the file is called") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("project/secret", "kept");
    account.file("project/other", "open");
    account.file("project/p.srt", "policy \"p\"\nuse \"./std.protect\"\n");
    account.file("project/std.protect", "deny read ./other\n");
    const std::vector<std::string> read = {"srtc", "run", "p.srt", "cat", "secret"};
    CHECK(account.run(read).out == "kept");
    account.file("project/std.protect", "deny read ./secret\n");
    const Ending ending = account.run(read);
    CHECK(ending.status == 1);
    CHECK(ending.out == "");
  }
}

TEST_CASE("a damaged file in the cache is made again") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    REQUIRE(account.run({"srt", "true"}).status == 0);
    const std::vector<std::string> kept = bundles_in(account.home() + "/.cache/srt");
    REQUIRE(kept.size() == 1);
    check(truncate(kept[0].c_str(), 100) == 0, "truncate");
    const Ending ending = account.run({"srt", "sh", "-c", "echo x >new"});
    CHECK(ending.status == 2);
    CHECK(std::filesystem::file_size(kept[0]) > 100);
  }
}

TEST_CASE("without a cache that can be trusted each run compiles for itself") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    Account account(user);
    const std::vector<std::string> command = {"srt", "-c", "echo ran; echo /proc/self/fd/*"};
    const std::string ran =
        "ran\n/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n";

    account.set("XDG_CACHE_HOME", account / "shared");
    account.directory("shared");
    account.directory("shared/srt");
    check(chmod((account / "shared/srt").c_str(), 0777) == 0, "chmod");
    CHECK(account.run(command).out == ran);
    CHECK(bundles_in(account / "shared/srt").empty());

    // Who can write the directory above can put another in its place.
    account.set("XDG_CACHE_HOME", account / "open");
    account.directory("open");
    check(chmod((account / "open").c_str(), 0777) == 0, "chmod");
    CHECK(account.run(command).out == ran);
    CHECK(bundles_in(account / "open/srt").empty());

    account.set("XDG_CACHE_HOME", "/proc/none");
    CHECK(account.run(command).out == ran);

    account.unset("XDG_CACHE_HOME");
    account.unset("HOME");
    CHECK(account.run(command).out == ran);

    if (user == 0) continue;  // writes into its home whatever the mode
    account.set("HOME", account.home());
    check(chmod(account.home().c_str(), 0555) == 0, "chmod");
    CHECK(account.run(command).out == ran);
  }
}

TEST_CASE("the settings formats with all that such files commonly hold run") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.directory("home/.ssh");
    account.file("home/.ssh/id", "key\n");
    account.directory("project/src");
    account.file("project/.env", "secret\n");
    account.file("npm.json", R"({
      "network": {
        "allowedDomains": ["example.com", "*.example.com"],
        "deniedDomains": ["bad.example.com"],
        "allowUnixSockets": ["/var/run/docker.sock"],
        "allowLocalBinding": false
      },
      "filesystem": {
        "denyRead": ["~/.ssh"],
        "allowRead": [],
        "allowWrite": [".", "src/", "test/"],
        "denyWrite": [".env", "config/production.json"]
      },
      "ignoreViolations": {"*": ["/usr/bin"], "git push": ["/usr/bin/nc"]},
      "enableWeakerNestedSandbox": false
    })");
    const std::string script =
        "cat ~/.ssh/id; (echo x >>.env); echo x >src/new; cat .env; curl -sS -o /dev/null -w "
        "'%{http_code} ' http://bad.example.com/ -o /dev/null http://other.example/";
    const Ending npm = account.run({"srt", "-s", account / "npm.json", "-c", script});
    CHECK_MESSAGE(npm.out == "secret\n403 403 ", npm.err);
    CHECK(exists(account / "project/src/new"));
    CHECK(contains(npm.err, "id: Permission denied"));
    CHECK(contains(npm.err, ".env: Read-only file system"));

    account.file("port.json", R"({
      // as its documentation shows them
      "filesystem": {
        "allowed_paths": [")" + account.project() +
                                  R"(/**"],
        "blocked_paths": [")" + account.home() +
                                  R"(/.ssh/**", ")" + account.project() + R"(/**/.env"]
      },
      "network": {"enabled": true, "allowed_domains": ["*.example.com"]}
    })");
    const Ending port = account.run(
        {"srt", "-s", account / "port.json", "-c",
         "cat ~/.ssh/id .env; echo x >src/newer; curl -sS -o /dev/null -w '%{http_code}' "
         "http://other.example/"});
    CHECK_MESSAGE(port.out == "403", port.err);
    CHECK(exists(account / "project/src/newer"));
  }
}

TEST_CASE("`srtc run` is the same for a policy, with parameters") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    account.file("p.srt", "param out\nallow write ${out}\n");
    account.directory("out");
    const Ending ending =
        account.run({"srtc", "run", "../p.srt", "--param", "out=" + (account / "out"), "--", "sh",
                     "-c", "echo x >../out/new; exit 6"});
    CHECK_MESSAGE(ending.status == 6, ending.err);
    CHECK(exists(account / "out/new"));
  }
}

TEST_CASE(
    "R24: no policy, settings or bundle of the working directory is used unless it is named") {
  for (const uid_t user : users()) {
    CAPTURE(user);
    const Account account(user);
    const std::string granted = R"({"filesystem": {"allowWrite": ["/"]}})";
    for (const char* name : {".srt-settings.json", "srt-settings.json", "settings.json"}) {
      account.file(std::string("project/") + name, granted);
    }
    for (const char* name : {"policy.srt", ".srt", "srt.srt"}) {
      account.file(std::string("project/") + name, "allow write /**\n");
    }
    const Ending ending = account.run({"srt", "-c", "echo x >~/new"});
    CHECK(ending.status != 0);
    CHECK_FALSE(exists(account / "home/new"));
    CHECK(account.run({"srt-run", "sh", "-c", "echo x >~/new"}).status == 125);
    CHECK_FALSE(exists(account / "home/new"));
  }
}

}  // namespace
}  // namespace srt::live
