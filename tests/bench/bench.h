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
/// many a second were answered, and in how many milliseconds 99 of 100 were. Through the proxy at
/// `proxy` (`http://HOST:PORT` or `socks5://HOST:PORT`), directly when empty.
int load(const std::string& port, const std::string& proxy);

/// Takes connections on a port of loopback, which it writes into the file `port_file`, and keeps
/// them silent until it is ended.
int hold(const std::string& port_file);

/// Opens up to `count` tunnels to the server on `port` through the HTTP proxy at `proxy`, as many
/// as there are descriptors for; writes how many these are into the file `opened`, and keeps them
/// for a second.
int idle(const std::string& port, const std::string& proxy, int count, const std::string& opened);

/// Makes, opens, looks at and renames 20,000 files in the working directory, and makes as many
/// directories: prints the mean time of each in microseconds, one a line.
int names();

/// Prints the mean time in microseconds of a call that another thread answers by seccomp's user
/// notification.
int round_trip();

}  // namespace srt::bench
