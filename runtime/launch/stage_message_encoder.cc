#include "runtime/launch/stage_message_encoder.h"

#include <fmt/format.h>

#include <cstring>

namespace srt {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

void append(std::vector<std::byte>& bytes, std::string_view text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  bytes.insert(bytes.end(), data, data + text.size());
}

void append_string(std::vector<std::byte>& bytes, std::string_view text) {
  append(bytes, text);
  bytes.push_back(std::byte{0});
}

bool holds_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Status check(const StageRequest& request) {
  for (const std::string& word : request.command) {
    if (holds_nul(word)) return Error{"an argument of the command holds a NUL byte"};
  }
  for (const auto& [name, value] : request.environment) {
    if (name.empty() || name.find('=') != std::string::npos || holds_nul(name)) {
      return Error{fmt::format("`{}` cannot be the name of an environment variable", name)};
    }
    if (holds_nul(value))
      return Error{fmt::format("the environment variable `{}` holds a NUL byte", name)};
  }
  for (const CheckedMount& mount : request.mounts) {
    if (holds_nul(mount.path)) return Error{"a path of the mount plan holds a NUL byte"};
  }
  if (holds_nul(request.private_tmp)) {
    return Error{"the private temporary directory's path holds a NUL byte"};
  }
  return ok();
}

}  // namespace

Result<std::vector<std::byte>> encode_stage_message(const StageRequest& request) {
  if (Status status = check(request); !status) return std::move(status).error();

  std::vector<std::byte> bytes(sizeof(StageMessageHeader));
  append(bytes, {reinterpret_cast<const char*>(request.filter.data()),
                 request.filter.size() * sizeof(std::uint64_t)});
  bytes.insert(bytes.end(), request.guard.begin(), request.guard.end());
  bytes.resize((bytes.size() + 7) / 8 * 8);
  for (const CheckedMount& mount : request.mounts) {
    bytes.push_back(std::byte{mount.flags});
    append_string(bytes, mount.path);
  }
  append_string(bytes, request.private_tmp);
  for (const std::string& word : request.command) append_string(bytes, word);
  for (const auto& [name, value] : request.environment) {
    append(bytes, name);
    append(bytes, "=");
    append_string(bytes, value);
  }
  if (bytes.size() > kMaxBytes) {
    return Error{"the command's arguments and environment are too large"};
  }

  const StageMessageHeader header = {
      .size = static_cast<std::uint32_t>(bytes.size()),
      .filter_length = static_cast<std::uint32_t>(request.filter.size()),
      .mount_count = static_cast<std::uint32_t>(request.mounts.size()),
      .command_count = static_cast<std::uint32_t>(request.command.size()),
      .environment_count = static_cast<std::uint32_t>(request.environment.size()),
      .guard_size = static_cast<std::uint32_t>(request.guard.size()),
      .ignored_signals = request.ignored_signals,
      .blocked_signals = request.blocked_signals,
      .open_files_soft = request.open_files_soft,
      .open_files_hard = request.open_files_hard,
      .limits = request.limits,
  };
  std::memcpy(bytes.data(), &header, sizeof(header));
  return bytes;
}

}  // namespace srt
