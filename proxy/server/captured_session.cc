#include <asio/use_awaitable.hpp>
#include <string>

#include "proxy/dns/hosts_file.h"
#include "proxy/server/dialer.h"
#include "proxy/server/name_server.h"
#include "proxy/server/session.h"
#include "runtime/base/file.h"

namespace srt::net {

namespace {

constexpr uint16_t kDnsPort = 53;

// Larger ones are block lists, whose names nobody connects to.
constexpr size_t kMaxHostsFile = size_t{1} << 20;

// What a connection to `wanted` asks for: the name that the address stands for, if the policy
// allows no connection to the address itself.
Authority asked_by(ProxyState& state, const Destination& wanted) {
  if (const std::optional<HostName> name = state.names.name_of(wanted.address)) {
    return {*name, wanted.port};
  }
  Authority literal = {wanted.address, wanted.port};
  if (!judge(state, literal)) return literal;
  const Result<std::string> hosts = read_file("/etc/hosts", kMaxHostsFile);
  if (!hosts) return literal;
  for (const HostName& name : names_in_hosts_file(*hosts, wanted.address)) {
    Authority named = {name, wanted.port};
    if (!judge(state, named)) return named;
  }
  return literal;
}

}  // namespace

asio::awaitable<NextStep> serve_captured(Session& session, Destination wanted) {
  Authority asked = asked_by(session.state(), wanted);
  NextStep next = NextStep::close;
  if (wanted.port == kDnsPort && judge(session.state(), asked)) {
    co_await answer_stream(session);
  } else {
    next = co_await connect_to(session, std::move(asked));
  }
  co_return next;
}

}  // namespace srt::net
