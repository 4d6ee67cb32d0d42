#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "compiler/frontend/front_end.h"
#include "compiler/frontend/limits.h"
#include "compiler/frontend/settings/glob_text.h"
#include "compiler/frontend/settings/lower.h"
#include "compiler/frontend/settings/path_pattern.h"
#include "compiler/frontend/variable_name.h"
#include "compiler/glob/algebra.h"
#include "proxy/upstream/upstream.h"

namespace srt::settings {
namespace {

using glob::Atom;
using glob::PathPattern;
using glob::PathSet;
using ir::Operation;

// Where the package has commands keep their temporary files.
constexpr std::string_view kTemporaryDirectory = "/tmp/claude";

// Directories below the home directory that the package lets every command write.
constexpr std::array<std::string_view, 2> kConvenienceDirectories = {"/.npm/_logs",
                                                                     "/.claude/debug"};

// How many directories git is told to trust by name; the package trusts all when there are more.
constexpr std::size_t kMaxSafeDirectories = 8;

// How the URL of a proxy begins.
constexpr std::string_view kHttp = "http://";

// An entry in one of its readings.
struct Reading {
  PathPattern pattern;
  Span span;
};

// What the pattern matches itself, without what lies beneath.
PathSet matches_of(PathPattern pattern) {
  pattern.subtree = false;
  return {std::move(pattern), {}, {}};
}

PathSet all_of(const PathPattern& pattern) { return {pattern, {}, {}}; }

// What lies strictly beneath a match.
PathSet beneath(PathPattern pattern) {
  append_literal(pattern.atoms, "/");
  pattern.atoms.push_back({.kind = Atom::Kind::text});
  return matches_of(std::move(pattern));
}

class NpmLowering {
 public:
  NpmLowering(const Settings& settings, SourceSet& sources, RuleWriter& out)
      : settings_(settings), sources_(sources), out_(out) {}

  void lower() {
    if (settings_.flag("filesystem.disabled", false)) {
      open_files();
    } else {
      lower_files();
    }
    deny_credential_files();
    lower_domains();
    lower_sockets();
    lower_ports();
    lower_services();
    lower_options();
    lower_proxies();
    lower_proxy_port("network.httpProxyPort", ir::OptionKind::http_proxy_port);
    lower_proxy_port("network.socksProxyPort", ir::OptionKind::socks_proxy_port);
    deny_credential_variables();
    lower_safe_directories();
    out_.policy().variables.push_back({"SANDBOX_RUNTIME", "1"});
  }

 private:
  std::vector<Reading> read(std::string_view key, Effect effect) {
    std::vector<Reading> readings;
    for (const PathEntry& entry : settings_.paths(key)) {
      const PathText text{entry.text->string, entry.text->span};
      const std::vector<PathPattern> patterns =
          entry.is_literal
              ? read_literal_path(text, out_.policy(), out_.diagnostics())
              : read_pattern(text, Format::npm, effect, out_.policy(), out_.diagnostics());
      for (const PathPattern& pattern : patterns) readings.push_back({pattern, text.span});
    }
    return readings;
  }

  void add(Effect effect, Operation operation, const std::vector<Reading>& readings) {
    for (const Reading& reading : readings) {
      out_.add(effect, operation, all_of(reading.pattern), reading.span);
    }
  }

  void open_files() {
    const Span span = settings_.find("filesystem.disabled")->span;
    out_.diagnostics().report(Diag::filesystem_disabled, span).help =
        "list what the command needs in `filesystem.allowWrite` instead";
    const PathPattern root{.anchor = {}, .atoms = {}, .subtree = true};
    out_.add(Effect::allow, Operation::read, all_of(root), span);
    out_.add(Effect::allow, Operation::write, all_of(root), span);
  }

  void lower_files() {
    const std::vector<Reading> denies = read("filesystem.denyRead", Effect::deny);
    const std::vector<Reading> allows = read("filesystem.allowRead", Effect::allow);
    if (denies.size() * (allows.size() + kConvenienceDirectories.size()) > kMaxReadPairs) {
      out_.diagnostics()
          .report(Diag::too_many_read_pairs, settings_.find("filesystem.denyRead")->span,
                  denies.size(), allows.size())
          .help = "name the directories that hold them";
      return;
    }
    lower_reads(denies, allows);
    lower_writes(denies, allows);
    set_temporary_directory();
  }

