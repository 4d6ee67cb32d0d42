#pragma once

/// The exit statuses of `srtc`. When it ends with anything but kDone, no output was written.
namespace srt::driver {

enum ExitStatus : int {
  kDone = 0,   ///< warnings alone leave it, unless `--deny-warnings`
  kNo = 1,     ///< the answer is no: compile errors, a request that is denied
  kUsage = 2,  ///< the command line is wrong
  kFile = 3,   ///< a file could not be read or written; where a policy is only asked, also that it
               ///< does not compile
};

}  // namespace srt::driver
