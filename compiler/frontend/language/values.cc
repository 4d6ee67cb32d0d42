#include "compiler/frontend/language/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/frontend/language/names.h"
#include "compiler/frontend/language/parse.h"
#include "compiler/source/edit_distance.h"
#include "proxy/hosts/host_pattern.h"
#include "proxy/upstream/upstream.h"

namespace srt::language {
namespace {

struct UnitName {
  Unit unit;
  std::string_view name;
  std::uint64_t factor;
};
constexpr std::array<UnitName, 8> kUnits = {{
    {Unit::bytes, "B", 1},
    {Unit::bytes, "KiB", std::uint64_t{1} << 10},
    {Unit::bytes, "MiB", std::uint64_t{1} << 20},
    {Unit::bytes, "GiB", std::uint64_t{1} << 30},
    {Unit::bytes, "TiB", std::uint64_t{1} << 40},
    {Unit::seconds, "s", 1},
    {Unit::seconds, "min", 60},
    {Unit::seconds, "h", 3600},
}};

std::string help_for(Unit unit, std::string_view number) {
  if (number.empty()) number = "2";
  switch (unit) {
    case Unit::bytes:
      return fmt::format("write `{0}KiB`, `{0}MiB` or `{0}GiB`, or `B` for bytes", number);
    case Unit::seconds:
      return fmt::format("write `{0}s`, `{0}min` or `{0}h`", number);
    case Unit::count:
      break;
  }
  return fmt::format("write the number alone: `{}`", number);
}

// What one of the unit's name stands for; 0 for a name that is none.
std::uint64_t factor_of(Unit unit, std::string_view name) {
  if (unit == Unit::count) return name.empty() ? 1 : 0;
  for (const UnitName& known : kUnits) {
    if (known.unit == unit && known.name == name) return known.factor;
  }
  return 0;
}

// A process with none of these does not start.
bool can_be_zero(Limit limit) { return limit == Limit::core || limit == Limit::file_size; }

}  // namespace

std::optional<std::pair<Limit, std::uint64_t>> read_limit(const ast::LimitList::Entry& entry,
                                                          Diagnostics& diagnostics) {
  const auto* info = std::find_if(kLimits.begin(), kLimits.end(), [&](const LimitInfo& known) {
    return known.name == entry.name.text;
  });
  if (info == kLimits.end()) {
    std::vector<std::string_view> names;
    for (const LimitInfo& known : kLimits) names.push_back(known.name);
    const auto near = closest(entry.name.text, names);
    diagnostics.report(Diag::unknown_limit, entry.name.span, entry.name.text).help =
        near ? fmt::format("did you mean `{}`?", *near)
             : fmt::format("limits are `{}`", fmt::join(names, "`, `"));
    return std::nullopt;
  }
  const std::string_view text = entry.value.text;
  const auto fail = [&](std::string_view problem, std::string help) {
    diagnostics.report(Diag::bad_limit, entry.value.span, text, problem).help = std::move(help);
    return std::nullopt;
  };
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view number = text.substr(0, digits);
  std::uint64_t count = 0;
  if (digits == 0) return fail("is not a number", help_for(info->unit, number));
  const auto read = std::from_chars(number.data(), number.data() + digits, count);
  if (read.ec != std::errc()) return fail("is too large", "leave the limit out for none");
  const std::string_view unit = text.substr(digits);
  if (count == 0 && (unit.empty() || factor_of(info->unit, unit) != 0)) {
    if (can_be_zero(info->limit)) return std::pair(info->limit, std::uint64_t{0});
    return fail("lets nothing run", "leave the limit out for none");
  }
  const std::uint64_t factor = factor_of(info->unit, unit);
  if (factor == 0) {
    return fail(unit.empty() ? "has no unit" : "has a unit that is none of this limit",
                help_for(info->unit, number));
  }
  // The kernel takes the largest value for no limit.
  if (count > (UINT64_MAX - 1) / factor)
    return fail("is too large", "leave the limit out for none");
  return std::pair(info->limit, count * factor);
}

std::optional<std::pair<ir::OptionKind, std::string>> read_option(const ast::Option& option,
                                                                  Diagnostics& diagnostics) {
  const auto* info =
      std::find_if(ir::kOptions.begin(), ir::kOptions.end(),
                   [&](const ir::OptionInfo& known) { return known.name == option.name.text; });
  if (info == ir::kOptions.end()) {
    std::vector<std::string_view> names;
    for (const ir::OptionInfo& known : ir::kOptions) names.push_back(known.name);
    const auto near = closest(option.name.text, names);
    diagnostics.report(Diag::unknown_option, option.name.span, option.name.text).help =
        near ? fmt::format("did you mean `{}`?", *near)
             : fmt::format("options are `{}`", fmt::join(names, "`, `"));
    return std::nullopt;
  }
  const Span span = option.value ? option.value->span : option.name.span;
  const auto fail = [&](std::string_view problem, std::string help) {
    diagnostics.report(Diag::bad_option_value, span, info->name, problem).help = std::move(help);
    return std::nullopt;
  };
  if (info->value == ir::OptionValue::none) {
    if (option.value) return fail("takes no value", fmt::format("write `option {}`", info->name));
    return std::pair(info->kind, std::string());
  }
  const std::string_view example = info->value == ir::OptionValue::word   ? info->word
                                   : info->value == ir::OptionValue::url  ? "http://proxy:3128"
                                   : info->value == ir::OptionValue::port ? "3128"
                                                                          : "…";
  const bool quoted = info->value == ir::OptionValue::url || info->value == ir::OptionValue::text;
  const std::string way = quoted ? fmt::format("write `option {} = \"{}\"`", info->name, example)
                                 : fmt::format("write `option {} = {}`", info->name, example);
  if (!option.value) return fail("needs a value", way);
  if (refuse_parameters(option.value->text, option.value->span, diagnostics)) return std::nullopt;
  std::string value = unescape(option.value->text);
  switch (info->value) {
    case ir::OptionValue::word:
      if (value != info->word) return fail(fmt::format("is `{}` or left out", info->word), way);
      break;
    case ir::OptionValue::url: {
      const bool is_url = value.starts_with("http://") && net::parse_upstream(value);
      if (!is_url) return fail("is the address of an HTTP proxy", way);
      break;
    }
    case ir::OptionValue::port: {
      const Result<net::PortRange> port = net::parse_port_range(value);
      if (!port || port->first != port->last) return fail("is a port, from 1 to 65535", way);
      break;
    }
    case ir::OptionValue::text:
      if (value.empty()) return fail("is not empty", way);
      break;
    case ir::OptionValue::none:
      break;
  }
  return std::pair(info->kind, std::move(value));
}

}  // namespace srt::language
