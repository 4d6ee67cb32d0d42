#include "proxy/tls/client_hello.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/client_hello.h"
#include "tests/support/laws.h"

using namespace srt;
using namespace srt::net;
using namespace srt::test;

namespace {

using Kind = ClientOpening::Kind;

const std::string kName = "one.example";

// Also that the answer does not depend on how the bytes come.
Result<ClientOpening> read(const std::string& bytes) {
  CHECK(breach_of_client_opening_laws(bytes) == "");
  return read_client_opening(bytes);
}

void check_name(const std::string& bytes, const std::string& name) {
  const Result<ClientOpening> opening = read(bytes);
  REQUIRE_MESSAGE(opening, opening.error().message);
  CHECK(opening->kind == Kind::hello);
  CHECK(opening->server_name == name);
}

void check_no_name(const std::string& bytes) {
  const Result<ClientOpening> opening = read(bytes);
  REQUIRE_MESSAGE(opening, opening.error().message);
  CHECK(opening->kind == Kind::hello);
  CHECK_FALSE(opening->server_name);
}

void check_refused(const std::string& bytes, const std::string& message) {
  const Result<ClientOpening> opening = read(bytes);
  REQUIRE_FALSE(opening);
  CHECK(opening.error().message == message);
}

void check_kind(const std::string& bytes, Kind kind) {
  const Result<ClientOpening> opening = read(bytes);
  REQUIRE_MESSAGE(opening, opening.error().message);
  CHECK(opening->kind == kind);
}

std::string bytes(std::initializer_list<unsigned> values) {
  std::string out;
  for (const unsigned value : values) out += static_cast<char>(value);
  return out;
}

// The extensions that programs send beside the name.
const std::string kVersions13 = extension(43, vector(1, number(0x7a7a03040303, 6)));
const std::string kGrease = extension(0x0a0a, "") + extension(0x1a1a, "\x01");
const std::string kTicket = extension(35, std::string(200, 't'));
const std::string kPadding = extension(21, std::string(400, '\0'));
const std::string kPreSharedKey = extension(41, std::string(300, 'p'));
const std::string kPostQuantumKey = extension(51, vector(2, std::string(1216, 'k')));
const std::string kEncryptedHello = extension(0xfe0d, std::string(220, 'e'));

}  // namespace

TEST_CASE("a ClientHello of each version of TLS gives its name") {
  for (const int version : {0x0301, 0x0302, 0x0303}) {
    check_name(in_records(client_hello(server_name({kName}), static_cast<std::uint16_t>(version))),
               kName);
  }
  check_name(
      in_records(client_hello(server_name({kName}) + kVersions13, 0x0303, std::string(32, 's'))),
      kName);
  check_no_name(in_records(client_hello_without_extensions(), 16384, 0x0300));
  check_no_name(in_records(client_hello("")));
}

TEST_CASE("extensions around the name do not hide it") {
  const std::string before = kGrease + kEncryptedHello + kPostQuantumKey;
  const std::string after = kTicket + kVersions13 + kPadding + kPreSharedKey;
  check_name(in_records(client_hello(before + server_name({kName}) + after)), kName);
  check_no_name(in_records(client_hello(before + after)));
}

TEST_CASE("a ClientHello may come in records of any size") {
  const std::string hello = client_hello(kGrease + server_name({kName}) + kTicket);
  for (const std::size_t fragment : {1, 2, 3, 4, 5, 40, 100, 300}) {
    CAPTURE(fragment);
    check_name(in_records(hello, fragment), kName);
  }
}

TEST_CASE("what follows a ClientHello is not looked at") {
  check_name(hello_for(kName) + in_records(client_hello(server_name({"two.example"}))), kName);
  check_name(hello_for(kName) + bytes({20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 9}), kName);
}

TEST_CASE("names come as they were sent") {
  for (const std::string& name :
       {std::string("ONE.Example."), std::string("192.0.2.1"), std::string("a\0b", 3),
        std::string("b\xc3\xbc"
                    "cher.example"),
        std::string(1000, 'a')}) {
    check_name(hello_for(name), name);
  }
}

TEST_CASE("P45: a ClientHello that can be read in two ways is refused") {
  const std::string malformed_name = "the TLS hello has a malformed server name";
  const auto with = [](const std::string& extensions) {
    return in_records(client_hello(extensions));
  };
  check_refused(with(server_name({kName, "two.example"})),
                "the TLS hello has more than one server name");
  check_refused(with(server_name({kName}) + server_name({"two.example"})),
                "the TLS hello has an extension twice");
  check_refused(with(kTicket + server_name({kName}) + kTicket),
                "the TLS hello has an extension twice");
  check_refused(with(server_name({})), malformed_name);
  check_refused(with(server_name({""})), malformed_name);
  check_refused(with(extension(0, "")), malformed_name);
  check_refused(with(extension(0, number(9, 2))), malformed_name);
  check_refused(with(extension(0, vector(2, "\x01" + vector(2, kName)))), malformed_name);
  check_refused(with(extension(0, vector(2, number(0, 1) + vector(2, kName)) + "x")),
                malformed_name);
  check_refused(with(server_name({kName}) + "\x01"), "the TLS hello has a malformed extension");
  check_refused(with(extension(5, "").substr(0, 3)), "the TLS hello has a malformed extension");

  const std::string hello = client_hello(server_name({kName}));
  const std::string body = hello.substr(4);
  const auto message = [](const std::string& text) { return "\x01" + vector(3, text); };
  check_refused(in_records(message(body + "x")), "the TLS hello is malformed");
  check_refused(in_records(message("")), "the TLS hello is malformed");
  check_refused(in_records(message(body.substr(0, 34))), "the TLS hello is malformed");
  check_refused(in_records(client_hello("", 0x0403)), "the TLS hello is malformed");
  check_refused(in_records(client_hello("", 0x0303, std::string(33, 's'))),
                "the TLS hello is malformed");
  check_refused(in_records(hello + hello), "the TLS hello shares a record with what follows");
  check_refused(in_records("\x02" + hello.substr(1)), "TLS begins with another message");
}

