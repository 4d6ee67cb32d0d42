#include "compiler/frontend/settings/keys.h"

#include <algorithm>
#include <array>

#include "compiler/source/edit_distance.h"

namespace srt::settings {
namespace {

constexpr std::string_view kOwnTools = "this program does not use that tool";
constexpr std::string_view kNoFilter =
    "it only speaks of requests that `network.filterRequest` sees";
constexpr std::string_view kNoDecryption =
    "connections are never decrypted here, so what it restricts would be open";
constexpr std::string_view kOnlyMasked = "it only speaks of masked credentials";

constexpr std::array<std::string_view, 2> kModes = {"deny", "mask"};

constexpr auto kNpm = Format::npm;
constexpr auto kRust = Format::rust_port;
using enum ValueType;
using Do = Treatment;
using Presence::required;

// clang-format off
constexpr auto kKeys = std::to_array<Key>({
    {"filesystem", {}, ValueType::section, Do::section, "which files can be read and written"},
    {"network", {}, ValueType::section, Do::section, "what can be connected to"},

    {"filesystem.denyRead", kNpm, paths, Do::lowered, "paths that cannot be read"},
    {"filesystem.allowRead", kNpm, paths, Do::lowered,
     "paths inside `denyRead` that can be read all the same"},
    {"filesystem.allowWrite", kNpm, paths, Do::lowered, "paths that can be written"},
    {"filesystem.denyWrite", kNpm, paths, Do::lowered,
     "paths inside `allowWrite` that cannot be written"},
    {"filesystem.allowGitConfig", kNpm, boolean, Do::lowered,
     "lets `.git/config` be written where `allowWrite` reaches"},
    {"filesystem.disabled", kNpm, boolean, Do::lowered, "lets every file be read and written"},

    {"network.allowedDomains", kNpm, texts, Do::lowered,
     "hosts that can be connected to, each with `:PORT` or for every port"},
    {"network.deniedDomains", kNpm, texts, Do::lowered,
     "hosts of `allowedDomains` that cannot be connected to"},
    {"network.deniedDomainReasons", kNpm, text_map, Do::lowered,
     "by entry of `deniedDomains`, the reason that a refusal gives"},
    {"network.strictAllowlist", kNpm, boolean, Do::silent,
     "nobody is asked about other hosts: always so"},
    {"network.deniedResolvedAddresses", kNpm, texts, Do::lowered,
     "addresses and ranges that an allowed name must not lead to"},
    {"network.allowUnixSockets", kNpm, texts, Do::lowered,
     "unix sockets, by path, that can be connected to; grants nothing on Linux"},
    {"network.allowAllUnixSockets", kNpm, boolean, Do::lowered,
     "lets every unix socket be connected to"},
    {"network.allowLocalBinding", kNpm, boolean, Do::lowered,
     "lets ports be listened on; always so on Linux"},
    {"network.allowMachLookup", kNpm, texts, Do::lowered,
     "macOS: services that can be looked up; one `*` at the end stands for any text"},
    {"network.httpProxyPort", kNpm, port, Do::lowered,
     "the port of an HTTP proxy on this host that decides about hosts in the place of this program's"},
    {"network.socksProxyPort", kNpm, port, Do::lowered,
     "the port of a SOCKS proxy on this host, likewise"},
    {"network.parentProxy", kNpm, ValueType::section, Do::section,
     "an HTTP proxy that connections leave through"},
    {"network.parentProxy.http", kNpm, text, Do::lowered, "the URL of the proxy"},
    {"network.parentProxy.https", kNpm, text, Do::lowered, "the URL of the proxy, the same as `http`"},
    {"network.parentProxy.noProxy", kNpm, text, Do::lowered,
     "hosts that are reached without it, separated by commas"},
    {"network.mitmProxy", kNpm, enabling_object, Do::refused,
     "connections would go out directly instead of through that proxy"},
    {"network.tlsTerminate", kNpm, enabling_object, Do::refused, kNoDecryption},
    {"network.filterRequest", kNpm, enabling_object, Do::refused, kNoDecryption},
    {"network.refuseOpaqueTunnels", kNpm, boolean, Do::refused, kNoDecryption},
    {"network.stripResponseHeaders", kNpm, texts, Do::refused, kNoDecryption},
    {"network.requireHostMatch", kNpm, boolean, Do::silent,
     "the host that a request or TLS names has to be the one it is sent to: always so"},
    {"network.allowPlaintextHeaderSet", kNpm, boolean, Do::unused, kNoFilter},
    {"network.ambiguousRequestTarget", kNpm, text, Do::unused, kNoFilter},

    {"credentials", kNpm, ValueType::section, Do::section, "what is kept from the command"},
    {"credentials.files", kNpm, entries, Do::lowered, "files that hold credentials"},
    {"credentials.files.path", kNpm, text, Do::lowered, "the file or directory", {}, required},
    {"credentials.files.mode", kNpm, word, Do::lowered,
     "`deny` makes it unreadable; `mask` is not supported", kModes, required},
    {"credentials.files.extract", kNpm, text, Do::silent, kOnlyMasked},
    {"credentials.files.onExtractNoMatch", kNpm, text, Do::silent, kOnlyMasked},
    {"credentials.files.decode", kNpm, text, Do::silent, kOnlyMasked},
    {"credentials.files.maskClaims", kNpm, texts, Do::silent, kOnlyMasked},
    {"credentials.files.maskDuplicates", kNpm, boolean, Do::silent, kOnlyMasked},
    {"credentials.files.injectHosts", kNpm, texts, Do::silent, kOnlyMasked},
    {"credentials.envVars", kNpm, entries, Do::lowered, "variables that hold credentials"},
    {"credentials.envVars.name", kNpm, text, Do::lowered, "the name of the variable", {}, required},
    {"credentials.envVars.mode", kNpm, word, Do::lowered,
     "`deny` removes it; `mask` is not supported", kModes, required},
    {"credentials.envVars.extract", kNpm, text, Do::silent, kOnlyMasked},
    {"credentials.envVars.onExtractNoMatch", kNpm, text, Do::silent, kOnlyMasked},
    {"credentials.envVars.decode", kNpm, text, Do::silent, kOnlyMasked},
    {"credentials.envVars.maskClaims", kNpm, texts, Do::silent, kOnlyMasked},
    {"credentials.envVars.injectHosts", kNpm, texts, Do::silent, kOnlyMasked},
    {"credentials.awsPairs", kNpm, list, Do::refused,
     "requests are never signed anew here, so the command would need the secrets themselves"},
    {"credentials.sigv4", kNpm, object, Do::unused, kOnlyMasked},
    {"credentials.allowPlaintextInject", kNpm, boolean, Do::unused, kOnlyMasked},

    {"git", kNpm, ValueType::section, Do::section, "what git is told"},
    {"git.safeDirectories", kNpm, texts, Do::lowered,
     "repositories that git works in though another user owns them"},

    {"ignoreViolations", kNpm, texts_map, Do::unused, "reports name every violation"},
    {"enableWeakerNestedSandbox", kNpm, boolean, Do::unused,
     "the sandbox is never made weaker inside a container"},
    {"allowNestedUserNamespaces", kNpm, boolean, Do::lowered,
     "Linux: lets user namespaces, and mounts in them, be made inside"},
    {"enableWeakerNetworkIsolation", kNpm, boolean, Do::lowered,
     "macOS: lets the service that checks certificates be asked, as Go programs do"},
    {"allowAppleEvents", kNpm, boolean, Do::lowered,
     "macOS: lets other applications be asked to do things, outside the sandbox"},
    {"allowPty", kNpm, boolean, Do::lowered, "macOS: lets pseudo-terminals be made"},
    {"mandatoryDenySearchDepth", kNpm, depth, Do::silent,
     "how deep protected names are looked for: here at any depth"},
    {"ripgrep", kNpm, object, Do::unused, kOwnTools},
    {"seccomp", kNpm, object, Do::unused, "this program brings its own filter"},
    {"socatPath", kNpm, text, Do::unused, kOwnTools},
    {"javaAgentJarPath", kNpm, text, Do::unused, kOwnTools},
    {"bwrapPath", kNpm, text, Do::unused, "bwrap is looked for at every run"},
    {"windows", kNpm, object, Do::unused, "it only speaks of Windows"},

    {"filesystem.allowed_paths", kRust, plain_paths, Do::lowered, "paths that can be written"},
    {"filesystem.blocked_paths", kRust, plain_paths, Do::lowered,
     "paths that can be neither read nor written"},
    {"network.enabled", kRust, boolean, Do::lowered, "`false` denies every connection"},
    {"network.allowed_domains", kRust, texts, Do::lowered, "hosts that can be connected to"},
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
    case word:
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
    case entries:
      return "a list of objects";
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
