#include "proxy/server/name_server.h"

#include <algorithm>
#include <chrono>

#include "proxy/server/look_up.h"
#include "proxy/server/proxy_state.h"
#include "proxy/server/session.h"

namespace srt::net {

namespace {

// Programs look a name up by two or three types at once, and again when a search list is at work:
// that is one refusal.
constexpr std::chrono::seconds kSameRefusal{1};

void report_denied(ProxyState& state, const DnsOutcome& outcome) {
  const auto now = std::chrono::steady_clock::now();
  const bool again =
      state.last_denied == outcome.denied && now - state.last_denied_at < kSameRefusal;
  state.last_denied = outcome.denied;
  state.last_denied_at = now;
  if (!again) state.report(blocked_name(*outcome.denied, outcome.rule));
}

}  // namespace

DnsOutcome judge_look_up(ProxyState& state, std::span<const uint8_t> query) {
  DnsOutcome outcome = answer_dns(query, state.policy, state.names);
  if (outcome.denied) report_denied(state, outcome);
  return outcome;
}

bool is_searched(const ProxyState& state, const DnsOutcome& outcome) {
  if (!outcome.permitted) return false;
  // An upstream proxy knows names that nobody here does.
  const ProxyOptions& options = state.options;
  if (options.upstream && !options.direct.contains(*outcome.permitted)) return false;
  return std::ranges::any_of(options.search, [&](const HostName& domain) {
    return outcome.permitted->text().ends_with('.' + domain.text());
  });
}

asio::awaitable<std::vector<uint8_t>> find_out(ProxyState& state, DnsOutcome outcome) {
  const Resolution found = co_await look_up(state, *outcome.permitted);
  const bool is_absent = found.outcome == Resolution::Outcome::failed;
  co_return std::move(is_absent ? outcome.absent : outcome.response);
}

asio::awaitable<void> answer_stream(Session& session) {
  constexpr size_t kLengthBytes = 2;
  std::string& unread = session.client.unread;
  while (true) {
    session.set_deadline(session.limits().head_time);
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(unread[i]); };
    size_t length = 0;
    while (unread.size() < kLengthBytes + length || length == 0) {
      if (unread.size() >= kLengthBytes) {
        length = static_cast<size_t>(byte(0) << 8 | byte(1));
        if (length == 0 || length > kMaxLookUp) co_return;
        if (unread.size() >= kLengthBytes + length) break;
      }
      if (co_await session.read_more(session.client)) co_return;
    }
    const auto* bytes = reinterpret_cast<const uint8_t*>(unread.data());
    DnsOutcome outcome = judge_look_up(session.state(), std::span(bytes + kLengthBytes, length));
    std::vector<uint8_t> answer;
    if (is_searched(session.state(), outcome)) {
      answer = co_await find_out(session.state(), std::move(outcome));
    } else {
      answer = std::move(outcome.response);
    }
    unread.erase(0, kLengthBytes + length);
    if (answer.empty()) co_return;
    std::string message = {static_cast<char>(answer.size() >> 8), static_cast<char>(answer.size())};
    message.append(reinterpret_cast<const char*>(answer.data()), answer.size());
    if (co_await session.write(session.client, message)) co_return;
  }
}

}  // namespace srt::net
