#include "runtime/run/selftest.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "runtime/base/file.h"
#include "runtime/base/system_error.h"
#include "runtime/base/unique_fd.h"
#include "runtime/caller/subject.h"
#include "runtime/run/probe.h"

namespace srt {
namespace {

// Something to try, and why.
struct Trial {
  Probe probe;
  Effect wanted;
  std::string reason;  // where an expectation or the deciding rule stands
};

class Trials {
 public:
  Trials(const Bundle& bundle, const Places& places, const std::string& directory)
      : bundle_(bundle), places_(places), directory_(directory) {}

  Status add(const Bundle::Expectation& expectation) {
    const Result<std::string> subject =
        expanded_subject(bundle_, places_, expectation.operation, expectation.subject);
    const Result<std::string> path = subject ? canonical_path(directory_, *subject) : subject;
    if (!path) return Error{expectation.origin + ": " + path.error().message, path.error().help};
    trials_.push_back({{expectation.operation, path->empty() ? "/" : *path},
                       expectation.effect,
                       "expected at " + expectation.origin});
    return ok();
  }

  // What the rules decide about reading and writing the place of a mount.
  void add(const Mount& mount) {
    // Listed whatever the rules say.
    if (mount.path == "/") return;
    const PathTable::Verdict verdict =
        bundle_.paths.verdict(bundle_.paths.find(mount.path, places_.anchors));
    add(mount.path, Operation::read, verdict.access >= Access::read, verdict.read_rule);
    add(mount.path, Operation::write, verdict.access >= Access::write, verdict.rule());
  }

  const std::vector<Trial>& all() const { return trials_; }

 private:
  void add(const std::string& path, Operation operation, bool allowed, std::uint32_t rule) {
    const std::string reason =
        rule == PathTable::kNoRule
            ? "the policy's default"
            : "`" + bundle_.rules[rule].text + "` at " + bundle_.rules[rule].origin;
    trials_.push_back({{operation, path}, allowed ? Effect::allow : Effect::deny, reason});
  }

  const Bundle& bundle_;
  const Places& places_;
  const std::string& directory_;
  std::vector<Trial> trials_;
};

// Runs this program as the command, on files in memory as its input and output. As its errors it
// has itself, which the policy may hide: it is started by that descriptor, and says nothing.
Result<std::string> probe_inside(LaunchSpec spec, const std::vector<Probe>& probes) {
  const UniqueFd input(memfd_create("srt-probes", MFD_CLOEXEC));
  const UniqueFd output(memfd_create("srt-results", MFD_CLOEXEC));
  const UniqueFd program(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const std::string bytes = encode(probes);
  if (!input || !output || !program ||
      pwrite(input.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return system_error("cannot prepare the probes");
  }
  spec.command = {"/proc/self/fd/2", "--probe"};
  spec.streams = {input.get(), output.get(), program.get()};
  asio::io_context io(1);
  const Result<int> status = launch(spec, io, [](const SandboxNetwork&) { return ok(); });
  if (!status) return status.error();
  std::string results(probes.size(), '\0');
  const ssize_t size = pread(output.get(), results.data(), results.size(), 0);
  if (*status != 0 || size != static_cast<ssize_t>(results.size())) {
    return Error{"the probes ended with status " + std::to_string(*status)};
  }
  return results;
}

std::string description(const Trial& trial) {
  return std::string(to_string(trial.wanted)) + ' ' +
         std::string(to_string(trial.probe.operation)) + ' ' + trial.probe.path;
}

}  // namespace

Result<SelfTest> self_test(const Bundle& bundle, const Caller& caller, const Places& places,
                           LaunchSpec spec) {
  Trials trials(bundle, places, caller.working_directory);
  for (const Bundle::Expectation& expectation : bundle.expectations) {
    if (Status added = trials.add(expectation); !added) return std::move(added).error();
  }
  for (const Mount& mount : spec.plan.mounts) trials.add(mount);

  std::vector<Probe> probes;
  std::vector<ProbeResult> outside;
  for (const Trial& trial : trials.all()) {
    probes.push_back(trial.probe);
    outside.push_back(attempt(trial.probe));
  }
  const Result<std::string> inside = probe_inside(std::move(spec), probes);
  if (!inside) return inside.error();

  SelfTest found = {.text = {}, .holds = true};
  std::size_t held = 0;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const Trial& trial = trials.all()[i];
    const bool done = (*inside)[i] == static_cast<char>(ProbeResult::done);
    if (done == (trial.wanted == Effect::allow)) {
      held += outside[i] == ProbeResult::done ? 1 : 0;
    } else if (done || outside[i] == ProbeResult::done) {
      found.holds = false;
      found.text += description(trial) + ": " + (done ? "it was done" : "it was refused") + " (" +
                    trial.reason + ")\n";
    }
  }
  const std::size_t failed =
      static_cast<std::size_t>(std::count(found.text.begin(), found.text.end(), '\n'));
  found.text += std::to_string(probes.size()) + " probes: " + std::to_string(held) +
                " as the policy says, " + std::to_string(failed) + " otherwise, " +
                std::to_string(probes.size() - held - failed) +
                " of what is not there or not the caller's to do\n";
  return found;
}

}  // namespace srt
