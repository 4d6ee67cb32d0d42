#include "compiler/backend/seatbelt/seatbelt.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <span>

#include "compiler/backend/moves.h"
#include "compiler/backend/seatbelt/base_profile.h"
#include "compiler/backend/seatbelt/clause.h"
#include "compiler/backend/seatbelt/comment.h"
#include "compiler/backend/seatbelt/filter.h"
#include "compiler/backend/seatbelt/path_filter.h"
#include "compiler/backend/seatbelt/scheme.h"
#include "compiler/backend/seatbelt/services.h"
#include "compiler/glob/algebra.h"

namespace srt::seatbelt {
namespace {

using glob::Atom;
using glob::PathPattern;
using glob::PathSet;
using ir::Operation;
using ir::Rule;

// A specific operation's rule is not undone by a later one of its wildcard, so every rule names
// those that some other rule names.
constexpr std::string_view kReadOperations =
    "file-read* file-read-metadata file-map-executable process-exec*";
constexpr std::string_view kWriteOperations =
    "file-write* file-write-create file-write-unlink file-link";

PathSet everything() { return {{std::nullopt, {}, true}, {}, {}}; }

class Emitter {
 public:
  Emitter(const ir::Policy& policy, Diagnostics& diagnostics)
      : policy_(policy), diagnostics_(diagnostics), writer_(policy) {}

  std::optional<std::string> run() {
    add_rules(Operation::read, reads_);
    add_rules(Operation::write, writes_);
    first_level_ = writes_.size();
    while (first_shared_ < reads_.size() && has_later_allow(first_shared_)) ++first_shared_;
    add_levels();
    report_moves();
    separate_compounds(reads_, writer_);
    separate_compounds(writes_, writer_);
    collect_pins();

    print_reads();
    print_writes();
    print_shared();
    print_pins();
    print_services();
    print_network();
    check_size();
    if (failed_) return std::nullopt;
    return std::string(kBaseProfile) + definitions() + body_;
  }

 private:
  void add_rules(Operation operation, std::vector<Clause>& clauses) {
    if (policy_.default_of(operation) == Effect::allow) {
      clauses.push_back({Effect::allow,
                         {{everything().pattern}},
                         everything(),
                         {fmt::format("default {} allow", to_string(operation))}});
    }
    std::vector<Clause> followed;
    for (const Rule& rule : policy_.rules) {
      if (rule.operation != operation) continue;
      std::optional<Filter> filter = filter_of(rule, policy_, writer_, diagnostics_);
      if (!filter) continue;
      check_strings(rule, *filter);
      Clause clause = {
          rule.effect, std::move(*filter), rule.paths(), {comment_text(rule.text)}, &rule};
      if (clause.is_allow()) flush(followed, clauses);
      const bool is_followed = reach_when_moved(policy_, rule) == Reach::followed;
      if (is_followed && operation == Operation::write) {
        // Nothing else than the writable places is written anyway.
        clause.paths = {tail_of(rule.paths().pattern), {}, {}};
        clause.filter.any = {clause.paths.pattern};
        clause.filter.all.clear();
      } else if (is_followed) {
        follow(clause, followed);
      }
      clauses.push_back(std::move(clause));
    }
    flush(followed, clauses);
  }

  // Adds to `followed`, which come below the clauses of an effect, what holds a read deny in the
  // places that directories can be moved to out of its reach.
  void follow(const Clause& deny, std::vector<Clause>& followed) {
    std::vector<std::string> places;
    for (const PathPattern& place : writable_beyond(policy_, *deny.rule)) {
      for (std::string& filter : writer_.paths(place, Letters::exact)) {
        if (std::find(places.begin(), places.end(), filter) == places.end()) {
          places.push_back(std::move(filter));
        }
      }
    }
    const PathPattern tail = tail_of(deny.rule->paths().pattern);
    tails_.push_back(tail);
    Clause there = {
        Effect::deny,
        {{tail}, Letters::folded, {any_of(places)}, deny.filter.none, deny.filter.condition},
        {tail, {}, {}},
        {deny.comments[0] + ", where directories can be moved to"},
        deny.rule};
    for (Clause& known : followed) {
      if (known.filter.all == there.filter.all && join(known, there)) return;
    }
    followed.push_back(std::move(there));
  }

