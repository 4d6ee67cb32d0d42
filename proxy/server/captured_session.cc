#include <asio/use_awaitable.hpp>
#include <vector>

#include "proxy/server/dialer.h"
#include "proxy/server/hosts_names.h"
#include "proxy/server/name_server.h"
#include "proxy/server/session.h"
#include "runtime/base/dns_port.h"

namespace srt::net {

namespace {

// What a connection to `wanted` asks for: the name that the address stands for, if the policy
// allows no connection to the address itself.
Authority asked_by(Session& session, const Destination& wanted) {
  ProxyState& state = session.state();
  if (const std::optional<HostName> name = state.names.name_of(wanted.address)) {
    return {*name, wanted.port};
  }
  Authority literal = {wanted.address, wanted.port};
  if (!judge(state, literal)) return literal;
  const std::vector<HostName> names = permitted_names(state, wanted);
  if (names.empty()) return literal;
  session.named_by_hosts_file = wanted;
  return {names.front(), wanted.port};
}

}  // namespace

asio::awaitable<NextStep> serve_captured(Session& session, Destination wanted) {
  Authority asked = asked_by(session, wanted);
  NextStep next = NextStep::close;
  if (wanted.port == kDnsPort && judge(session.state(), asked)) {
    co_await answer_stream(session);
  } else {
    next = co_await connect_to(session, std::move(asked));
  }
  co_return next;
}

}  // namespace srt::net
