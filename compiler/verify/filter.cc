#include "compiler/verify/filter.h"

#include <fmt/format.h>
#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>

#include "compiler/backend/seccomp/syscall_numbers.h"
#include "compiler/backend/seccomp/syscall_types.h"
#include "compiler/verify/program.h"

namespace srt::verify {
namespace {

// A condition of a rule, on one word of the arguments.
struct WordCondition {
  std::size_t word;
  WordTest test;
};

// `verdict` where all conditions hold.
struct WordClause {
  std::vector<WordCondition> all_of;
  std::uint32_t action;
};

// What the rules say of one system call: the first clause that holds decides, the last always does.
struct Expected {
  std::string name;  // empty for numbers that no call has
  const seccomp::Rule* rule = nullptr;
  std::vector<WordClause> clauses;
};

std::vector<WordCondition> words_of(const seccomp::Condition& condition, seccomp::ArgType type) {
  const std::size_t low = std::size_t{2} * condition.argument;
  const auto word = [&](unsigned shift) {
    return WordTest{static_cast<std::uint32_t>(condition.mask >> shift),
                    static_cast<std::uint32_t>(condition.value >> shift)};
  };
  std::vector<WordCondition> out = {{low, word(0)}};
  // Of `int` and `unsigned int` the kernel reads the low half alone.
  if (type == seccomp::ArgType::kUnsignedLong) out.push_back({low + 1, word(32)});
  return out;
}

std::string spell(std::uint32_t action) {
  const std::uint32_t data = action & SECCOMP_RET_DATA;
  switch (action & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
      return "allow";
    case SECCOMP_RET_KILL_PROCESS:
      return "kill the process";
    case SECCOMP_RET_USER_NOTIF:
      return data == 0 ? "ask the guard" : "ask the guard about links";
    case SECCOMP_RET_ERRNO:
      if (const char* name = strerrorname_np(static_cast<int>(data))) {
        return fmt::format("fail with {}", name);
      }
      return fmt::format("fail with {}", data);
    default:
      return fmt::format("return {:#x}", action);
  }
}

// How much an answer lets a call do: nothing, what the guard finds right, or anything.
int freedom(std::uint32_t action) {
  switch (action & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_KILL_PROCESS:
    case SECCOMP_RET_KILL_THREAD:
    case SECCOMP_RET_TRAP:
    case SECCOMP_RET_ERRNO:
      return 0;
    case SECCOMP_RET_USER_NOTIF:
      return 1;
    default:
      return 2;
  }
}

Kind kind_of(std::uint32_t expected, std::uint32_t actual) {
  if (freedom(expected) == freedom(actual)) return Kind::other;
  return freedom(actual) > freedom(expected) ? Kind::looser : Kind::tighter;
}

class FilterCheck {
 public:
  FilterCheck(seccomp::Arch arch, std::vector<Difference>& out)
      : arch_(arch), part_(fmt::format("seccomp {}", seccomp::arch_name(arch))), out_(out) {}

  Status expect(std::span<const seccomp::Rule> rules) {
    for (std::uint32_t number = 0; number <= seccomp::kLastReviewedNumber; ++number) {
      const std::optional<std::string> name = seccomp::known_syscall(arch_, number);
      const std::uint32_t action = name ? seccomp::kAllow.action : kUnknown;
      expected_.push_back({name.value_or(""), nullptr, {{{}, action}}});
    }
    for (const seccomp::Rule& rule : rules) {
      for (const std::string_view syscall : rule.syscalls) {
        const auto number = seccomp::syscall_number(arch_, syscall);
        if (!number) return number.error();
        if (!*number || **number > seccomp::kLastReviewedNumber) continue;
        Expected& expected = expected_[**number];
        expected.rule = &rule;
        expected.clauses = {};
        const std::span<const seccomp::ArgType> types = seccomp::argument_types(syscall);
        for (const seccomp::Clause& clause : rule.clauses) {
          WordClause words{{}, clause.verdict.action};
          for (const seccomp::Condition& condition : clause.all_of) {
            const std::vector<WordCondition> parts = words_of(condition, types[condition.argument]);
            words.all_of.insert(words.all_of.end(), parts.begin(), parts.end());
          }
          expected.clauses.push_back(std::move(words));
        }
        expected.clauses.push_back({{}, rule.otherwise.action});
      }
    }
    return ok();
  }

  void run(std::span<const sock_filter> program) {
    const Status status = for_each_path(program, [this](const ProgramPath& path) {
      check(path);
      return differences_ < kMaxDifferences;
    });
    if (!status) out_.push_back({Kind::unproved, part_, status.error().message});
  }

 private:
  // As no kernel had it when the rules were written.
  static constexpr std::uint32_t kUnknown = SECCOMP_RET_ERRNO | ENOSYS;

