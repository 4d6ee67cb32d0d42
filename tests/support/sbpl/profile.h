#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/effect.h"
#include "runtime/base/result.h"

/// Seatbelt profiles as Seatbelt decides by them: a reference evaluator for the subset that is
/// emitted, so that a profile can be tested where there is no Mac.
namespace srt::test::sbpl {

/// How rules that match one request rank. Nothing may depend on it.
enum class Reading {
  last_match,  ///< the last one decides
  by_shape,  ///< the last one decides, but a compound filter is not undone by a later `subpath` or
             ///< `regex`, and a specific operation's rule not by a later one of its wildcard; both
             ///< were seen
};

/// What is asked for: a path under an operation of `file…` or `process-exec…`, else a name with the
/// kind of filter that speaks of it: `global-name`, `sysctl-name`, `remote ip`, `target`.
struct Request {
  std::string operation;
  std::string subject;
  std::string kind = "path";
};

class Filter;

/// A profile with its parameters filled in.
class Profile {
 public:
  /// Values of `-D NAME=VALUE`.
  using Parameters = std::map<std::string, std::string, std::less<>>;

  /// Reads a profile and runs its definitions. Errors are what Seatbelt would refuse, as far as it
  /// is known, and everything outside the subset.
  static Result<Profile> load(std::string_view text, const Parameters& parameters);

  /// The filters of paths that the profile has, by kind and text.
  using Texts = std::set<std::pair<std::string, std::string>>;
  const Texts& path_texts() const { return path_texts_; }

  Effect decide(const Request& request, Reading reading) const;
  bool allows(const Request& request, Reading reading = Reading::last_match) const {
    return decide(request, reading) == Effect::allow;
  }

 private:
  friend class Interpreter;

  struct Rule {
    Effect effect;
    std::vector<std::string> operations;
    std::vector<std::shared_ptr<const Filter>> filters;
  };
  // What a rule's filters say of a subject, whatever the operation.
  struct Match {
    bool is_known = false;
    bool matched = false;
    bool compound = false;
    bool literal = false;
  };
  const Match& match(std::size_t rule, const Request& request) const;

  // How closely each rule names an operation: -1 not at all.
  const std::vector<int>& ranks_of(const std::string& operation) const;

  std::vector<Rule> rules_;
  mutable std::map<std::string, std::vector<int>> ranks_;
  mutable std::vector<Match> matches_;  // of the subject that was asked about last
  mutable std::pair<std::string, std::string> asked_;
  Texts path_texts_;
};

}  // namespace srt::test::sbpl