  // `allowRead` wins over `denyRead`, save for what a deny names more closely: those denies are
  // said once more behind the grants.
  void lower_reads(const std::vector<Reading>& denies, const std::vector<Reading>& allows) {
    add(Effect::deny, Operation::read, denies);
    add(Effect::allow, Operation::read, allows);
    for (const Reading& deny : denies) {
      if (deny.pattern.is_plain()) {
        deny_path_again(deny, allows);
      } else {
        deny_glob_again(deny, allows);
      }
    }
  }

  // A denied path strictly inside an allowed one stays denied; where that depends on the anchors,
  // under that condition.
  void deny_path_again(const Reading& deny, const std::vector<Reading>& allows) {
    const PathSet path = matches_of(deny.pattern);
    std::vector<const Reading*> conditions;
    for (const Reading& allow : allows) {
      const PathSet inside = beneath(allow.pattern);
      if (glob::is_subset(path, inside)) {
        out_.add(Effect::deny, Operation::read, all_of(deny.pattern), deny.span);
        warn_of_closed_grants(deny, allow, allows);
        return;
      }
      if (glob::intersects(path, inside)) conditions.push_back(&allow);
    }
    for (const Reading* allow : conditions) {
      out_.add(Effect::deny, Operation::read, {deny.pattern, {}, allow->pattern}, deny.span);
    }
  }

  // Grants inside `deny`, which lies inside `outer`, open nothing.
  void warn_of_closed_grants(const Reading& deny, const Reading& outer,
                             const std::vector<Reading>& allows) {
    for (const Reading& allow : allows) {
      if (!glob::is_subset(all_of(allow.pattern), all_of(deny.pattern))) continue;
      out_.diagnostics()
          .report(Diag::read_stays_denied, allow.span, spelled(sources_, allow.span),
                  spelled(sources_, deny.span), spelled(sources_, outer.span))
          .help = fmt::format("deny the parts of `{}` that are meant instead of all of it",
                              spelled(sources_, deny.span));
    }
  }

  // A denied glob holds everywhere but in the allowed entries that it covers whole.
  void deny_glob_again(const Reading& deny, const std::vector<Reading>& allows) {
    PathSet paths = all_of(deny.pattern);
    bool is_reopened = false;
    for (const Reading& allow : allows) {
      if (!glob::intersects(all_of(allow.pattern), all_of(deny.pattern))) continue;
      is_reopened = true;
      if (glob::intersects(matches_of(allow.pattern), all_of(deny.pattern))) {
        paths.except.push_back(allow.pattern);
      }
    }
    if (is_reopened) out_.add(Effect::deny, Operation::read, std::move(paths), deny.span);
  }

  void lower_writes(const std::vector<Reading>& denies, const std::vector<Reading>& allows) {
    add_default_writes(denies, allows);
    add(Effect::allow, Operation::write, read("filesystem.allowWrite", Effect::allow));
    add(Effect::deny, Operation::write, read("filesystem.denyWrite", Effect::deny));
    protect_names();
  }

  void add_default_writes(const std::vector<Reading>& denies, const std::vector<Reading>& allows) {
    const Span span = settings_.span();
    PathPattern temporary{.anchor = {}, .atoms = {}, .subtree = true};
    append_literal(temporary.atoms, kTemporaryDirectory);
    out_.add(Effect::allow, Operation::write, all_of(temporary), span);
    for (const std::string_view directory : kConvenienceDirectories) {
      PathPattern pattern{.anchor = home_directory(out_.policy()), .atoms = {}, .subtree = true};
      append_literal(pattern.atoms, directory);
      add_convenience(pattern, denies, allows, span);
    }
  }

  // A convenience is granted unless a read deny covers it and no allowed entry inside that deny
  // opens it. What depends on the anchors is taken back under that condition, where a grant may
  // have made a part readable; elsewhere nothing is writable that cannot be read.
  void add_convenience(const PathPattern& directory, const std::vector<Reading>& denies,
                       const std::vector<Reading>& allows, Span span) {
    const PathSet path = matches_of(directory);
    const bool may_be_readable =
        std::any_of(allows.begin(), allows.end(), [&](const Reading& allow) {
          return glob::intersects(all_of(allow.pattern), all_of(directory));
        });
    std::vector<PathPattern> conditions;
    for (const Reading& deny : denies) {
      const PathSet denied = all_of(deny.pattern);
      if (!glob::intersects(path, denied) || is_reopened(path, denied, allows)) continue;
      if (glob::is_subset(path, denied)) return;
      if (!may_be_readable) continue;
      // A condition speaks of what lies strictly above, so an entry that may be the directory
      // itself leaves it out for good.
      if (glob::intersects(path, matches_of(deny.pattern))) return;
      conditions.push_back(deny.pattern);
    }
    out_.add(Effect::allow, Operation::write, all_of(directory), span);
    for (const PathPattern& condition : conditions) {
      out_.add(Effect::deny, Operation::write, {directory, {}, condition}, span);
    }
  }

