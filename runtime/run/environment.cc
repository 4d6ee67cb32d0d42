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
  user,
  password,
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
    ProxyVariable{"CLOUDSDK_PROXY_USERNAME", Value::user},
    ProxyVariable{"CLOUDSDK_PROXY_PASSWORD", Value::password},
    // npm and yarn put these before HTTPS_PROXY.
    ProxyVariable{"npm_config_proxy", Value::unset},
    ProxyVariable{"npm_config_https_proxy", Value::unset},
    ProxyVariable{"npm_config_noproxy", Value::unset},
    ProxyVariable{"YARN_HTTP_PROXY", Value::unset},
    ProxyVariable{"YARN_HTTPS_PROXY", Value::unset},
    ProxyVariable{"PIP_PROXY", Value::unset},
};

// Empty for what is not to be set.
std::string text_of(Value value, const ProxyAddress& proxy) {
  const std::string host = "127.0.0.1";
  const std::string place = host + ':' + std::to_string(proxy.port);
  const std::string log_in = proxy.user_info.empty() ? "" : proxy.user_info + '@';
  const std::size_t colon = proxy.user_info.find(':');
  switch (value) {
    case Value::any_url:
      if (proxy.socks_port != 0)
        return "socks5h://" + host + ':' + std::to_string(proxy.socks_port);
      [[fallthrough]];
    case Value::url:
      return "http://" + log_in + place;
    case Value::host_and_port:
      return log_in + place;
    case Value::local_names:
      return proxy.serves_loopback ? "" : "localhost,127.0.0.1,::1";
    case Value::one:
      return "1";
    case Value::proxy_type:
      return "http";
    case Value::proxy_host:
      return host;
    case Value::proxy_port:
      return std::to_string(proxy.port);
    case Value::user:
      return proxy.user_info.substr(0, colon);
    case Value::password:
      return colon == std::string::npos ? "" : proxy.user_info.substr(colon + 1);
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

ProxyAddress proxy_address(const std::vector<ServedPort>& ports) {
  const std::uint16_t http = port_of(ports, ServedPort::Kind::http);
  return {.port = http != 0 ? http : port_of(ports, ServedPort::Kind::proxy),
          .socks_port = port_of(ports, ServedPort::Kind::socks),
          .user_info = {}};
}

Environment command_environment(const Bundle& bundle, const Caller& caller,
                                const EnvironmentOfRun& run) {
  const ProxyAddress& proxy = run.proxy;
  Environment environment = caller.environment;
  std::erase_if(environment, [&](const auto& entry) {
    return !bundle.passes_variable(entry.first, run.target);
  });
  set(environment, "TMPDIR", run.tmp);
  for (const ProxyVariable& variable : kProxyVariables) {
    std::string text = proxy.port == 0 ? "" : text_of(variable.value, proxy);
    if (text.empty()) {
      erase(environment, variable.name);
    } else {
      set(environment, variable.name, std::move(text));
    }
  }
  if (proxy.port != 0 && is_plain(run.connector) && !has(environment, kGitSsh)) {
    set(environment, kGitSsh, "ssh -o 'ProxyCommand=" + run.connector + " --connect %h:%p'");
  }
  for (const Bundle::Variable& variable : bundle.variables) {
    if (variable.targets.has(run.target)) set(environment, variable.name, variable.value);
  }
  return environment;
}

}  // namespace srt
