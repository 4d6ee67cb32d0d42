#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// ClientHellos, byte by byte (RFC 8446, section 4.1.2).
namespace srt::test {

/// `value` in that many bytes, the highest first.
std::string number(std::size_t value, std::size_t size);

/// Bytes behind their length, which takes that many bytes.
std::string vector(std::size_t length_size, std::string_view bytes);

std::string extension(std::uint16_t type, std::string_view data);

/// The extension `server_name` with these host names.
std::string server_name(const std::vector<std::string>& names);

/// A whole handshake message with these extensions, and all that stands before them.
std::string client_hello(std::string_view extensions, std::uint16_t version = 0x0303,
                         std::string_view session = {});

/// The same without the field of extensions, as before TLS 1.0.
std::string client_hello_without_extensions();

/// The message in records whose fragments have `fragment` bytes, the last one the rest.
std::string in_records(std::string_view message, std::size_t fragment = 16384,
                       std::uint16_t version = 0x0301);

/// A hello for this host name in one record.
std::string hello_for(const std::string& name);

}  // namespace srt::test
