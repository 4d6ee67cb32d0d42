#include "proxy/server/hosts_names.h"

#include <string>

#include "proxy/dns/hosts_file.h"
#include "proxy/server/dialer.h"
#include "runtime/base/file.h"

namespace srt::net {

namespace {

// Larger ones are block lists, whose names nobody connects to.
constexpr size_t kMaxHostsFile = size_t{1} << 20;

}  // namespace

std::vector<HostName> permitted_names(const ProxyState& state, const Destination& wanted) {
  const Result<std::string> hosts = read_file("/etc/hosts", kMaxHostsFile);
  if (!hosts) return {};
  std::vector<HostName> names = names_in_hosts_file(*hosts, wanted.address);
  std::erase_if(names, [&](const HostName& name) {
    return judge(state, {name, wanted.port}).has_value();
  });
  return names;
}

}  // namespace srt::net
