#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compiler/driver/commands.h"
#include "compiler/driver/decide.h"
#include "compiler/driver/exit_status.h"
#include "compiler/driver/flip.h"
#include "compiler/driver/load.h"
#include "compiler/driver/print.h"
#include "compiler/source/edit_distance.h"
#include "runtime/base/file.h"
#include "runtime/base/printable.h"

namespace srt::driver {
namespace {

// What `~` means: `${home}` is a parameter of every policy, since std.self names a file in it.
std::string home_of(const Bundle& bundle, const Places& places) {
  for (std::size_t i = 0; i < bundle.parameters.size(); ++i) {
    if (bundle.parameters[i].source == Parameter::Source::home) return places.values[i];
  }
  return {};
}

// Requests of a batch: far more than anyone asks at once, and it must fit into memory.
constexpr std::size_t kMaxBatchBytes = std::size_t{256} << 20;

Result<Operation> operation_of(const std::string& name) {
  if (const auto operation = operation_named(name)) return *operation;
  const auto meant = closest(name, kOperationNames);
  return Error{"`" + name + "` is not an operation",
               meant ? "did you mean `" + std::string(*meant) + "`?"
                     : fmt::format("it is one of `{}`", fmt::join(kOperationNames, "`, `"))};
}

class Explainer {
 public:
  /// `written` is the policy of all targets, before that of one was selected.
  Explainer(const Compilation& compilation, const ir::Policy& written, const Bundle& bundle,
            const Places& places, std::string directory)
      : compilation_(compilation),
        written_(written),
        bundle_(bundle),
        places_(places),
        directory_(std::move(directory)) {}

  int one(const ExplainCommand& command) const {
    const Result<Decision> decision = decide(command.operation, command.subject);
    if (!decision) {
      complain("srtc", decision.error());
      return kUsage;
    }
    std::string out = verdict(*decision) + '\n';
    if (!decision->rule && !decision->is_built_in()) {
      out += fmt::format("default {} {}\n", command.operation, to_string(decision->effect));
    } else if (decision->rule) {
      const Bundle::Rule& rule = bundle_.rules[*decision->rule];
      out += fmt::format("{}: {}\n", printable(rule.origin), rule.text);
      if (!rule.because.empty()) out += fmt::format("because {}\n", printable(rule.because));
      for (const Target target : kTargets) {
        if (command.targets && !command.targets->has(target)) continue;
        out += on_target(compilation_.policy.rules[*decision->rule], target);
      }
    }
    if (!decision->beside.empty()) out += fmt::format("{}\n", decision->beside);
    if (!decision->is_built_in()) {
      const std::string change =
          change_that_flips(compilation_.policy, compilation_.sources, places_, directory_,
                            *operation_named(command.operation), *decision);
      if (!change.empty()) out += change + '\n';
    }
    if (!print(out)) return kFile;
    return decision->effect == Effect::allow ? kDone : kNo;
  }

  int batch(const std::string& file) const {
    const Result<std::string> text = read_file(file, kMaxBatchBytes);
    if (!text) {
      complain("srtc", text.error());
      return kFile;
    }
    std::string out;
    std::size_t number = 0;
    for (std::string_view rest = *text; !rest.empty();) {
      ++number;
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.empty()) continue;
      const std::size_t space = line.find(' ');
      const std::string operation(line.substr(0, space));
      const std::string subject(space == std::string_view::npos ? "" : line.substr(space + 1));
      const Result<Decision> decision = decide(operation, subject);
      if (!decision) {
        const std::string_view name = file == "-" ? "<stdin>" : std::string_view(file);
        complain("srtc", Error{fmt::format("{}:{}: {}", name, number, decision.error().message),
                               decision.error().help});
        return kUsage;
      }
      const std::string rule = decision->rule
                                   ? fmt::format("{}: {}", bundle_.rules[*decision->rule].origin,
                                                 bundle_.rules[*decision->rule].text)
                               : decision->is_built_in() ? std::string(decision->beside)
                                                         : "default";
      out += fmt::format("{}\t{}\t{}\t{}\n", verdict(*decision), operation, printable(subject),
                         printable(rule));
    }
    return print(out) ? kDone : kFile;
  }

 private:
  Result<Decision> decide(const std::string& operation, const std::string& subject) const {
    const Result<Operation> known = operation_of(operation);
    if (!known) return known.error();
    const bool is_in_home = subject == "~" || subject.starts_with("~/");
    if (!(is_file_operation(*known) || *known == Operation::unix) || !is_in_home) {
      return driver::decide(bundle_, places_, directory_, *known, subject);
    }
    return driver::decide(bundle_, places_, directory_, *known,
                          home_of(bundle_, places_) + '/' + subject.substr(1));
  }

  // What `target` makes of the rule, among the rules that hold there; nothing where it does not.
  std::string on_target(const ir::Rule& decided, Target target) const {
    const ir::Policy policy = ir::select(written_, target);
    const auto rule =
        std::find_if(policy.rules.begin(), policy.rules.end(), [&](const ir::Rule& other) {
          return other.origin == decided.origin && other.text == decided.text;
        });
    if (rule == policy.rules.end()) return {};
    const Fidelity found = fidelity(policy, *rule, target);
    std::string out = fmt::format("{}: {}{}{}\n", to_string(target), to_string(found.verdict),
                                  found.reason.empty() ? "" : ", ", found.reason);
    const bool is_looser =
        found.verdict == Fidelity::Verdict::looser || found.verdict == Fidelity::Verdict::at_launch;
    if (is_looser && rule->accepted && rule->accepted->targets.has(target)) {
      out += fmt::format("  accepted because {}\n", printable(rule->accepted->because));
    }
    return out;
  }

  std::string verdict(const Decision& decision) const {
    const bool existing = decision.rule && bundle_.rules[*decision.rule].existing;
    return std::string(to_string(decision.effect)) + (existing ? " (existing)" : "");
  }

  const Compilation& compilation_;
  const ir::Policy& written_;
  const Bundle& bundle_;
  const Places& places_;
  std::string directory_;
};

}  // namespace

int run_command(const ExplainCommand& command) {
  Result<Compilation> compilation = load(command.policy, {command.root});
  if (!compilation) {
    complain("srtc", compilation.error());
    return kFile;
  }
  const bool on_macos = command.targets && !command.targets->linux;
  const ir::Policy written = compilation->policy;
  compilation->policy =
      ir::select(std::move(compilation->policy), on_macos ? Target::macos : Target::linux);
  std::optional<Bundle> bundle;
  // What a target makes of the rule in question is part of the answer, not a message.
  if (!compilation->diagnostics.has_errors())
    if (auto lowered = lower(*compilation, {}, optimize::Switches::none())) {
      bundle = std::move(lowered->bundle);
    }
  if (!show(*compilation, false) || !bundle) return kFile;
  const Result<Caller> caller = this_caller();
  if (!caller) {
    complain("srtc", caller.error());
    return kFile;
  }
  const Result<Places> places = find_places(*bundle, *caller, "", command.parameters);
  if (!places) {
    complain("srtc", places.error());
    return kUsage;
  }
  if (const Status settled = bundle->settle(places->values); !settled) {
    complain("srtc", settled.error());
    return kUsage;
  }
  std::string directory = caller->working_directory;
  for (const auto& [name, value] : command.parameters) {
    if (name == "cwd") directory = value;
  }
  const Explainer explainer(*compilation, written, *bundle, *places, std::move(directory));
  return command.batch.empty() ? explainer.one(command) : explainer.batch(command.batch);
}

}  // namespace srt::driver
