#include "compiler/frontend/settings/keys.h"

#include <algorithm>
#include <array>

#include "compiler/source/edit_distance.h"

namespace srt::settings {
namespace {

constexpr std::string_view kOwnProxy =
    "the connections go through a proxy of this program's own, which holds to the domain lists";
constexpr std::string_view kMacOnly = "it grants something on macOS that no rule can grant yet";
constexpr std::string_view kOwnTools = "this program does not use that tool";
constexpr std::string_view kNoFilter =
    "it only speaks of requests that `network.filterRequest` sees";
constexpr std::string_view kNoDecryption =
    "connections are never decrypted here, so what it restricts would be open";
constexpr std::string_view kNoMasking =
    "credentials cannot be withheld by entries of their own yet, so they would be readable";

constexpr auto kNpm = Format::npm;
constexpr auto kRust = Format::rust_port;
using enum ValueType;
using Do = Treatment;

// clang-format off
constexpr auto kKeys = std::to_array<Key>({
    {"filesystem", {}, ValueType::section, Do::section},
    {"network", {}, ValueType::section, Do::section},

    {"filesystem.denyRead", kNpm, paths, Do::lowered},
    {"filesystem.allowRead", kNpm, paths, Do::lowered},
    {"filesystem.allowWrite", kNpm, paths, Do::lowered},
    {"filesystem.denyWrite", kNpm, paths, Do::lowered},
    {"filesystem.allowGitConfig", kNpm, boolean, Do::lowered},
    {"filesystem.disabled", kNpm, boolean, Do::lowered},

    {"network.allowedDomains", kNpm, texts, Do::lowered},
    {"network.deniedDomains", kNpm, texts, Do::lowered},
    {"network.deniedDomainReasons", kNpm, text_map, Do::lowered},
    {"network.strictAllowlist", kNpm, boolean, Do::silent},
    {"network.deniedResolvedAddresses", kNpm, texts, Do::refused,
     "addresses cannot be denied to names alone yet"},
    {"network.allowUnixSockets", kNpm, texts, Do::left_out,
     "connecting to unix sockets cannot be granted yet"},
    {"network.allowAllUnixSockets", kNpm, boolean, Do::left_out,
     "connecting to unix sockets cannot be granted yet"},
    {"network.allowLocalBinding", kNpm, boolean, Do::left_out,
     "on Linux the sandbox's loopback is always its own to use, and on macOS local ports cannot be "
     "granted yet"},
    {"network.allowMachLookup", kNpm, texts, Do::left_out, kMacOnly},
    {"network.httpProxyPort", kNpm, port, Do::left_out, kOwnProxy},
    {"network.socksProxyPort", kNpm, port, Do::left_out, kOwnProxy},
    {"network.parentProxy", kNpm, object, Do::refused,
     "connections would go out directly instead of through that proxy"},
    {"network.mitmProxy", kNpm, enabling_object, Do::refused,
     "connections would go out directly instead of through that proxy"},
    {"network.tlsTerminate", kNpm, enabling_object, Do::refused, kNoDecryption},
    {"network.filterRequest", kNpm, enabling_object, Do::refused, kNoDecryption},
    {"network.refuseOpaqueTunnels", kNpm, boolean, Do::refused, kNoDecryption},
    {"network.stripResponseHeaders", kNpm, texts, Do::refused, kNoDecryption},
    {"network.requireHostMatch", kNpm, boolean, Do::refused,
     "the names inside a connection are not compared with its destination yet"},
    {"network.allowPlaintextHeaderSet", kNpm, boolean, Do::unused, kNoFilter},
    {"network.ambiguousRequestTarget", kNpm, text, Do::unused, kNoFilter},

    {"credentials", kNpm, ValueType::section, Do::section},
    {"credentials.files", kNpm, list, Do::refused, kNoMasking},
    {"credentials.envVars", kNpm, list, Do::refused, kNoMasking},
    {"credentials.awsPairs", kNpm, list, Do::refused, kNoMasking},
    {"credentials.sigv4", kNpm, object, Do::unused, "it only speaks of masked credentials"},
    {"credentials.allowPlaintextInject", kNpm, boolean, Do::unused,
     "it only speaks of masked credentials"},

    {"git", kNpm, ValueType::section, Do::section},
    {"git.safeDirectories", kNpm, texts, Do::left_out, "git's own settings are not changed yet"},

    {"ignoreViolations", kNpm, texts_map, Do::unused, "reports name every violation"},
    {"enableWeakerNestedSandbox", kNpm, boolean, Do::unused,
     "the sandbox is never made weaker inside a container"},
    {"allowNestedUserNamespaces", kNpm, boolean, Do::left_out,
     "user namespaces inside the sandbox cannot be granted yet"},
    {"enableWeakerNetworkIsolation", kNpm, boolean, Do::left_out, kMacOnly},
    {"allowAppleEvents", kNpm, boolean, Do::left_out, kMacOnly},
    {"allowPty", kNpm, boolean, Do::left_out, kMacOnly},
    {"mandatoryDenySearchDepth", kNpm, depth, Do::silent},
    {"ripgrep", kNpm, object, Do::unused, kOwnTools},
    {"seccomp", kNpm, object, Do::unused, kOwnTools},
    {"socatPath", kNpm, text, Do::unused, kOwnTools},
    {"javaAgentJarPath", kNpm, text, Do::unused, kOwnTools},
    {"bwrapPath", kNpm, text, Do::unused, "bwrap is looked for at every run"},
    {"windows", kNpm, object, Do::silent},

    {"filesystem.allowed_paths", kRust, plain_paths, Do::lowered},
    {"filesystem.blocked_paths", kRust, plain_paths, Do::lowered},
    {"network.enabled", kRust, boolean, Do::lowered},
    {"network.allowed_domains", kRust, texts, Do::lowered},
});
// clang-format on

}  // namespace

std::string_view describe(Format format) {
  return format == Format::npm ? "npm package" : "Rust port";
}

std::string_view describe(ValueType type) {
  switch (type) {
    case boolean:
      return "true or false";
    case port:
      return "a whole number from 1 to 65535";
    case depth:
      return "a whole number from 1 to 10";
    case text:
      return "a string";
    case texts:
      return "a list of strings";
    case paths:
    case plain_paths:
      return "a list of paths";
    case text_map:
      return "an object whose values are strings";
    case texts_map:
      return "an object whose values are lists of strings";
    case list:
      return "a list";
    case object:
    case enabling_object:
    case ValueType::section:
      return "an object";
  }
  return {};
}

std::span<const Key> keys() { return kKeys; }

const Key* find_key(std::string_view path) {
  const auto* found =
      std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& key) { return key.path == path; });
  return found == kKeys.end() ? nullptr : found;
}

std::string_view leaf_of(std::string_view path) { return path.substr(path.rfind('.') + 1); }

std::string_view section_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}

std::optional<std::string_view> closest_key(std::string_view path) {
  // Twice the longest name; nothing longer was meant to be one.
  constexpr std::size_t kMaxName = 64;
  if (leaf_of(path).size() > kMaxName) return std::nullopt;
  const auto search = [&](bool in_same_section) -> std::optional<std::string_view> {
    std::vector<std::string_view> names;
    std::vector<std::string_view> paths;
    for (const Key& key : kKeys) {
      if ((section_of(key.path) == section_of(path)) != in_same_section) continue;
      names.push_back(leaf_of(key.path));
      paths.push_back(key.path);
    }
    const std::optional<std::string_view> name = closest(leaf_of(path), names);
    if (!name) return std::nullopt;
    const auto at = std::find(names.begin(), names.end(), *name) - names.begin();
    return paths[static_cast<std::size_t>(at)];
  };
  if (const auto near = search(true)) return near;
  return search(false);
}

}  // namespace srt::settings
