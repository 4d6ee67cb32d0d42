#include "proxy/server/name_server.h"

namespace srt::net {

Status answer_datagrams(const std::shared_ptr<ProxyState>&, UniqueFd) {
  return Error{"look-ups are not answered on macOS, where the command has no network of its own"};
}

}  // namespace srt::net