TEST_CASE("P45: records that servers pass over before a ClientHello are refused") {
  const std::string another = "another TLS record is where a hello is due";
  check_refused(bytes({21, 3, 1, 0, 2, 1, 100}) + hello_for(kName), another);
  check_refused(bytes({20, 3, 3, 0, 1, 1}) + hello_for(kName), another);
  check_refused(bytes({23, 3, 3, 0, 1, 1}) + hello_for(kName), another);
  check_refused(bytes({24, 3, 3, 0, 3, 1, 0, 0}) + hello_for(kName), another);
  const std::string hello = client_hello(server_name({kName}));
  const std::string halves =
      in_records(hello.substr(0, 20)) + bytes({20, 3, 3, 0, 1, 1}) + in_records(hello.substr(20));
  check_refused(halves, another);
  check_refused(bytes({22, 3, 1, 0, 0}) + hello_for(kName), "a TLS record has a wrong length");
  check_refused(bytes({22, 3, 1, 0x40, 1, 1}), "a TLS record has a wrong length");
}

TEST_CASE("P45: versions that only some servers accept are TLS all the same") {
  check_name(in_records(client_hello(server_name({kName})), 16384, 0x0001), kName);
  check_name(in_records(client_hello(server_name({kName})), 16384, 0x0f0f), kName);
  check_refused(bytes({21, 1, 1, 0, 2, 1, 100}), "another TLS record is where a hello is due");
  const std::string old_body = bytes({1, 3, 1, 0, 6, 0, 0, 0, 16}) + std::string(22, 'x');
  check_refused(bytes({0x80, 31}) + old_body, "the TLS hello is in the form of SSLv2");
  check_kind(bytes({0x80, 32}) + old_body, Kind::other);
}

TEST_CASE("a ClientHello has to be whole within 16 KiB") {
  const std::string too_long = "the TLS hello is longer than 16384 bytes";
  check_refused(in_records(client_hello(extension(21, std::string(17000, '\0')))), too_long);
  // In records of one byte each it takes six times its size.
  const std::string hello =
      client_hello(server_name({kName}) + extension(21, std::string(2800, 0)));
  check_refused(in_records(hello, 1), too_long);
  check_name(
      in_records(client_hello(server_name({kName}) + extension(21, std::string(2600, 0))), 16),
      kName);
  const std::size_t rest =
      in_records(client_hello(server_name({kName}) + extension(21, ""))).size();
  const std::string largest(kMaxClientHello - rest, '\0');
  check_name(in_records(client_hello(server_name({kName}) + extension(21, largest))), kName);
  check_refused(in_records(client_hello(server_name({kName}) + extension(21, largest + '\0'))),
                too_long);
}

TEST_CASE("what is no TLS is told by its first bytes") {
  using std::string;
  for (const string& text :
       {string("GET / HTTP/1.1\r\n\r\n"), string("SSH-2.0-OpenSSH_9\r\n"), string("\n"),
        bytes({0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f}),       // PostgreSQL asks for TLS
        bytes({0x10, 0x0c, 0, 4, 'M', 'Q', 'T', 'T'}),  // MQTT
        bytes({0x81, 0x85, 1, 2, 3, 4, 5}),             // WebSocket
        bytes({0xff, 0xfb, 0x1f}),                      // telnet
        bytes({0x16, 0, 0, 0, 1, 0, 0, 0}),             // MongoDB: a length of 22
        bytes({0x16, 0, 0xfb, 5, 9, 'l', 'o', 'c'}),    // a game's length and packet
        bytes({0x17, 0, 0, 0}), bytes({0x16, 0x10}), bytes({0x19, 3, 1})}) {
    check_kind(text, Kind::other);
  }
  for (const string& text : {string(), bytes({0x16}), bytes({0x16, 3}), bytes({0x16, 3, 1, 0, 50}),
                             bytes({0x16, 0, 0, 0, 1}), bytes({0x80})}) {
    check_kind(text, Kind::undecided);
  }
}

TEST_CASE("changed bytes of a ClientHello break none of its laws") {
  std::mt19937 random(1);
  const std::string hello = in_records(client_hello(kGrease + server_name({kName}) + kTicket), 60);
  for (int i = 0; i < 2000; ++i) {
    std::string changed = hello;
    for (int times = 0; times < 3; ++times) {
      changed[random() % changed.size()] = static_cast<char>(random());
    }
    if (i % 3 == 0) changed.resize(random() % changed.size());
    const std::string breach = breach_of_client_opening_laws(changed);
    REQUIRE_MESSAGE(breach.empty(), breach);
  }
}
