// sandbox-exec as far as srt-run uses it: checks its words, reads the profile with the tests' own
// evaluator and executes the command, unconfined, if the profile lets it be executed. In the file
// that SRT_LOG names it leaves its words and what the profile says of the requests that SRT_ASK
// has, `OPERATION KIND SUBJECT` a line.
//
// Its statuses are those of sysexits(3) that macOS's own is told to have.

#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "runtime/base/file.h"
#include "tests/support/sbpl/profile.h"

namespace srt {
namespace {

using test::sbpl::Profile;
using test::sbpl::Request;

constexpr std::size_t kMaxProfile = std::size_t{1} << 20;

[[noreturn]] void give_up(int status, const std::string& reason) {
  std::fprintf(stderr, "sandbox-exec: %s\n", reason.c_str());
  std::exit(status);
}

struct Call {
  std::string profile;
  Profile::Parameters values;
  std::vector<char*> command;  // ends with null
};

Call read_words(int count, char** words) {
  Call call;
  for (int option = 0; (option = getopt(count, words, "+f:D:")) != -1;) {
    if (option == '?') std::exit(EX_USAGE);
    const std::string argument = optarg;
    const std::size_t equals = argument.find('=');
    if (option == 'f') {
      call.profile = argument;
    } else if (equals == std::string::npos) {
      give_up(EX_USAGE, "no value: " + argument);
    } else {
      call.values[argument.substr(0, equals)] = argument.substr(equals + 1);
    }
  }
  call.command.assign(words + optind, words + count);
  if (call.profile.empty() || call.command.empty()) give_up(EX_USAGE, "no profile or no command");
  call.command.push_back(nullptr);
  return call;
}

bool allows(const Profile& profile, const Request& request) {
  using test::sbpl::Reading;
  return profile.allows(request, Reading::last_match) && profile.allows(request, Reading::by_shape);
}

void answer(const Profile& profile, const char* questions, std::ostream& log) {
  std::istringstream lines(questions);
  for (std::string line; std::getline(lines, line);) {
    Request request;
    std::istringstream(line) >> request.operation >> request.kind >> std::ws;
    const std::size_t subject = line.find(' ', line.find(' ') + 1);
    if (subject == std::string::npos) continue;
    request.subject = line.substr(subject + 1);
    if (request.kind == "remote-ip") request.kind = "remote ip";
    log << (allows(profile, request) ? "allow " : "deny ") << line << '\n';
  }
}

int main(int count, char** words) {
  Call call = read_words(count, words);
  const Result<std::string> text = read_file(call.profile, kMaxProfile);
  if (!text) give_up(EX_NOINPUT, text.error().message);
  const Result<Profile> profile = Profile::load(*text, call.values);
  if (!profile) give_up(EX_DATAERR, profile.error().message);
  if (const char* path = std::getenv("SRT_LOG")) {
    std::ofstream log(path);
    for (int i = 0; i < count; ++i) log << words[i] << '\n';
    const char* questions = std::getenv("SRT_ASK");
    if (questions != nullptr) answer(*profile, questions, log);
  }
  const std::string program = std::filesystem::weakly_canonical(call.command[0]);
  if (!allows(*profile, {"process-exec*", program, "path"})) {
    errno = EPERM;
  } else {
    execv(call.command[0], call.command.data());
  }
  give_up(EX_OSERR,
          std::string("execvp() of '") + call.command[0] + "' failed: " + std::strerror(errno));
}

}  // namespace
}  // namespace srt

int main(int count, char** words) { return srt::main(count, words); }
