#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "runtime/base/file.h"
#include "runtime/caller/identity.h"

namespace srt {
namespace {

// /etc/passwd is read by hand: the C library's way needs shared modules, which a static program
// cannot have (getpwnam(3), nsswitch.conf(5)). Users that only a directory service knows have
// `HOME`.
constexpr std::size_t kMaxPasswdSize = std::size_t{16} << 20;

void add_passwd_entry(Identity& identity, uid_t uid) {
  const Result<std::string> passwd = read_file("/etc/passwd", kMaxPasswdSize);
  if (!passwd) return;
  std::string_view rest = *passwd;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    // name:password:uid:gid:comment:home:shell (passwd(5))
    std::vector<std::string_view> fields;
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t end = std::min(line.find(':', at), line.size());
      fields.push_back(line.substr(at, end - at));
      at = end + 1;
    }
    if (fields.size() != 7 || fields[2] != std::to_string(uid)) continue;
    identity.passwd_name = std::string(fields[0]);
    if (!fields[5].empty()) identity.passwd_home = std::string(fields[5]);
    return;
  }
}

}  // namespace

Identity this_identity() {
  Identity identity;
  add_passwd_entry(identity, getuid());
  identity.program = "/proc/self/exe";
  return identity;
}

}  // namespace srt
