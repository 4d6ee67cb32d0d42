#include <asio/use_awaitable.hpp>
#include <optional>
#include <string>
#include <utility>

#include "proxy/server/dialer.h"
#include "proxy/server/hosts_names.h"
#include "proxy/server/session.h"
#include "proxy/tls/client_hello.h"
#include "proxy/tls/server_name.h"

namespace srt::net {

namespace {

// So that the client's library has an error to show: a fatal alert (RFC 8446, section 6),
// unrecognized_name.
constexpr std::string_view kAlert("\x15\x03\x01\x00\x02\x02\x70", 7);

// Whether TLS names another host that the client may have meant by the address it connected to, and
// that is as allowed; it is what the session asked for then.
bool means_another_name(Session& session, const std::optional<std::string>& server_name) {
  const std::optional<Destination>& wanted = session.named_by_hosts_file;
  // The first name may have led to another of its addresses.
  if (!wanted || session.address != wanted->address) return false;
  for (const HostName& name : permitted_names(session.state(), *wanted)) {
    Authority other = {name, wanted->port};
    if (!server_name_problem(server_name, other.host).empty()) continue;
    if (judge(session.state(), other, session.address)) continue;
    session.asked = std::move(other);
    return true;
  }
  return false;
}

// What is wrong with the name in a ClientHello, if anything.
std::string name_problem(Session& session, const std::optional<std::string>& server_name) {
  std::string problem = server_name_problem(server_name, session.asked->host);
  if (!problem.empty() && means_another_name(session, server_name)) problem.clear();
  return problem;
}

// What is wrong with what the client has sent, once there is enough of it; undecided is nothing.
std::optional<std::string> judge_opening(Session& session) {
  const Result<ClientOpening> opening = read_client_opening(session.client.unread);
  if (!opening) return opening.error().message;
  switch (opening->kind) {
    case ClientOpening::Kind::undecided:
      return std::nullopt;
    case ClientOpening::Kind::other:
      return "";
    case ClientOpening::Kind::hello:
      return name_problem(session, opening->server_name);
  }
  return "";
}

asio::awaitable<bool> refuse(Session& session, const std::string& problem) {
  const Authority& asked = *session.asked;
  const HostDecision decision = session.state().policy.decide(asked.host, asked.port);
  session.state().report(tls_refused(asked.host, asked.port, decision.rule, problem));
  session.set_deadline(session.limits().head_time);
  co_await session.write(session.client, kAlert);
  session.close();
  co_return false;
}

// True when the policy lets TLS name any host on this connection.
bool any_name_is_allowed(Session& session) {
  const Authority& asked = *session.asked;
  const HostDecision decision = session.state().policy.decide(asked.host, asked.port);
  return decision.effect == Effect::allow && decision.rule != nullptr &&
         decision.rule->any_tls_name;
}

}  // namespace

asio::awaitable<bool> pass_first_bytes(Session& session) {
  Peer& client = session.client;
  std::optional<std::string> problem;
  if (any_name_is_allowed(session)) problem.emplace();
  while (!problem) {
    problem = judge_opening(session);
    if (problem) break;
    // A server may speak first, so the wait for the first byte is as long as the tunnel's.
    const bool begun = !client.unread.empty();
    const size_t room = kMaxClientHello - client.unread.size();
    const std::error_code error = co_await session.read_more(client, room);
    if (error == asio::error::eof && !begun) co_return true;
    if (error) {
      session.abort();
      co_return false;
    }
    if (!begun) session.set_deadline(session.limits().head_time);
  }
  if (!problem->empty()) co_return co_await refuse(session, *problem);
  const std::string unread = std::exchange(client.unread, {});
  session.set_deadline(session.limits().tunnel_idle_time);
  if (unread.empty() || !co_await session.write(*session.server, unread)) co_return true;
  session.abort();
  co_return false;
}

}  // namespace srt::net
