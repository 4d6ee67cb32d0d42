#include "tests/support/client_hello.h"

namespace srt::test {
namespace {

std::string message(std::string_view body) { return "\x01" + vector(3, body); }

std::string body_before_extensions(std::uint16_t version, std::string_view session) {
  return number(version, 2) + std::string(32, 'r') + vector(1, session) +
         vector(2, number(0x1301c02b, 4)) + vector(1, std::string(1, '\0'));
}

}  // namespace

std::string number(std::size_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = size; i-- > 0;) bytes += static_cast<char>(value >> (8 * i) & 0xff);
  return bytes;
}

std::string vector(std::size_t length_size, std::string_view bytes) {
  return number(bytes.size(), length_size) + std::string(bytes);
}

std::string extension(std::uint16_t type, std::string_view data) {
  return number(type, 2) + vector(2, data);
}

std::string server_name(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += number(0, 1) + vector(2, name);
  return extension(0, vector(2, list));
}

std::string client_hello(std::string_view extensions, std::uint16_t version,
                         std::string_view session) {
  return message(body_before_extensions(version, session) + vector(2, extensions));
}

std::string client_hello_without_extensions() {
  return message(body_before_extensions(0x0300, {}));
}

std::string in_records(std::string_view message, std::size_t fragment, std::uint16_t version) {
  std::string records;
  while (!message.empty()) {
    const std::string_view part = message.substr(0, fragment);
    records += "\x16" + number(version, 2) + vector(2, part);
    message.remove_prefix(part.size());
  }
  return records;
}

std::string hello_for(const std::string& name) {
  return in_records(client_hello(server_name({name})));
}

}  // namespace srt::test