  static bool is_reopened(const PathSet& path, const PathSet& denied,
                          const std::vector<Reading>& allows) {
    return std::any_of(allows.begin(), allows.end(), [&](const Reading& allow) {
      return allow.pattern.is_plain() && glob::is_subset(all_of(allow.pattern), denied) &&
             glob::is_subset(path, all_of(allow.pattern));
    });
  }

  // The rules of `std.protect`, which speak of names anywhere, for the working directory: a name
  // there is protected also while it does not exist, a name below it only when it does, so that
  // repositories with such files can be cloned. Git's own files keep their rule, so that `git init`
  // works.
  void protect_names() {
    ir::Policy& policy = out_.policy();
    const auto first = static_cast<std::ptrdiff_t>(policy.rules.size());
    language::append_module(sources_, "std.protect", policy, out_.diagnostics());
    const std::vector<ir::Rule> module(policy.rules.begin() + first, policy.rules.end());
    policy.rules.erase(policy.rules.begin() + first, policy.rules.end());
    for (const ir::Rule& rule : module) {
      const std::string_view name = protected_name(rule);
      if (name == "/.git/config" && settings_.flag("filesystem.allowGitConfig", false)) continue;
      if (name.empty() || name.starts_with("/.git/")) {
        policy.rules.push_back(rule);
        continue;
      }
      add_anchored(rule, {{.kind = Atom::Kind::literal, .bytes = std::string(name)}}, false);
      add_anchored(rule, rule.paths().pattern.atoms, true);
    }
  }

  // `/NAME` of a rule about `/**/NAME`, or nothing.
  static std::string_view protected_name(const ir::Rule& rule) {
    if (!rule.has_paths()) return {};
    const PathPattern& pattern = rule.paths().pattern;
    const bool is_name_anywhere = !pattern.anchor && pattern.atoms.size() == 2 &&
                                  pattern.atoms[0].kind == Atom::Kind::segments &&
                                  pattern.atoms[1].kind == Atom::Kind::literal;
    return is_name_anywhere ? std::string_view(pattern.atoms[1].bytes) : std::string_view();
  }

  void add_anchored(ir::Rule rule, std::vector<Atom> atoms, bool existing) {
    ir::Policy& policy = out_.policy();
    PathPattern& pattern = std::get<PathSet>(rule.subject).pattern;
    pattern.anchor = working_directory(policy);
    pattern.atoms = std::move(atoms);
    rule.existing = existing;
    rule.text = ir::spell(policy, rule);
    policy.rules.push_back(std::move(rule));
  }

  void set_temporary_directory() {
    out_.policy().tmp_candidates = {
        {.variable = "CLAUDE_CODE_TMPDIR"},
        {.variable = "CLAUDE_TMPDIR"},
        {.path = std::string(kTemporaryDirectory)},
    };
  }

  // Entries of `credentials` that are withheld; those that are masked are refused.
  std::vector<const JsonValue*> withheld(std::string_view key) {
    std::vector<const JsonValue*> entries;
    for (const JsonValue* entry : settings_.entries(key)) {
      const JsonValue* mode = Settings::find_in(*entry, "mode");
      if (mode->string == "mask") {
        out_.diagnostics()
            .report(Diag::setting_refused, mode->span, fmt::format("mask` in `{}", key),
                    "real values are never put into requests here")
            .help = "write `\"deny\"`, which keeps it from the command altogether";
      } else if (mode->string == "deny") {
        entries.push_back(entry);
      }
    }
    return entries;
  }

  // Behind all grants, so that none opens them; also where `filesystem.disabled` opens the rest.
  void deny_credential_files() {
    for (const JsonValue* entry : withheld("credentials.files")) {
      const JsonValue* path = Settings::find_in(*entry, "path");
      for (const PathPattern& pattern :
           read_pattern({path->string, path->span}, Format::npm, Effect::deny, out_.policy(),
                        out_.diagnostics())) {
        out_.add(Effect::deny, Operation::read, all_of(pattern), path->span);
      }
    }
  }

