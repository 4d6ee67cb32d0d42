#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "runtime/base/effect.h"

namespace srt {

/// What a request asks to do, and so what a rule speaks of.
enum class Operation : std::uint8_t {
  read,     ///< an absolute path: read, list, execute, map
  write,    ///< an absolute path: create, modify, truncate, rename, link, unlink, chmod
  connect,  ///< a host name or address and a TCP port
};

/// The operations in order, with the effect that holds where no rule matches and no `default`
/// statement says otherwise.
struct OperationInfo {
  Operation operation;
  std::string_view name;
  Effect default_effect;
};
inline constexpr std::array<OperationInfo, 3> kOperations = {{
    {Operation::read, "read", Effect::allow},
    {Operation::write, "write", Effect::deny},
    {Operation::connect, "connect", Effect::deny},
}};

constexpr std::string_view to_string(Operation operation) {
  return kOperations[static_cast<std::size_t>(operation)].name;
}

constexpr std::optional<Operation> operation_named(std::string_view name) {
  for (const OperationInfo& info : kOperations) {
    if (info.name == name) return info.operation;
  }
  return std::nullopt;
}

}  // namespace srt
