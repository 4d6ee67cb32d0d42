#include "compiler/verify/sbpl/check_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "compiler/verify/sbpl/profile.h"
#include "compiler/verify/sbpl/proof.h"
#include "runtime/base/printable.h"

namespace srt::verify {
namespace {

using namespace sbpl;

constexpr std::string_view kPart = "Seatbelt profile";

bool matches(std::string_view pattern, std::string_view operation) {
  if (pattern == "default") return true;
  if (!pattern.ends_with('*')) return pattern == operation;
  return operation.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool is_question(std::string_view operation) {
  return std::any_of(kQuestions.begin(), kQuestions.end(),
                     [&](const QuestionInfo& info) { return info.operation == operation; });
}

// Whether it is about nothing but what `kQuestions` lists, or about what is decided like that.
bool is_about_files(std::string_view operation) {
  return is_question(operation) || operation == "file-read*" || operation == "file-write*" ||
         operation == "process-exec*";
}

// What the rules of a profile say of each question; those that are decided alike are one.
Result<std::vector<ProfileRules>> rules_of(const Profile& profile) {
  std::map<std::vector<std::size_t>, std::vector<Question>> alike;
  for (const QuestionInfo& info : kQuestions) {
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < profile.rules.size(); ++i) {
      const std::vector<std::string>& operations = profile.rules[i].operations;
      if (std::any_of(operations.begin(), operations.end(), [&](const std::string& operation) {
            return matches(operation, info.operation);
          })) {
        which.push_back(i);
      }
    }
    // Reading and writing are asked about apart.
    which.push_back(profile.rules.size() + (info.is_write ? 1 : 0));
    alike[which].push_back(info.question);
  }
  std::vector<ProfileRules> out;
  for (const auto& [which, questions] : alike) {
    ProfileRules one{questions, {}};
    for (const std::size_t i : which) {
      if (i >= profile.rules.size()) break;
      const ProfileRule& rule = profile.rules[i];
      std::vector<FormulaPtr> paths;
      for (const Filter& filter : rule.filters) {
        if (!filter.paths) {
          return Error{
              fmt::format("line {}: `{}` is no filter of paths", rule.line, filter.spelled)};
        }
        paths.push_back(filter.paths);
      }
      if (rule.filters.empty()) paths.push_back(always());
      one.rules.clauses.push_back({rule.effect, any_of(std::move(paths)), rule.line});
    }
    out.push_back(std::move(one));
  }
  return out;
}

// What is said of everything else, as it is spelled: by operation, the effects in their order.
struct Saying {
  Effect effect;
  std::set<std::string> filters;
  std::size_t line;

  friend bool operator==(const Saying& a, const Saying& b) {
    return a.effect == b.effect && a.filters == b.filters;
  }
};
std::map<std::string, std::vector<Saying>> sayings_of(const Profile& profile) {
  std::map<std::string, std::vector<Saying>> out;
  for (const ProfileRule& rule : profile.rules) {
    for (const std::string& operation : rule.operations) {
      if (is_about_files(operation)) continue;
      std::vector<Saying>& sayings = out[operation];
      if (sayings.empty() || sayings.back().effect != rule.effect) {
        sayings.push_back({rule.effect, {}, rule.line});
      }
      for (const Filter& filter : rule.filters) sayings.back().filters.insert(filter.spelled);
      if (rule.filters.empty()) sayings.back().filters.insert("");
    }
  }
  return out;
}

void check_others(const Profile& profile, const Profile& expected, Report& report) {
  const auto found = sayings_of(profile);
  const auto wanted = sayings_of(expected);
  std::set<std::string> operations;
  for (const auto* sayings : {&found, &wanted}) {
    for (const auto& entry : *sayings) operations.insert(entry.first);
  }
  for (const std::string& operation : operations) {
    const auto here = found.find(operation);
    const auto there = wanted.find(operation);
    if (here != found.end() && there != wanted.end() && here->second == there->second) continue;
    const std::string where =
        here == found.end() ? "there is none" : fmt::format("line {}", here->second[0].line);
    report.differences.push_back(
        {Kind::unproved,
         std::string(kPart),
         fmt::format("what it says of `{}` is not what this srtc makes", operation),
         {},
         where});
  }
}

class Checker {
 public:
  Checker(const ProfileBasis& basis, Report& report)
      : basis_(basis), report_(report), leaves_(basis.policy.anchors.size()) {}