  void deny_credential_variables() {
    for (const JsonValue* entry : withheld("credentials.envVars")) {
      const JsonValue* name = Settings::find_in(*entry, "name");
      if (is_variable_name(name->string)) {
        out_.add(Effect::deny, Operation::env, *NamePattern::parse(name->string), name->span,
                 Targets::all());
        continue;
      }
      out_.diagnostics()
          .report(Diag::bad_variable_name, name->span, spelled(sources_, name->span))
          .help = "a name has letters, digits and `_`, and begins with no digit";
    }
  }

  void lower_sockets() {
    for (const JsonValue* entry : settings_.texts("network.allowUnixSockets")) {
      for (const PathPattern& path :
           read_literal_path({entry->string, entry->span}, out_.policy(), out_.diagnostics())) {
        out_.add(Effect::allow, Operation::unix, all_of(path), entry->span);
      }
    }
    if (!settings_.flag("network.allowAllUnixSockets", false)) return;
    const Span span = settings_.find("network.allowAllUnixSockets")->span;
    out_.add(Effect::allow, Operation::unix, *NamePattern::parse("*"), span, Targets::all());
  }

  // On Linux what a command listens on is its own.
  void lower_ports() {
    if (!settings_.flag("network.allowLocalBinding", false)) return;
    out_.add(Effect::allow, Operation::bind, net::PortRange{},
             settings_.find("network.allowLocalBinding")->span, Targets::only(Target::macos));
  }

  void lower_services() {
    for (const JsonValue* entry : settings_.texts("network.allowMachLookup")) {
      const std::optional<NamePattern> service = service_named(entry->string);
      if (service) {
        out_.add(Effect::allow, Operation::mach, *service, entry->span,
                 Targets::only(Target::macos));
        continue;
      }
      out_.diagnostics()
          .report(Diag::bad_service, entry->span, spelled(sources_, entry->span))
          .help = "write a name, or its beginning and one `*` at the end";
    }
    if (!settings_.flag("enableWeakerNetworkIsolation", false)) return;
    out_.add(Effect::allow, Operation::mach, *NamePattern::parse("com.apple.trustd.agent"),
             settings_.find("enableWeakerNetworkIsolation")->span, Targets::only(Target::macos));
  }

  // A name, or with `*` at its end the beginning of one.
  static std::optional<NamePattern> service_named(std::string_view text) {
    constexpr std::string_view kSyntax = "?[\\";
    const bool is_beginning = text.ends_with('*');
    if (is_beginning) text.remove_suffix(1);
    if (text.find('*') != std::string_view::npos) return std::nullopt;
    std::string pattern;
    for (const char c : text) {
      if (kSyntax.find(c) != std::string_view::npos) pattern += '\\';
      pattern += c;
    }
    if (is_beginning) pattern += '*';
    Result<NamePattern> service = NamePattern::parse(pattern);
    return service ? std::optional(*std::move(service)) : std::nullopt;
  }

  void lower_options() {
    const auto ask = [&](std::string_view key, ir::OptionKind kind) {
      const std::string word(ir::info(kind).word);
      if (settings_.flag(key, false)) out_.add_option(kind, word, settings_.find(key)->span);
    };
    ask("allowPty", ir::OptionKind::pty);
    ask("allowAppleEvents", ir::OptionKind::apple_events);
    ask("allowNestedUserNamespaces", ir::OptionKind::nested);
  }

  void lower_proxy_port(std::string_view key, ir::OptionKind kind) {
    const JsonValue* port = settings_.find(key);
    if (port != nullptr)
      out_.add_option(kind, fmt::format("{}", static_cast<int>(port->number)), port->span);
  }

  // One proxy for everything: a second one would be left out.
  void lower_proxies() {
    const JsonValue* http = proxy("network.parentProxy.http");
    const JsonValue* https = proxy("network.parentProxy.https");
    if (http != nullptr && https != nullptr && http->string != https->string) {
      out_.diagnostics()
          .report(Diag::setting_refused, https->span, "network.parentProxy.https",
                  "all connections leave through one proxy, and `http` names another")
          .help = "give both the same URL";
      return;
    }
    const JsonValue* used = https != nullptr ? https : http;
    if (used == nullptr) return;
    out_.add_option(ir::OptionKind::upstream_proxy, used->string, used->span);
    const JsonValue* direct = text("network.parentProxy.noProxy");
    if (direct == nullptr || direct->string.empty()) return;
    out_.add_option(ir::OptionKind::no_proxy, direct->string, direct->span);
  }