  static void flush(std::vector<Clause>& from, std::vector<Clause>& to) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
    from.clear();
  }

  bool is_written(const PathSet& paths) const {
    return std::any_of(writes_.begin(), writes_.begin() + static_cast<std::ptrdiff_t>(first_level_),
                       [&](const Clause& clause) {
                         return clause.is_allow() && may_overlap(clause.paths, paths);
                       });
  }

  // Whether a read clause is an allow or some later one is.
  bool has_later_allow(std::size_t index) const {
    return std::any_of(reads_.begin() + static_cast<std::ptrdiff_t>(index), reads_.end(),
                       [](const Clause& clause) { return clause.is_allow(); });
  }

  // Adds the paths of `next` to those of `clause` when both leave out the same.
  static bool join(Clause& clause, Clause& next) {
    Filter& filter = clause.filter;
    if (!filter.is_compound() || filter.letters != next.filter.letters ||
        filter.all != next.filter.all || filter.none != next.filter.none ||
        filter.condition != next.filter.condition) {
      return false;
    }
    std::move(next.filter.any.begin(), next.filter.any.end(), std::back_inserter(filter.any));
    clause.paths = everything();
    std::move(next.comments.begin(), next.comments.end(), std::back_inserter(clause.comments));
    return true;
  }

  // What cannot be read cannot be written: each read deny again, but for what is re-opened later.
  void add_levels() {
    std::vector<Clause> levels;
    const auto reopened = [&](std::size_t first, const PathSet& paths) {
      std::vector<std::string> out;
      for (std::size_t i = first; i < reads_.size(); ++i) {
        if (!reads_[i].is_allow() || !may_overlap(paths, reads_[i].paths)) continue;
        out.push_back(reads_[i].filter.as_expression(writer_));
      }
      return out;
    };
    // Under `default read deny` the write grants bring their reads, but for the default's own.
    if (policy_.default_of(Operation::read) == Effect::deny &&
        policy_.default_of(Operation::write) == Effect::allow) {
      levels.push_back({Effect::deny,
                        {{everything().pattern}, Letters::exact, {}, reopened(0, everything())},
                        everything(),
                        {"default read deny"}});
      ++printed_levels_;
    }
    for (std::size_t i = 0; i < reads_.size(); ++i) {
      if (reads_[i].is_allow() || !is_written(reads_[i].paths)) continue;
      Clause level = reads_[i];
      for (std::string& filter : reopened(i + 1, level.paths)) {
        level.filter.none.push_back(std::move(filter));
      }
      if (!levels.empty() && i < first_shared_ && join(levels.back(), level)) continue;
      if (i < first_shared_) ++printed_levels_;
      levels.push_back(std::move(level));
    }
    std::move(levels.begin(), levels.end(), std::back_inserter(writes_));
  }

  // What a moved directory does to denies, once for all such rules of a file: they are many or
  // none.
  void report_moves() {
    struct Alike {
      const Rule* first;
      std::set<std::uint32_t> patterns;  // where they stand: one can have become many rules
    };
    std::map<std::pair<FileId, Reach>, Alike> found;
    for (const Rule& rule : policy_.rules) {
      const Reach reach = reach_when_moved(policy_, rule);
      const bool is_accepted =
          reach == Reach::lost && rule.accepted && rule.accepted->targets.macos;
      // Nobody can rewrite a built-in module, so that it is tighter is of no use to anyone.
      const bool is_silent = reach == Reach::followed && rule.built_in;
      if (reach == Reach::stays || is_accepted || is_silent) continue;
      const auto entry = found.try_emplace({rule.origin.file, reach}, Alike{&rule, {}}).first;
      entry->second.patterns.insert(rule.origin.begin);
    }
    for (const auto& [key, alike] : found) {
      const std::size_t more = alike.patterns.size() - 1;
      const std::string others = more == 0 ? "" : fmt::format(" and {} more", more);
      const Rule& rule = *alike.first;
      if (key.second == Reach::followed) {
        diagnostics_.report(Diag::followed_on_macos, rule.origin, rule.text, others).help =
            "nothing has to be done; a pattern that begins with `/**/` means as much everywhere";
      } else if (rule.built_in) {
        diagnostics_.report(Diag::module_moved_on_macos, rule.origin, rule.text, others).help =
            "`deny write` for the directory that holds them, where that can be, stops it";
      } else if (policy_.is_settings) {
        diagnostics_.report(Diag::moved_on_macos, rule.origin, rule.text, others).help =
            "with one `**` it holds wherever directories go";
      } else {
        diagnostics_.report(Diag::looser_on_macos, rule.origin, rule.text, others).help =
            "with one `**` it holds wherever directories go; else end the statement with `accept "
            "looser on macos because \"…\"`";
        failed_ = true;
      }
    }
  }

