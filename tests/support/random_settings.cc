#include "tests/support/random_settings.h"

#include <array>
#include <random>
#include <string_view>
#include <vector>

namespace srt::test {
namespace {

using settings::Key;
using settings::Treatment;
using settings::ValueType;

constexpr std::array kPaths = {
    R"(".")",      R"("~")",       R"("/h")",        R"("/h/p/")",  R"("~/p")",
    R"("./s")",    R"("/d/a")",    R"("**/.env")",   R"("/d/*.e")", R"("/d/?[as]")",
    R"("/d[!]")",  R"("/h/**")",   R"("../x")",      R"("/a b,c")", R"("/{a,b}")",
    R"("/\\*\"")", R"("/é/\t")",   R"("/$x#y;")",    R"("/")",      R"("~/.ssh/[a-]")",
    R"("/[\\x]")", R"("/^/[^a]")", R"("/d/**/a/*")", R"("read")",   R"("/a/./../b")"};
constexpr std::array kHosts = {R"("example.com")",    R"("*.example.com:443")", R"("10.0.0.1:80")",
                               R"("localhost:8080")", R"("EXAMPLE.org.")",      R"("[::1]:443")"};
constexpr std::array kAddresses = {R"("10.0.0.0/8")", R"("::1")", R"("2001:db8::/32")"};
constexpr std::array kServices = {R"("com.example.a")", R"("com.example.*")"};
constexpr std::array kTexts = {R"("secrets")", R"("it's \"so\" \\ $x")", R"("é\tx")",
                               R"("two\nlines")"};
constexpr std::array kVariables = {R"("TOKEN")", R"("A_1")"};

class Generator {
 public:
  Generator(settings::Format format, std::uint32_t seed) : format_(format), engine_(seed) {}

  std::string settings() { return object({}); }

 private:
  unsigned pick(std::size_t count) { return static_cast<unsigned>(engine_() % count); }
  bool chance(unsigned of) { return pick(of) == 0; }

  template <typename List>
  std::string one_of(const List& list) {
    return std::string(list[pick(list.size())]);
  }

  // An object with keys of this section. A key that an object has to have is there.
  std::string object(std::string_view section) {
    std::string out;
    for (const Key& key : settings::keys()) {
      const bool is_here =
          settings::section_of(key.path) == section && key.format.value_or(format_) == format_;
      if (!is_here || key.treatment == Treatment::refused) continue;
      // It replaces the other keys about files, and nothing else is worth asking for then.
      if (key.path == "filesystem.disabled" && !chance(20)) continue;
      if (key.presence != settings::Presence::required && !chance(2)) continue;
      out += (out.empty() ? "\"" : ", \"") + std::string(settings::leaf_of(key.path)) +
             "\": " + value(key);
    }
    return '{' + out + '}';
  }

  template <typename Make>
  std::string list(Make make) {
    std::string out;
    const unsigned count = pick(4);
    for (unsigned i = 0; i < count; ++i) out += (i == 0 ? "" : ", ") + make();
    return '[' + out + ']';
  }

  std::string value(const Key& key) {
    switch (key.type) {
      case ValueType::boolean:
        return chance(2) ? "true" : "false";
      case ValueType::port:
        return "3128";
      case ValueType::depth:
        return "3";
      case ValueType::word:
        return '"' + std::string(key.words[0]) + '"';
      case ValueType::text:
        return text(key.path);
      case ValueType::texts:
        return list([&] { return text(key.path); });
      case ValueType::paths:
        return list([&] {
          const std::string path = this->path();
          return chance(4) ? "{\"path\": " + path + ", \"literal\": true}" : path;
        });
      case ValueType::plain_paths:
        return list([&] { return path(); });
      case ValueType::text_map:
        return "{" + one_of(kHosts) + ": " + one_of(kTexts) + "}";
      case ValueType::texts_map:
        return "{" + one_of(kTexts) + ": [" + one_of(kTexts) + "]}";
      case ValueType::list:
        return "[]";
      case ValueType::object:
      case ValueType::enabling_object:
        return "{}";
      case ValueType::section:
        return object(key.path);
      case ValueType::entries:
        return list([&] { return object(key.path); });
    }
    return "null";
  }

  std::string path() {
    std::string out = one_of(kPaths);
    // The Rust port's users mean the opposite of a set by `[!a]`, so that it is refused there.
    while (format_ == settings::Format::rust_port && out.find('[') < out.size()) {
      out = one_of(kPaths);
    }
    return out;
  }

  std::string text(std::string_view path) {
    const std::string_view leaf = settings::leaf_of(path);
    if (leaf.find("omains") < leaf.size()) return one_of(kHosts);
    if (leaf == "deniedResolvedAddresses") return one_of(kAddresses);
    if (leaf == "allowMachLookup") return one_of(kServices);
    if (leaf == "http" || leaf == "https") return R"("http://proxy:3128")";
    if (leaf == "name") return one_of(kVariables);
    if (leaf == "path" || leaf == "allowUnixSockets" || leaf == "safeDirectories")
      return one_of(std::array{R"("/run/a b.sock")", R"("/x/y")"});
    return one_of(kTexts);
  }

  settings::Format format_;
  std::mt19937 engine_;
};

}  // namespace

std::string random_settings(settings::Format format, std::uint32_t seed) {
  return Generator(format, seed).settings();
}

}  // namespace srt::test
