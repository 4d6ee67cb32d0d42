#include "runtime/run/name_servers.h"

#include <algorithm>

#include "proxy/hosts/address.h"
#include "runtime/base/file.h"

namespace srt {
namespace {

// Far above any: glibc reads three servers.
constexpr std::size_t kMaxResolvConf = std::size_t{64} << 10;
constexpr std::size_t kMaxServers = 3;
constexpr std::size_t kMaxInterfaceName = 127;  // of a further name (ALTIFNAMSIZ)

constexpr std::string_view kBlank = " \t\r";

// Takes the first word off a line.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlank));
  line.remove_prefix(word.size());
  return word;
}

bool is_link_local(std::string_view server) {
  const net::AddressRange range = {net::IpAddress::v6({0xfe80, 0, 0, 0, 0, 0, 0, 0}), 10};
  const Result<net::IpAddress> address = net::parse_ipv6(server.substr(0, server.find('%')));
  return address && range.contains(*address);
}

// The name of the interface behind the address, if one is named.
std::string_view interface_of(std::string_view server) {
  const std::string_view name = server.substr(std::min(server.find('%'), server.size() - 1) + 1);
  const bool is_name = name.size() <= kMaxInterfaceName &&
                       name.find_first_not_of("0123456789") != std::string_view::npos;
  return is_name ? name : "";
}

}  // namespace

ResolverSettings read_resolver_settings(std::string_view resolv_conf) {
  ResolverSettings settings;
  std::size_t servers = 0;
  bool is_reached = false;
  while (!resolv_conf.empty()) {
    std::string_view line = resolv_conf.substr(0, resolv_conf.find('\n'));
    resolv_conf.remove_prefix(std::min(line.size() + 1, resolv_conf.size()));
    // Keywords stand at the beginning of a line.
    if (line.find_first_of(kBlank) == 0) continue;
    const std::string_view keyword = take_word(line);
    if (keyword == "search" || keyword == "domain") {
      settings.search.clear();  // the last of these lines counts
      for (std::string_view word; !(word = take_word(line)).empty();) {
        const Result<net::Host> domain = net::canonical_host(word);
        const auto* name = domain ? std::get_if<net::HostName>(&*domain) : nullptr;
        if (name != nullptr) settings.search.push_back(*name);
      }
    }
    const std::string_view server = keyword == "nameserver" ? take_word(line) : "";
    if (server.empty() || servers == kMaxServers) continue;
    ++servers;
    const std::string_view interface = interface_of(server);
    is_reached = is_reached || !is_link_local(server) || !interface.empty();
    if (is_link_local(server) && !interface.empty()) settings.interfaces.emplace_back(interface);
  }
  settings.is_out_of_reach = servers > 0 && !is_reached;
  return settings;
}

ResolverSettings resolver_settings_of_machine() {
  const Result<std::string> text = read_file("/etc/resolv.conf", kMaxResolvConf);
  return read_resolver_settings(text ? *text : "");
}

}  // namespace srt
