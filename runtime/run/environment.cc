#include "runtime/run/environment.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace srt {
namespace {

// What a variable is set to while there is a proxy. `unset` names those that would send programs to
// a proxy of the caller's, which the sandbox cannot reach.
enum class Value {
  url,
  any_url,  // a SOCKS proxy will do; it is named where the policy brings one
  host_and_port,
  local_names,
  one,
  proxy_type,
  proxy_host,
  proxy_port,
  unset
};

struct ProxyVariable {
  std::string_view name;
  Value value;
};

// `http://` for all: clients that speak CONNECT need no more, and several Python clients fail at
// start on a `socks5h://` URL when an optional package is missing.
constexpr std::array kProxyVariables = {
    ProxyVariable{"HTTP_PROXY", Value::url},
    ProxyVariable{"http_proxy", Value::url},
    ProxyVariable{"HTTPS_PROXY", Value::url},
    ProxyVariable{"https_proxy", Value::url},
    ProxyVariable{"ALL_PROXY", Value::url},
    ProxyVariable{"all_proxy", Value::url},
    ProxyVariable{"FTP_PROXY", Value::any_url},
    ProxyVariable{"ftp_proxy", Value::any_url},
    ProxyVariable{"GRPC_PROXY", Value::url},
    ProxyVariable{"grpc_proxy", Value::url},
    // rsync(1): host and port, through CONNECT.
    ProxyVariable{"RSYNC_PROXY", Value::host_and_port},
    // More than the sandbox's own loopback would make an allowed private address unreachable.
    ProxyVariable{"NO_PROXY", Value::local_names},
    ProxyVariable{"no_proxy", Value::local_names},
    // Node.js 24 and later: fetch and http honour the variables above.
    ProxyVariable{"NODE_USE_ENV_PROXY", Value::one},
    // The Docker CLI hands these on to builds and containers.
    ProxyVariable{"DOCKER_HTTP_PROXY", Value::url},
    ProxyVariable{"DOCKER_HTTPS_PROXY", Value::url},
    // gcloud reads no other.
    ProxyVariable{"CLOUDSDK_PROXY_TYPE", Value::proxy_type},
    ProxyVariable{"CLOUDSDK_PROXY_ADDRESS", Value::proxy_host},
    ProxyVariable{"CLOUDSDK_PROXY_PORT", Value::proxy_port},
    // npm and yarn put these before HTTPS_PROXY.
    ProxyVariable{"npm_config_proxy", Value::unset},
    ProxyVariable{"npm_config_https_proxy", Value::unset},
    ProxyVariable{"npm_config_noproxy", Value::unset},
    ProxyVariable{"YARN_HTTP_PROXY", Value::unset},
    ProxyVariable{"YARN_HTTPS_PROXY", Value::unset},
    ProxyVariable{"PIP_PROXY", Value::unset},
};

std::string text_of(Value value, std::uint16_t port) {
  const std::string host = "127.0.0.1";
  switch (value) {
    case Value::url:
    case Value::any_url:
      return "http://" + host + ':' + std::to_string(port);
    case Value::host_and_port:
      return host + ':' + std::to_string(port);
    case Value::local_names:
      return "localhost,127.0.0.1,::1";
    case Value::one:
      return "1";
    case Value::proxy_type:
      return "http";
    case Value::proxy_host:
      return host;
    case Value::proxy_port:
      return std::to_string(port);
    case Value::unset:
      break;
  }
  return {};
}

void erase(Environment& environment, std::string_view name) {
  std::erase_if(environment, [&](const auto& entry) { return entry.first == name; });
}

void set(Environment& environment, std::string_view name, std::string value) {
  erase(environment, name);
  environment.emplace_back(name, std::move(value));
}

// git hands the whole to a shell, and ssh its part to another, after `%` was replaced.
constexpr std::string_view kGitSsh = "GIT_SSH_COMMAND";

bool is_plain(std::string_view path) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@+=:,./_-";
  return !path.empty() && path.find_first_not_of(kPlain) == std::string_view::npos;
}

bool has(const Environment& environment, std::string_view name) {
  return std::ranges::any_of(environment, [&](const auto& entry) { return entry.first == name; });
}

}  // namespace

Environment command_environment(const Bundle& bundle, const Caller& caller, const Places& places,
                                const std::vector<ServedPort>& ports,
                                const std::string& connector) {
  const std::uint16_t own = port_of(ports, ServedPort::Kind::proxy);
  const std::uint16_t http = port_of(ports, ServedPort::Kind::http);
  const std::uint16_t socks = port_of(ports, ServedPort::Kind::socks);
  Environment environment = caller.environment;
  std::erase_if(environment, [&](const auto& entry) {
    return !bundle.passes_variable(entry.first, Target::linux);
  });
  set(environment, "TMPDIR", places.tmp);
  for (const ProxyVariable& variable : kProxyVariables) {
    if (own == 0 || variable.value == Value::unset) {
      erase(environment, variable.name);
    } else if (variable.value == Value::any_url && socks != 0) {
      set(environment, variable.name, "socks5h://127.0.0.1:" + std::to_string(socks));
    } else {
      set(environment, variable.name, text_of(variable.value, http != 0 ? http : own));
    }
  }
  if (own != 0 && is_plain(connector) && !has(environment, kGitSsh)) {
    set(environment, kGitSsh, "ssh -o 'ProxyCommand=" + connector + " --connect %h:%p'");
  }
  for (const Bundle::Variable& variable : bundle.variables) {
    if (variable.targets.linux) set(environment, variable.name, variable.value);
  }
  return environment;
}

}  // namespace srt