  // Statements of one effect become one, with a comment for each.
  void print_clauses(std::string_view operations, std::span<const Clause> clauses) {
    for (std::size_t begin = 0; begin < clauses.size();) {
      std::size_t end = begin + 1;
      const auto joins = [&](const Clause& clause) {
        return clause.effect == clauses[begin].effect && clause.filter.condition.empty() &&
               clauses[begin].filter.condition.empty();
      };
      while (end < clauses.size() && joins(clauses[end])) ++end;
      print_group(operations, clauses.subspan(begin, end - begin));
      begin = end;
    }
  }

  void print_group(std::string_view operations, std::span<const Clause> group) {
    std::string statement = fmt::format("({} {}", to_string(group[0].effect), operations);
    std::set<std::string> seen;
    std::string comment;
    bool ends_in_comment = false;
    const auto print = [&](const std::vector<std::string>& texts,
                           const std::vector<std::string>& filters) {
      const std::string spelled = fmt::format("\n  {}", fmt::join(comment_of(texts), "\n  "));
      if (spelled != comment) statement += spelled;
      ends_in_comment = ends_in_comment || spelled != comment;
      comment = spelled;
      for (const std::string& filter : filters) {
        if (!seen.insert(filter).second) continue;
        statement += "\n  " + indented(filter);
        ends_in_comment = false;
      }
    };
    // Denies are many and folded, so those that follow each other are written together.
    const auto is_merged = [](const Clause& clause) {
      return !clause.is_allow() && !clause.filter.is_compound();
    };
    for (std::size_t i = 0; i < group.size(); ++i) {
      std::vector<std::string> texts = group[i].comments;
      std::vector<PathPattern> patterns = group[i].filter.any;
      if (!is_merged(group[i])) {
        print(texts, group[i].filter.spell(writer_));
        continue;
      }
      for (; i + 1 < group.size() && is_merged(group[i + 1]); ++i) {
        const Clause& next = group[i + 1];
        texts.insert(texts.end(), next.comments.begin(), next.comments.end());
        patterns.insert(patterns.end(), next.filter.any.begin(), next.filter.any.end());
      }
      print(texts, writer_.paths(patterns, Letters::folded));
    }
    // A statement must not end in a comment.
    statement += ends_in_comment ? "\n)" : ")";
    if (const std::string& condition = group[0].filter.condition; !condition.empty()) {
      statement = "(when " + condition + "\n  " + indented(statement) + ')';
    }
    body_ += statement + '\n';
  }

  void print_filters(std::string_view effect_and_operation, const std::set<std::string>& filters) {
    if (filters.empty()) return;
    body_ += fmt::format("({}\n  {})\n", effect_and_operation, fmt::join(filters, "\n  "));
  }

  void print_reads() {
    body_ += "\n;;; Reading, executing and mapping: the last rule that matches decides\n\n";
    for (std::size_t begin = 0; begin < first_shared_;) {
      std::size_t end = begin + 1;
      while (end < first_shared_ && reads_[end].effect == reads_[begin].effect) ++end;
      print_clauses(kReadOperations, std::span(reads_).subspan(begin, end - begin));
      print_lookups(begin, end);
      begin = end;
    }
  }

  // What lies above a readable path can be looked up: above what the clauses from `begin` to `end`,
  // all of one effect, allow, and above what they leave out of a deny.
  void print_lookups(std::size_t begin, std::size_t end) {
    const bool closed = policy_.default_of(Operation::read) == Effect::deny;
    std::set<std::string> above;
    const auto add = [&](const PathPattern& pattern) {
      for (std::string& filter : writer_.ancestors(pattern)) above.insert(std::move(filter));
    };
    for (std::size_t i = begin; i < end; ++i) {
      const Clause& clause = reads_[i];
      if (clause.is_allow() && (closed || is_denied(clause.paths, begin, i))) {
        add(clause.paths.pattern);
      }
      if (clause.is_allow() || closed) continue;
      for (const PathPattern& hole : clause.filter.holes) {
        if (!is_denied({hole, {}, {}}, end, i)) add(hole);
      }
    }
    if (above.empty()) return;
    body_ += "; Directories above what can be read can be looked up.\n";
    print_filters("allow file-read-metadata", above);
  }

