#include <fmt/format.h>

#include <map>

#include "compiler/backend/bundle/bundle.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/decide.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/load.h"
#include "compiler/driver/print.h"
#include "runtime/caller/caller.h"
#include "runtime/caller/subject.h"

namespace srt::driver {
namespace {

// What fails, by where the expectation stands: the message, and the targets of which it is true.
using Failures = std::map<std::pair<std::uint32_t, std::uint32_t>, std::map<std::string, Targets>>;

std::string decided_by(const Bundle& bundle, const Decision& decision) {
  if (!decision.rule) return "by default";
  const Bundle::Rule& rule = bundle.rules[*decision.rule];
  return fmt::format("by `{}` at {}", rule.text, rule.origin);
}

// One target's policy, once as it is and once without the denies of what exists only: what both
// say holds whether or not something is there.
struct Decider {
  Bundle bundle;
  Bundle without_existing;
  Places places;
};

// Why an expectation is not met, empty when it is.
std::string failure(const ir::Expectation& expectation, const Decider& decider,
                    const std::string& directory) {
  const auto& [bundle, without_existing, places] = decider;
  const Result<std::string> subject =
      expanded_subject(bundle, places, expectation.operation, expectation.subject);
  if (!subject) return subject.error().message;
  const Result<Decision> decision =
      decide(bundle, places, directory, expectation.operation, *subject);
  if (!decision) return decision.error().message;
  // A deny of what exists says nothing of what does not.
  bool existing = decision->rule && bundle.rules[*decision->rule].existing;
  if (existing) {
    const Result<Decision> otherwise =
        decide(without_existing, places, directory, expectation.operation, *subject);
    existing = !otherwise || otherwise->effect != decision->effect;
  }
  if (decision->effect == expectation.effect && !existing) return {};
  return fmt::format("it is {}{} {}", to_string(decision->effect), existing ? " (existing)" : "",
                     decided_by(bundle, *decision));
}

class Tester {
 public:
  Tester(const TestCommand& command, Caller caller)
      : command_(command), caller_(std::move(caller)), directory_(caller_.working_directory) {
    for (const auto& [name, value] : command.parameters) {
      if (name == "cwd") directory_ = value;
    }
  }

  // Prints what fails in one policy. Returns the exit status.
  int test(const std::string& policy) const {
    Result<Compilation> compilation = load(policy, {command_.root});
    if (!compilation) {
      complain("srtc", compilation.error());
      return kFile;
    }
    if (!show(*compilation, false)) return kFile;
    Failures failures;
    for (const Target target : kTargets) {
      if (const int status = find_failures(*compilation, target, failures); status != kDone) {
        return status;
      }
    }
    const std::size_t count = compilation->policy.expectations.size();
    const std::string out =
        report(*compilation, failures) + fmt::format("{}: {} of {} expectations hold\n",
                                                     compilation->sources.file(0).name(),
                                                     count - failures.size(), count);
    if (!print(out)) return kFile;
    return failures.empty() ? kDone : kNo;
  }

 private:
  int find_failures(const Compilation& compilation, Target target, Failures& failures) const {
    const ir::Policy policy = ir::select(compilation.policy, target);
    if (policy.expectations.empty()) return kDone;
    ir::Policy without_existing = policy;
    std::erase_if(without_existing.rules, [](const ir::Rule& rule) { return rule.existing; });
    Result<Bundle> bundle = bundle::lower(policy, compilation.sources);
    Result<Bundle> other = bundle::lower(without_existing, compilation.sources);
    if (!bundle || !other) {
      complain("srtc", bundle ? other.error() : bundle.error());
      return kFile;
    }
    const Result<Places> places = find_places(*bundle, caller_, "", command_.parameters);
    if (!places) {
      complain("srtc", places.error());
      return kUsage;
    }
    for (Bundle* each : {&*bundle, &*other}) {
      if (const Status settled = each->settle(places->values); !settled) {
        complain("srtc", settled.error());
        return kUsage;
      }
    }
    const Decider decider = {std::move(*bundle), std::move(*other), *places};
    for (const ir::Expectation& expectation : policy.expectations) {
      const std::string why = failure(expectation, decider, directory_);
      if (why.empty()) continue;
      Targets& on = failures[{expectation.origin.file, expectation.origin.begin}][why];
      (target == Target::linux ? on.linux : on.macos) = true;
    }
    return kDone;
  }

  // One line for each expectation that fails, in the order of the policy.
  static std::string report(const Compilation& compilation, const Failures& failures) {
    std::string out;
    for (const ir::Expectation& expectation : compilation.policy.expectations) {
      const auto found = failures.find({expectation.origin.file, expectation.origin.begin});
      if (found == failures.end()) continue;
      std::string why;
      for (const auto& [text, targets] : found->second) {
        if (!why.empty()) why += "; ";
        if (targets != Targets::all()) why += targets.linux ? "on linux " : "on macos ";
        why += text;
      }
      out += fmt::format("{}: expected {} {} {}, but {}\n",
                         compilation.sources.location(expectation.origin),
                         to_string(expectation.effect), to_string(expectation.operation),
                         expectation.subject, why);
    }
    return out;
  }

  const TestCommand& command_;
  Caller caller_;
  std::string directory_;
};

}  // namespace

int run_command(const TestCommand& command) {
  Result<Caller> caller = this_caller();
  if (!caller) {
    complain("srtc", caller.error());
    return kFile;
  }
  const Tester tester(command, std::move(*caller));
  int worst = kDone;
  for (const std::string& policy : command.policies) {
    worst = std::max(worst, tester.test(policy));
  }
  return worst;
}

}  // namespace srt::driver
