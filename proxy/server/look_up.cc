#include "proxy/server/look_up.h"

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "proxy/server/proxy_state.h"

namespace srt::net {

asio::awaitable<Resolution> look_up(ProxyState& state, const HostName& name) {
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(Resolution)>(
      [&state, &name](auto handler) {
        struct LookUp {
          std::optional<decltype(handler)> resume;
          asio::steady_timer deadline;
        };
        auto look_up = std::make_shared<LookUp>(LookUp{
            std::move(handler),
            asio::steady_timer(state.io, state.options.limits.resolve_time),
        });
        const auto finish = [look_up](Resolution resolution) {
          if (!look_up->resume) return;
          look_up->deadline.cancel();
          std::move (*std::exchange(look_up->resume, std::nullopt))(std::move(resolution));
        };
        look_up->deadline.async_wait([finish](std::error_code error) {
          if (error) return;
          finish({Resolution::Outcome::timed_out, {}, "no name server answered in time"});
        });
        state.resolver->resolve(name, [&io = state.io, finish](Resolution resolution) {
          asio::post(io, [finish, found = std::move(resolution)] { finish(found); });
        });
      },
      asio::use_awaitable);
}

}  // namespace srt::net
