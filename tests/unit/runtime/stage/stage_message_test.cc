#include "runtime/stage/stage_message.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/launch/stage_message_encoder.h"

namespace srt {
namespace {

struct Parts {
  std::vector<std::uint64_t> filter = {0x1122334455667788, 6};
  std::vector<std::byte> guard = {std::byte{1}, std::byte{2}, std::byte{3}};
  std::vector<CheckedMount> mounts = {{0, "/"}, {StageMount::kReadOnly, "/a b"}};
  std::string private_tmp = "/dev/tmp";
  std::vector<std::string> command = {"tool", "", "-x"};
  std::vector<std::pair<std::string, std::string>> environment = {{"A", "1=2"}, {"B", ""}};

  StageRequest request() const {
    return {.ignored_signals = 1,
            .blocked_signals = std::uint64_t{1} << 63,
            .open_files_soft = 1024,
            .open_files_hard = std::uint64_t{1} << 40,
            .limits = {1, kNoLimit, 3, 4, 5, 0},
            .filter = filter,
            .guard = guard,
            .mounts = mounts,
            .private_tmp = private_tmp,
            .command = command,
            .environment = environment};
  }

  std::vector<std::byte> encoded() const {
    Result<std::vector<std::byte>> bytes = encode_stage_message(request());
    REQUIRE(bytes);
    return *std::move(bytes);
  }
};

/// Decodes a message in memory that ends where the message ends, so that a sanitizer sees every
/// step beyond it.
struct Decoded {
  std::unique_ptr<std::byte[]> bytes;
  std::unique_ptr<std::byte[]> room;
  std::optional<StageMessage> message;

  explicit Decoded(const std::vector<std::byte>& encoded)
      : bytes(std::make_unique_for_overwrite<std::byte[]>(encoded.size())) {
    std::ranges::copy(encoded, bytes.get());
    const std::span<std::byte> whole(bytes.get(), encoded.size());
    const std::size_t needed = stage_message_room(whole);
    room = std::make_unique_for_overwrite<std::byte[]>(needed);
    message = decode_stage_message(whole, {room.get(), needed});
  }
};

TEST_CASE("a message arrives as it was sent") {
  const Parts parts;
  const Decoded decoded(parts.encoded());
  REQUIRE(decoded.message);
  const StageMessage& message = *decoded.message;
  CHECK(message.ignored_signals == 1);
  CHECK(message.blocked_signals == std::uint64_t{1} << 63);
  CHECK(message.open_files_soft == 1024);
  CHECK(message.open_files_hard == std::uint64_t{1} << 40);
  CHECK(message.limits == StageLimits{1, kNoLimit, 3, 4, 5, 0});
  CHECK(std::vector<std::uint64_t>(message.filter.begin(), message.filter.end()) == parts.filter);
  CHECK(std::vector<std::byte>(message.guard.begin(), message.guard.end()) == parts.guard);
  REQUIRE(message.mounts.size() == 2);
  CHECK(message.mounts[0].flags == 0);
  CHECK(message.mounts[0].path == std::string("/"));
  CHECK(message.mounts[1].flags == StageMount::kReadOnly);
  CHECK(message.mounts[1].path == std::string("/a b"));
  CHECK(message.private_tmp == parts.private_tmp);
  CHECK(message.command[0] == std::string("tool"));
  CHECK(message.command[1] == std::string());
  CHECK(message.command[2] == std::string("-x"));
  CHECK(message.command[3] == nullptr);
  CHECK(message.environment[0] == std::string("A=1=2"));
  CHECK(message.environment[1] == std::string("B="));
  CHECK(message.environment[2] == nullptr);
}

TEST_CASE("a message may lack everything but a command") {
  Parts parts = {{}, {}, {}, "", {"x"}, {}};
  const Decoded decoded(parts.encoded());
  REQUIRE(decoded.message);
  CHECK(decoded.message->filter.empty());
  CHECK(decoded.message->guard.empty());
  CHECK(decoded.message->mounts.empty());
  CHECK(decoded.message->environment[0] == nullptr);
  parts.command.clear();
  CHECK_FALSE(Decoded(parts.encoded()).message);
}

TEST_CASE("a truncated or lengthened message is refused") {
  const std::vector<std::byte> whole = Parts().encoded();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(Decoded(cut).message);
    // Nor does it help to say so in the header.
    if (size < sizeof(StageMessageHeader)) continue;
    const auto stated = static_cast<std::uint32_t>(size);
    std::memcpy(cut.data(), &stated, sizeof(stated));
    CHECK_FALSE(Decoded(cut).message);
  }
  std::vector<std::byte> longer = whole;
  longer.push_back(std::byte{0});
  CHECK_FALSE(Decoded(longer).message);
}

TEST_CASE("no count in the header leads beyond the message") {
  const std::vector<std::byte> whole = Parts().encoded();
  for (const std::uint32_t lie : {100U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    CAPTURE(lie);
    std::vector<std::byte> bytes = whole;
    std::memcpy(bytes.data() + offsetof(StageMessageHeader, guard_size), &lie, sizeof(lie));
    CHECK_FALSE(Decoded(bytes).message);
  }
  for (const std::size_t field :
       {offsetof(StageMessageHeader, size), offsetof(StageMessageHeader, filter_length),
        offsetof(StageMessageHeader, mount_count), offsetof(StageMessageHeader, command_count),
        offsetof(StageMessageHeader, environment_count)}) {
    for (const std::uint32_t lie : {0U, 1U, 4U, 100U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
      CAPTURE(field);
      CAPTURE(lie);
      std::vector<std::byte> bytes = whole;
      std::memcpy(bytes.data() + field, &lie, sizeof(lie));
      CHECK_FALSE(Decoded(bytes).message);
    }
  }
}

TEST_CASE("too little room is refused") {
  std::vector<std::byte> bytes = Parts().encoded();
  const std::size_t needed = stage_message_room(bytes);
  const auto room = std::make_unique_for_overwrite<std::byte[]>(needed - 1);
  CHECK_FALSE(decode_stage_message(bytes, {room.get(), needed - 1}));
}

TEST_CASE("strings with a NUL byte and impossible variables are not encoded") {
  const std::string nul("a\0b", 3);
  CHECK_FALSE(encode_stage_message(Parts{.mounts = {{0, nul}}}.request()));
  CHECK_FALSE(encode_stage_message(Parts{.private_tmp = nul}.request()));
  CHECK_FALSE(encode_stage_message(Parts{.command = {"x", nul}}.request()));
  CHECK_FALSE(encode_stage_message(Parts{.environment = {{nul, "x"}}}.request()));
  CHECK_FALSE(encode_stage_message(Parts{.environment = {{"x", nul}}}.request()));
  CHECK_FALSE(encode_stage_message(Parts{.environment = {{"", "x"}}}.request()));
  CHECK_FALSE(encode_stage_message(Parts{.environment = {{"a=b", "x"}}}.request()));
}

}  // namespace
}  // namespace srt