  void check(const ProgramPath& path) {
    const std::uint32_t own = seccomp::audit_arch(arch_);
    const NumberSet foreign = path.archs.outside(own, own);
    const bool is_foreign_run =
        !foreign.is_empty() && path.action != seccomp::kKillProcess.action &&
        reported_foreign_.insert(kind_of(seccomp::kKillProcess.action, path.action)).second;
    if (is_foreign_run) {
      report(fmt::format("a call of the architecture {:#x}", foreign.ranges().front().first),
             seccomp::kKillProcess.action, path.action, "no call of another architecture is run");
    }
    if (!path.archs.contains(own)) return;
    for (const auto& [first, last] : path.numbers.ranges()) {
      for (std::uint32_t number = first; number <= last && number < expected_.size(); ++number) {
        compare(path, path.arguments, number, 0, 0);
      }
      if (last >= expected_.size() && path.action != kUnknown) {
        const auto number = std::max(first, static_cast<std::uint32_t>(expected_.size()));
        report(fmt::format("call {}", number), kUnknown, path.action, "it is unknown");
      }
    }
  }

  // Tells apart, of the calls `number` on `path` with these arguments, what the clauses from
  // `clause` on, and of that one the conditions from `condition` on, tell apart.
  void compare(const ProgramPath& path, const Arguments& arguments, std::uint32_t number,
               std::size_t clause, std::size_t condition) {
    const Expected& expected = expected_[number];
    const WordClause& here = expected.clauses[clause];
    if (condition == here.all_of.size()) {
      if (here.action != path.action) differ(expected, number, arguments, here.action, path.action);
      return;
    }
    const auto& [word, test] = here.all_of[condition];
    const auto go_on = [&, word = word](const std::optional<WordSet>& set, std::size_t next_clause,
                                        std::size_t next_condition) {
      if (!set) return;
      Arguments narrower = arguments;
      narrower[word] = *set;
      compare(path, narrower, number, next_clause, next_condition);
    };
    go_on(arguments[word].passing(test), clause, condition + 1);
    go_on(arguments[word].failing(test), clause + 1, 0);
  }

  void differ(const Expected& expected, std::uint32_t number, const Arguments& arguments,
              std::uint32_t wanted, std::uint32_t actual) {
    if (!reported_.insert(number).second) return;
    std::string call =
        expected.name.empty() ? fmt::format("call {}", number) : fmt::format("`{}`", expected.name);
    std::size_t judged = 0;
    for (const WordClause& clause : expected.clauses) {
      for (const WordCondition& condition : clause.all_of) {
        judged = std::max(judged, condition.word / 2 + 1);
      }
    }
    for (std::size_t i = 0; i < judged; ++i) {
      const std::uint64_t value =
          arguments[2 * i].example() | std::uint64_t{arguments[2 * i + 1].example()} << 32;
      call += fmt::format("{}{:#x}", i == 0 ? " with " : ", ", value);
    }
    report(call, wanted, actual,
           expected.rule == nullptr ? expected.name.empty() ? "it is unknown" : ""
                                    : std::string(expected.rule->reason));
  }

  void report(const std::string& call, std::uint32_t wanted, std::uint32_t actual,
              const std::string& reason) {
    if (++differences_ > kMaxDifferences) return;
    // The reason is that of a refusal.
    const bool has_reason = !reason.empty() && freedom(wanted) == 0;
    out_.push_back({kind_of(wanted, actual), part_, call,
                    spell(wanted) + (has_reason ? ", because " + reason : ""), spell(actual)});
  }

  seccomp::Arch arch_;
  std::string part_;
  std::vector<Difference>& out_;
  std::vector<Expected> expected_;  // by number
  std::set<std::uint32_t> reported_;
  std::set<Kind> reported_foreign_;
  std::size_t differences_ = 0;
};

}  // namespace

Result<std::vector<sock_filter>> read_filter(std::string_view bytes) {
  if (bytes.empty() || bytes.size() % sizeof(sock_filter) != 0 ||
      bytes.size() / sizeof(sock_filter) > BPF_MAXINSNS) {
    return Error{fmt::format("{} bytes are no seccomp program", bytes.size()),
                 "give what `srtc POLICY -o FILE.bpf` makes"};
  }
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  std::vector<sock_filter> out;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(sock_filter)) {
    sock_filter step{};
    step.code = static_cast<std::uint16_t>(byte(at) | byte(at + 1) << 8);
    step.jt = byte(at + 2);
    step.jf = byte(at + 3);
    for (std::size_t i = 0; i < 4; ++i) {
      step.k |= std::uint32_t{byte(at + 4 + i)} << (8 * i);
    }
    out.push_back(step);
  }
  return out;
}

void check_filter(std::span<const sock_filter> program, seccomp::Arch arch,
                  std::span<const seccomp::Rule> rules, std::vector<Difference>& differences) {
  FilterCheck check(arch, differences);
  if (const Status known = check.expect(rules); !known) {
    differences.push_back({Kind::unproved, "seccomp", known.error().message});
    return;
  }
  check.run(program);
}

}  // namespace srt::verify
