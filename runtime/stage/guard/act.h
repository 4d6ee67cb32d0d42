#pragma once

#include "runtime/stage/guard/caller.h"
#include "runtime/stage/guard/judge.h"
#include "runtime/stage/guard/request.h"
#include "runtime/stage/guard/resolve.h"

namespace srt::guard {

/// What was refused, for a report.
struct Refusal {
  std::uint32_t rule;
  PathText path;     ///< the denied name, canonical
  PathText program;  ///< that asked for it; empty where it cannot be told
};

/// How a call ends.
struct Outcome {
  long result = 0;          ///< what the call returns, or -errno
  Descriptor opened;        ///< in place of a result: what the caller gets a descriptor of
  Descriptor waits_on;      ///< a fifo that has to be opened, which may take any time
  std::uint32_t flags = 0;  ///< with one of these: what to open with

  static Outcome of(long result) {
    Outcome outcome;
    outcome.result = result;
    return outcome;
  }
};

/// One judged call. The parts that make names share what they need here.
class Act {
 public:
  /// `refusal` is filled where a rule refuses the call, its rule kNoRule otherwise.
  Act(const Caller& caller, Judge& judge, Refusal& refusal)
      : caller_(caller), judge_(judge), refusal_(refusal) {}

  /// Performs `request`, or refuses it.
  Outcome run(const Request& request);

 private:
  // Each returns what the call does, or -errno.
  long make(const Request& request);
  long make_link(const Request& request);
  long rename(const Request& request);
  long remove(const Request& request);
  long bind(const Request& request);
  Outcome open(const Request& request);
  Outcome open_existing(const Place& place, const Request& request, std::uint32_t flags);
  Outcome open_object(Descriptor object, std::uint32_t flags);

  /// Reads the path at `address` and resolves what it is in.
  long locate(int directory, std::uint64_t address, Place& place);
  long locate(int directory, const PathText& path, Place& place);
  /// -EACCES where a rule denies the place, which is noted; else 0.
  long judge(const Place& place);
  /// Likewise, also where a symbolic link at the place could lead to names that a rule denies
  /// there.
  long judge_link(const Place& place);
  long refuse(const Place& place, std::uint32_t rule);
  /// -EACCES where something in the directory `from` would be, at one of its names before and after
  /// a move to `to`, what a rule denies.
  long judge_tree(const Place& from, const Place& to);

  const Caller& caller_;
  Judge& judge_;
  Refusal& refusal_;
};

/// Whether there is something at a place, a link itself included; its type in `mode`.
long look(const Place& place, std::uint16_t& mode, std::uint32_t& device);

}  // namespace srt::guard