  const JsonValue* text(std::string_view key) const {
    const JsonValue* value = settings_.find(key);
    return value != nullptr && value->kind == JsonValue::Kind::string ? value : nullptr;
  }

  const JsonValue* proxy(std::string_view key) {
    const JsonValue* url = text(key);
    if (url == nullptr) return nullptr;
    const bool is_spelled = std::none_of(url->string.begin(), url->string.end(), [](char c) {
      return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\x7F';
    });
    if (is_spelled && url->string.starts_with(kHttp) && net::parse_upstream(url->string)) {
      return url;
    }
    out_.diagnostics().report(Diag::bad_proxy_url, url->span, spelled(sources_, url->span)).help =
        "write it as `http://HOST:PORT`";
    return nullptr;
  }

  // Git reads numbered variables as if they stood in its configuration, and trusts a repository
  // only where it is named itself or by a pattern.
  void lower_safe_directories() {
    std::vector<std::string> values;
    for (const JsonValue* entry : settings_.texts("git.safeDirectories")) {
      std::string directory = entry->string;
      if (directory.empty()) continue;
      while (directory.ends_with('/')) directory.pop_back();
      const std::string name = directory.empty() ? "/" : directory;
      if (std::find(values.begin(), values.end(), name) != values.end()) continue;
      values.push_back(name);
      values.push_back(directory + "/*");
    }
    if (values.size() > 2 * kMaxSafeDirectories) values = {"*"};
    if (values.empty()) return;
    std::vector<ir::SetVariable>& variables = out_.policy().variables;
    for (std::size_t i = 0; i < values.size(); ++i) {
      variables.push_back({fmt::format("GIT_CONFIG_KEY_{}", i), "safe.directory"});
      variables.push_back({fmt::format("GIT_CONFIG_VALUE_{}", i), values[i]});
    }
    variables.push_back({"GIT_CONFIG_COUNT", fmt::format("{}", values.size())});
  }

  void lower_domains() {
    // First, so that an allowed entry that is an address opens it again.
    for (const JsonValue* entry : settings_.texts("network.deniedResolvedAddresses")) {
      out_.add_address(*entry);
    }
    for (const JsonValue* entry : settings_.texts("network.allowedDomains")) {
      if (!report_if_too_broad(*entry)) out_.add_domain(Effect::allow, *entry);
    }
    const std::vector<const JsonValue*> denied = settings_.texts("network.deniedDomains");
    for (const JsonValue* entry : denied) {
      out_.add_domain(Effect::deny, *entry, reason_for(entry->string));
    }
    warn_of_unused_reasons(denied);
  }

  // `*` and `*.com`, which the package refuses in the list of allowed domains.
  bool report_if_too_broad(const JsonValue& entry) {
    const std::string host = entry.string.substr(0, entry.string.find(':'));
    const bool is_broad =
        host == "*" || (host.starts_with("*.") && host.find('.', 2) == std::string::npos);
    if (!is_broad) return false;
    out_.diagnostics()
        .report(Diag::domain_too_broad, entry.span, spelled(sources_, entry.span))
        .help = "name the domains, as in `*.example.com`";
    return true;
  }

  std::string reason_for(const std::string& entry) const {
    const JsonValue* reasons = settings_.find("network.deniedDomainReasons");
    if (reasons == nullptr) return {};
    for (const JsonMember& reason : reasons->members) {
      if (reason.key == entry) return reason.value.string;
    }
    return {};
  }

  void warn_of_unused_reasons(const std::vector<const JsonValue*>& denied) {
    const JsonValue* reasons = settings_.find("network.deniedDomainReasons");
    if (reasons == nullptr) return;
    for (const JsonMember& reason : reasons->members) {
      const bool is_used = std::any_of(denied.begin(), denied.end(), [&](const JsonValue* entry) {
        return entry->string == reason.key;
      });
      if (is_used) continue;
      out_.diagnostics()
          .report(Diag::unused_reason, reason.key_span, spelled(sources_, reason.key_span))
          .help = "spell the key exactly as the entry";
    }
  }

  const Settings& settings_;
  SourceSet& sources_;
  RuleWriter& out_;
};

}  // namespace

void lower_npm(const Settings& settings, SourceSet& sources, RuleWriter& out) {
  NpmLowering(settings, sources, out).lower();
}

}  // namespace srt::settings