  // Whether one of the first `count` read clauses but `except` denies some of these paths.
  bool is_denied(const PathSet& paths, std::size_t count, std::size_t except) const {
    for (std::size_t i = 0; i < count; ++i) {
      if (i != except && !reads_[i].is_allow() && may_overlap(reads_[i].paths, paths)) return true;
    }
    return false;
  }

  void print_writes() {
    body_ += "\n;;; Writing\n\n";
    const auto all = std::span<const Clause>(writes_);
    print_clauses(kWriteOperations, all.first(first_level_));
    if (printed_levels_ > 0) body_ += "; What cannot be read cannot be written.\n";
    print_clauses(kWriteOperations, all.subspan(first_level_, printed_levels_));
  }

  // Read denies that nothing re-opens hold for writing as they stand, so they come after both.
  void print_shared() {
    const bool writes = is_written(everything());
    const auto shared = std::span<const Clause>(reads_).subspan(first_shared_);
    body_ += writes ? "\n;;; Neither reading nor writing\n\n" : "\n";
    print_clauses(writes ? fmt::format("{}\n      {}", kReadOperations, kWriteOperations)
                         : std::string(kReadOperations),
                  shared);
    print_lookups(first_shared_, reads_.size());
    body_ +=
        "; No program starts that cannot read the root directory itself.\n"
        "(allow file-read* file-read-metadata (literal \"/\"))\n";
  }

  void collect_pins() {
    if (!is_written(everything())) return;
    std::vector<PathPattern> denied = tails_;
    std::vector<PathPattern> to_come = tails_;
    for (const std::vector<Clause>* clauses : {&reads_, &writes_}) {
      for (const Clause& clause : *clauses) {
        if (clause.is_allow()) continue;
        denied.push_back(clause.paths.pattern);
        if (clause.rule == nullptr || !clause.rule->existing)
          to_come.push_back(clause.paths.pattern);
      }
    }
    pins_ = writer_.pins(denied);
    vacancies_ = writer_.pins(to_come);
    if (pins_.empty()) return;
    // A pin must not have to beat a compound filter.
    for (Clause& clause : writes_) {
      if (!clause.is_allow() || !clause.filter.is_compound()) continue;
      clause.filter.none.insert(clause.filter.none.end(), pins_.begin(), pins_.end());
      diagnostics_
          .report(Diag::tighter_on_macos, clause.rule->origin, clause.rule->text,
                  "it does not hold for directories above a denied path")
          .help = "allow the whole and deny the exceptions below it";
    }
  }

  void print_pins() {
    if (pins_.empty()) return;
    body_ += "\n;;; Directories above what is denied: none can be moved away with it";
    body_ += vacancies_.empty()
                 ? "\n"
                 : ",\n;;; and where there is none, no other and no link can be put\n";
    const bool are_same = pins_ == vacancies_;
    if (!vacancies_.empty()) {
      body_ += fmt::format("\n(deny file-write-create{}\n  {})\n",
                           are_same ? " file-write-unlink" : "", fmt::join(vacancies_, "\n  "));
    }
    if (!are_same) {
      body_ += fmt::format("\n(deny file-write-unlink\n  {})\n", fmt::join(pins_, "\n  "));
    }
  }

  // Before the proxy, which no rule about ports may close.
  void print_services() {
    const std::size_t before = diagnostics_.count(Severity::error);
    body_ += service_statements(
        policy_,
        [&](const Rule& rule) -> std::optional<std::vector<std::string>> {
          const std::optional<Filter> filter = filter_of(rule, policy_, writer_, diagnostics_);
          if (!filter) return std::nullopt;
          check_strings(rule, *filter);
          return filter->condition.empty() ? filter->spell(writer_)
                                           : std::vector{filter->as_expression(writer_)};
        },
        diagnostics_);
    failed_ = failed_ || diagnostics_.count(Severity::error) != before;
  }

