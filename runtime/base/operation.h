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
  bind,     ///< a port that is listened on: on the host's loopback; on Linux the sandbox's own
  unix,     ///< a unix socket made outside: its path, or `@name` of an abstract one
  env,      ///< the name of a variable of the caller's environment
  syscall,  ///< the name of a system call; Linux
  mach,     ///< the name of a Mach or XPC service; macOS
};

/// The operations in order, with the effect that holds where no rule matches and no `default`
/// statement says otherwise. What Linux programs listen on is their own, so `bind` is allowed
/// there; what `syscall` denies and `mach` allows all the same is each backend's built-in list.
struct OperationInfo {
  Operation operation;
  std::string_view name;
  Effect default_effect;
};
inline constexpr std::array<OperationInfo, 8> kOperations = {{
    {Operation::read, "read", Effect::allow},
    {Operation::write, "write", Effect::deny},
    {Operation::connect, "connect", Effect::deny},
    {Operation::bind, "bind", Effect::deny},
    {Operation::unix, "unix", Effect::deny},
    {Operation::env, "env", Effect::allow},
    {Operation::syscall, "syscall", Effect::allow},
    {Operation::mach, "mach", Effect::deny},
}};

/// The names of all operations, in order.
inline constexpr std::array<std::string_view, kOperations.size()> kOperationNames = [] {
  std::array<std::string_view, kOperations.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kOperations[i].name;
  return names;
}();

constexpr std::string_view to_string(Operation operation) {
  return kOperations[static_cast<std::size_t>(operation)].name;
}

constexpr std::optional<Operation> operation_named(std::string_view name) {
  for (const OperationInfo& info : kOperations) {
    if (info.name == name) return info.operation;
  }
  return std::nullopt;
}

/// Whether rules about it are what the mounts are made of.
constexpr bool is_file_operation(Operation operation) {
  return operation == Operation::read || operation == Operation::write;
}

}  // namespace srt