  void run(std::string_view text) {
    const ProfileNames names = names_of();
    const Result<Profile> profile = read_profile(text, names, leaves_);
    if (!profile) return unproved(profile.error().message);
    const Result<std::vector<ProfileRules>> rules = rules_of(*profile);
    if (!rules) return unproved(rules.error().message);
    const ir::Policy policy = ir::select(basis_.policy, Target::macos);
    const ir::Policy smaller =
        basis_.optimized == nullptr ? policy : ir::select(*basis_.optimized, Target::macos);
    const Result<PolicyRules> wanted = make_policy_rules(
        policy, smaller,
        [&](const Span& place) {
          return std::find(basis_.tighter.begin(), basis_.tighter.end(), place) !=
                 basis_.tighter.end();
        },
        leaves_);
    if (!wanted) return unproved(wanted.error().message);
    const std::size_t before = report_.differences.size();
    const Proof proof = prove_profile(*wanted, *rules, leaves_);
    for (const Fault& fault : proof.faults) add(policy, fault);
    if (!proof.is_complete && proof.faults.empty()) {
      report_.differences.push_back(
          {Kind::unfinished, std::string(kPart), "it takes too many steps to read all paths"});
    }
    Leaves others(basis_.policy.anchors.size());
    const Result<Profile> expected = read_profile(basis_.expected, names, others);
    if (!expected) return unproved(expected.error().message);
    check_others(*profile, *expected, report_);
    if (report_.differences.size() != before) return;
    report_.proved.emplace_back("reading and writing on macOS");
    report_.unchecked.emplace_back(
        "what the Seatbelt profile says of other things than files: it is what this srtc makes");
  }

 private:
  void unproved(const std::string& why) {
    report_.differences.push_back({Kind::unproved, std::string(kPart), why});
  }

  ProfileNames names_of() const {
    ProfileNames out;
    const std::vector<Template>& anchors = basis_.policy.anchors;
    for (const auto& [name, value] : basis_.parameters) {
      const auto anchor = std::find(anchors.begin(), anchors.end(), value);
      if (anchor == anchors.end()) continue;
      out.directories.emplace(name, static_cast<glob::AnchorId>(anchor - anchors.begin()));
    }
    return out;
  }

  void add(const ir::Policy& policy, const Fault& fault) {
    const QuestionInfo& info = kQuestions[static_cast<std::size_t>(fault.question)];
    const bool is_loose = fault.kind == Fault::Kind::looser || fault.kind == Fault::Kind::moved;
    Difference difference{is_loose                             ? Kind::looser
                          : fault.kind == Fault::Kind::tighter ? Kind::tighter
                                                               : Kind::unproved,
                          std::string(info.operation), spell(policy, fault)};
    if (fault.kind == Fault::Kind::moved) {
      difference.policy = fault.question == Question::write_create
                              ? "a directory that holds what is denied below it could be put there"
                              : "what is denied below it would be denied no more";
    } else if (fault.policy_rule) {
      const ir::Rule& rule = policy.rules[*fault.policy_rule];
      difference.policy = fmt::format("`{}` ({})", rule.text, basis_.sources.location(rule.origin));
    } else {
      difference.policy = is_loose ? "deny by default" : "allow by default";
    }
    difference.artifact = fault.profile_line ? fmt::format("line {}", *fault.profile_line)
                                             : std::string("deny by default");
    const auto same = [&](const Difference& other) {
      return other.kind == difference.kind && other.subject == difference.subject &&
             other.artifact == difference.artifact;
    };
    // One path is enough, whatever else may be done with it.
    if (std::none_of(report_.differences.begin(), report_.differences.end(), same) &&
        report_.differences.size() < kMaxDifferences) {
      report_.differences.push_back(std::move(difference));
    }
  }

  std::string spell(const ir::Policy& policy, const Fault& fault) const {
    std::string path;
    std::string where;
    for (const Letter letter : fault.path) {
      if (!letter.is_mark) {
        path += static_cast<char>(letter.value);
        continue;
      }
      where += fmt::format("{}`{}` is `{}`", where.empty() ? " where " : " and ",
                           ir::spell(policy, policy.anchors[letter.value]),
                           path.empty() ? "/" : printable(path));
    }
    if (fault.above) {
      where += fmt::format("{}`{}` lies in it", where.empty() ? " where " : " and ",
                           ir::spell(policy, policy.anchors[*fault.above]));
    }
    return (path.empty() ? "/" : printable(path)) + where;
  }

  const ProfileBasis& basis_;
  Report& report_;
  Leaves leaves_;
};

}  // namespace

void check_profile(std::string_view profile, const ProfileBasis& basis, Report& report) {
  Checker(basis, report).run(profile);
}

}  // namespace srt::verify