  void print_network() {
    if (!needs_proxy(policy_)) {
      body_ += "\n;;; No host is allowed: no network\n";
      return;
    }
    body_ += "\n;;; Network: the proxy, which knows the hosts, and nothing else\n\n";
    body_ += fmt::format(
        "(allow network-outbound\n  (remote ip (string-append \"localhost:\" (param \"{}\"))))\n",
        kProxyPort);
  }

  std::string definitions() const {
    std::set<std::string_view> used;
    for (auto it = std::rbegin(kPathDefinitions); it != std::rend(kPathDefinitions); ++it) {
      bool needed = body_.find(it->name) != std::string::npos;
      for (const Definition& user : kPathDefinitions) {
        needed = needed || (used.contains(user.name) && user.name != it->name &&
                            user.text.find(it->name) != std::string_view::npos);
      }
      if (needed) used.insert(it->name);
    }
    if (used.empty()) return {};
    std::string out = "\n;;; What the rules below are written in\n\n";
    for (const Definition& definition : kPathDefinitions) {
      if (used.contains(definition.name)) out += definition.text;
    }
    return out;
  }

  void check_strings(const Rule& rule, const Filter& filter) {
    const std::size_t longest = measure_literals(filter.as_expression(writer_)).longest;
    if (longest <= kMaxStringBytes) return;
    diagnostics_.report(Diag::string_too_long_on_macos, rule.origin, longest, kMaxStringBytes)
        .help = "split the pattern's alternatives into rules, or deny a directory above it";
    failed_ = true;
  }

  void check_size() {
    std::size_t bytes = measure_literals(body_).total;
    for (std::size_t at = body_.find("(dir "); at != std::string::npos;
         at = body_.find("(dir ", at + 1)) {
      bytes += kParameterBytes;
    }
    if (bytes <= kMaxPatternBytes) return;
    diagnostics_.report(Diag::profile_too_large_on_macos, Span{}, bytes, kMaxPatternBytes).help =
        "deny directories instead of the names in them, or use `**` for names in many places";
    failed_ = true;
  }

  const ir::Policy& policy_;
  Diagnostics& diagnostics_;
  FilterWriter writer_;
  std::vector<Clause> reads_;
  std::vector<Clause> writes_;
  std::size_t first_level_ = 0;     // in writes_: where what follows from read denies begins
  std::size_t first_shared_ = 0;    // in reads_: where the denies begin that no allow follows
  std::size_t printed_levels_ = 0;  // of those in writes_, how many stand there and not as shared
  std::vector<PathPattern> tails_;  // of followed read denies
  std::vector<std::string> pins_;
  std::vector<std::string> vacancies_;  // of the pins, where a denied name can be yet to come
  std::string body_;
  bool failed_ = false;
};

}  // namespace

std::vector<ProfileParameter> profile_parameters(const ir::Policy& policy) {
  std::set<glob::AnchorId> used;
  const auto use = [&](const PathPattern& pattern) {
    if (pattern.anchor) used.insert(*pattern.anchor);
  };
  for (const Rule& rule : policy.rules) {
    if (!rule.has_paths()) continue;
    use(rule.paths().pattern);
    for (const PathPattern& except : rule.paths().except) use(except);
    if (rule.paths().within) use(*rule.paths().within);
  }
  const std::vector<std::string> names = anchor_names(policy);
  std::vector<ProfileParameter> out;
  for (const glob::AnchorId anchor : used) out.push_back({names[anchor], policy.anchors[anchor]});
  std::set<std::string_view> ports;
  for (const Rule& rule : policy.rules) {
    if (rule.operation != Operation::bind || !rule.has_parameters()) continue;
    const Template& text = std::get<Template>(rule.subject);
    const std::string& name = policy.parameters[text.pieces[0].parameter].name;
    if (text.pieces.size() == 1 && ports.insert(name).second) out.push_back({name, text});
  }
  return out;
}

bool needs_proxy(const ir::Policy& policy) {
  return policy.default_of(Operation::connect) == Effect::allow ||
         std::any_of(policy.rules.begin(), policy.rules.end(), [](const Rule& rule) {
           return rule.operation == Operation::connect && rule.effect == Effect::allow;
         });
}

std::optional<std::string> emit(const ir::Policy& policy, Diagnostics& diagnostics) {
  return Emitter(policy, diagnostics).run();
}

}  // namespace srt::seatbelt
