#include "runtime/run/way_out.h"

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

namespace srt {
namespace {

struct Variable {
  std::string_view name;
  std::string value;
};

// The first of the variables that is set and not empty; an empty name when none is.
Variable first_set(const Caller& caller, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::optional<std::string> value = caller.variable(name);
    if (value && !value->empty()) return {name, *value};
  }
  return {};
}

}  // namespace

Result<WayOut> choose_way_out(const Bundle& bundle, const Caller& caller, Target target) {
  WayOut way;
  if (!bundle.allows_network(target)) return way;
  const Bundle::WaysOut ways = target == Target::linux ? bundle.ways_out : Bundle::WaysOut{};
  const Variable variable =
      ways.upstream.empty()
          ? first_set(caller, {"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"})
          : Variable{};
  const std::string& url = ways.upstream.empty() ? variable.value : ways.upstream;
  if (url.empty()) return way;
  Result<net::Upstream> upstream = net::parse_upstream(url);
  if (!upstream) {
    const std::string place = variable.name.empty()
                                  ? std::string("the bundle's upstream proxy")
                                  : "the variable `" + std::string(variable.name) + "`";
    return Error{place + ": " + upstream.error().message, upstream.error().help};
  }
  way.upstream = std::move(*upstream);
  way.direct = net::DirectHosts(
      ways.no_proxy.empty() ? first_set(caller, {"NO_PROXY", "no_proxy"}).value : ways.no_proxy);
  return way;
}

}  // namespace srt
