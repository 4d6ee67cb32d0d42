#include "runtime/run/report.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>

#include "runtime/plan/real_path.h"

namespace srt {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7F) {
      // Subjects come from the command: whatever bytes they have, the line stays valid JSON.
      std::array<char, 7> escape;
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

// RFC 3339, UTC, with milliseconds.
std::string now() {
  timespec at = {};
  clock_gettime(CLOCK_REALTIME, &at);
  // By <chrono>: the C library's calendar brings time zones and all of scanf into a static program.
  const std::chrono::sys_seconds second{std::chrono::seconds(at.tv_sec)};
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     at.tv_nsec / 1'000'000);
}

// Where `path` leads, through no link that an earlier command could have made: what a command asks
// for stands in a report, and would stand in any file that it can name.
Result<std::string> place_of(const std::string& path,
                             const std::function<bool(const std::string&)>& lets_write) {
  std::string whole = path;
  if (!path.starts_with('/')) {
    std::array<char, PATH_MAX> here;
    if (getcwd(here.data(), here.size()) == nullptr) return Error{std::strerror(errno)};
    whole = here.data() + ('/' + path);
  }
  const auto may_stand_in = [&](const std::string& directory) { return !lets_write(directory); };
  const std::size_t slash = whole.rfind('/');
  std::optional<RealPath> real = real_path(whole, may_stand_in);
  std::string name;
  if (!real) {
    real = real_path(whole.substr(0, slash), may_stand_in);
    name = whole.substr(slash);
  }
  if (!real) return Error{"its directory is not there"};
  if (!real->links_hold) {
    return Error{"it leads through a symbolic link that the command could have made"};
  }
  return real->path + name;
}

}  // namespace

Result<Report> Report::open(const std::string& path,
                            const std::function<bool(const std::string&)>& lets_write) {
  const auto fail = [&](const std::string& reason, const char* help) {
    return Error{"cannot write the report `" + path + "`: " + reason, help};
  };
  // Those of /dev/fd are for the kernel alone to follow.
  std::string place = path;
  int no_link = 0;
  if (!path.starts_with("/dev/")) {
    const Result<std::string> found = place_of(path, lets_write);
    if (!found) return fail(found.error().message, "name the file itself");
    place = *found;
    no_link = O_NOFOLLOW;  // one that leads nowhere yet is at its end still
  }
  Report report;
  report.file_.reset(::open(
      place.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | no_link, 0600));
  if (!report.file_) {
    return fail(std::strerror(errno),
                "give `--report` a file in a directory that you can write to");
  }
  return report;
}

void Report::add(const net::Refusal& refusal, const Bundle& bundle) const {
  if (!file_) return;
  std::string line = "{\"time\":" + quoted(now());
  if (refusal.rule) line += ",\"rule\":" + std::to_string(*refusal.rule);
  line += ",\"operation\":\"connect\",\"subject\":" + quoted(refusal.target) +
          ",\"verdict\":" + (net::is_blocked(refusal.kind) ? "\"deny\"" : "\"error\"");
  if (refusal.rule) line += ",\"policy\":" + quoted(bundle.rules[*refusal.rule].origin);
  write_line(line + ",\"message\":" + quoted(refusal.message) + "}\n");
}

void Report::add(const RefusedName& refusal, const Bundle& bundle) const {
  if (!file_ || refusal.rule >= bundle.rules.size()) return;
  const Bundle::Rule& rule = bundle.rules[refusal.rule];
  write_line("{\"time\":" + quoted(now()) + ",\"rule\":" + std::to_string(refusal.rule) +
             ",\"operation\":\"write\",\"subject\":" + quoted(refusal.path) +
             ",\"verdict\":\"deny\",\"policy\":" + quoted(rule.origin) + ",\"program\":" +
             quoted(refusal.program) + ",\"pid\":" + std::to_string(refusal.thread) + "}\n");
}

void Report::add_failed_update(const std::string& path, const Error& error) const {
  if (!file_) return;
  write_line("{\"time\":" + quoted(now()) + ",\"operation\":\"update\",\"subject\":" +
             quoted(path) + ",\"verdict\":\"error\",\"message\":" + quoted(error.message) + "}\n");
}

void Report::write_line(const std::string& line) const {
  // A full disk must not end the command; what is lost is this line.
  [[maybe_unused]] const ssize_t written = write(file_.get(), line.data(), line.size());
}

}  // namespace srt
