#pragma once

#include <string>
#include <vector>

/// What `make bench` measures inside one process. Each prints its figures and returns an exit
/// status.
namespace srt::bench {

/// Prints the median time in nanoseconds to match one path against `count` globs: ours, and that of
/// RE2::Set, or `-` where this was built without it.
int match(int count);

/// Prints the median time in nanoseconds of the question whether one glob includes another.
int inclusion();

/// Serves short answers on a port of loopback, which it writes into the file `port_file`, until it
/// is ended.
int serve(const std::string& port_file);

/// Asks the server on `port` over new connections, 16 at a time for two seconds, and prints how
/// many a second were answered. Through the proxy at `proxy` (`http://HOST:PORT`), directly when
/// empty.
int load(const std::string& port, const std::string& proxy);

/// Makes, opens, looks at and renames 20,000 files in the working directory, and makes as many
/// directories: prints the mean time of each in microseconds, one a line.
int names();

/// Prints the mean time in microseconds of a call that another thread answers by seccomp's user
/// notification.
int round_trip();

}  // namespace srt::bench
