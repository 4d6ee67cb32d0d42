#include <doctest/doctest.h>

#include <algorithm>

#include "compiler/backend/seatbelt/seatbelt.h"
#include "tests/unit/compiler/backend/seatbelt/policies.h"

namespace srt::seatbelt {
namespace {

using enum Effect;
using glob::Atom;
using glob::PathPattern;
using ir::Operation;
using ir::Policy;
using test::sbpl::Profile;
using test::sbpl::Reading;

constexpr const char* kCwdValue = "/Users/me/proj";
constexpr const char* kHomeValue = "/Users/me";

std::string text_of(const Policy& policy) {
  Diagnostics diagnostics;
  const std::optional<std::string> text = emit(policy, diagnostics);
  REQUIRE(text);
  return *text;
}

Profile profile_of(const Policy& policy, const std::string& cwd = kCwdValue,
                   const std::string& home = kHomeValue) {
  const std::string text = text_of(policy);
  CAPTURE(text);
  Result<Profile> profile = Profile::load(text, parameters(cwd, home));
  REQUIRE_MESSAGE(profile, profile.error().message);
  return *profile;
}

// In both readings.
bool allows(const Profile& profile, const std::string& operation, const std::string& subject,
            const std::string& kind = "path") {
  const bool last = profile.allows({operation, subject, kind}, Reading::last_match);
  CHECK(profile.allows({operation, subject, kind}, Reading::by_shape) == last);
  return last;
}

// The pattern `/**/name`, or `./**/name` from an anchor.
PathPattern anywhere(std::optional<glob::AnchorId> anchor, const std::string& name) {
  return {anchor, {{Atom::Kind::segments}, {Atom::Kind::literal, '/' + name}}, true};
}

bool is_reported(const Policy& policy, Diag diag) {
  Diagnostics diagnostics;
  (void)emit(policy, diagnostics);
  return std::any_of(diagnostics.all().begin(), diagnostics.all().end(),
                     [&](const Diagnostic& d) { return d.diag == diag && !d.help.empty(); });
}

void allow_host(Policy& policy) {
  ir::Rule rule{
      allow, Operation::connect, *net::parse_host_pattern("example.com:443"), false, false, {}, {},
      {}};
  policy.rules.push_back(std::move(rule));
}

TEST_CASE("C14: `~/.SSH/id_rsa` is denied by `deny read ~/.ssh`") {
  Policy policy = empty_policy();
  add(policy, allow, Operation::write, tree(kHome, ""));
  add(policy, deny, Operation::read, tree(kHome, "/.ssh"));
  add(policy, deny, Operation::write, anywhere(std::nullopt, ".git/hooks"));
  const Profile profile = profile_of(policy);
  for (const char* path : {"/Users/me/.ssh/id_rsa", "/Users/me/.SSH/id_rsa", "/Users/me/.SsH"}) {
    CAPTURE(path);
    for (const char* operation : {"file-read-data", "file-read-metadata", "file-map-executable",
                                  "process-exec", "file-write-create", "file-link"}) {
      CHECK_FALSE(allows(profile, operation, path));
    }
  }
  CHECK(allows(profile, "file-read-data", "/Users/me/.sshd"));
  CHECK_FALSE(allows(profile, "file-write-data", "/Users/me/proj/.GIT/hooks/pre-commit"));
}

TEST_CASE("C38: without an allowed host there is no network, with one there is the proxy alone") {
  Policy policy = empty_policy();
  CHECK_FALSE(needs_proxy(policy));
  CHECK_FALSE(allows(profile_of(policy), "network-outbound", "localhost:4321", "remote ip"));
  allow_host(policy);
  CHECK(needs_proxy(policy));
  const Profile profile = profile_of(policy);
  CHECK(allows(profile, "network-outbound", "localhost:4321", "remote ip"));
  CHECK_FALSE(allows(profile, "network-outbound", "localhost:22", "remote ip"));
  CHECK_FALSE(allows(profile, "network-outbound", "example.com:443", "remote ip"));
  CHECK_FALSE(allows(profile, "network-outbound", "*:*", "local ip"));
  CHECK_FALSE(allows(profile, "network-bind", "localhost:4321", "local ip"));
}

TEST_CASE("C39: no file rule lets a unix socket be reached") {
  Policy policy = empty_policy();
  add(policy, allow, Operation::write, tree(std::nullopt, "/var/run"));
  allow_host(policy);
  const Profile profile = profile_of(policy);
  for (const char* socket : {"/var/run/docker.sock", "/private/var/run/docker.sock"}) {
    CHECK(allows(profile, "file-write-data", socket));
    CHECK_FALSE(allows(profile, "network-outbound", socket));
    CHECK_FALSE(allows(profile, "system-socket", socket));
  }
}

TEST_CASE("C40: nothing starts programs or fetches outside the sandbox") {
  const Profile profile = profile_of(empty_policy());
  for (const char* service :
       {"com.apple.coreservices.launchservicesd", "com.apple.lsd.mapdb", "com.apple.lsd.open",
        "com.apple.trustd", "com.apple.trustd.agent", "com.apple.dnssd.service",
        "com.apple.SecurityServer", "com.apple.coreservices.appleevents"}) {
    CAPTURE(service);
    CHECK_FALSE(allows(profile, "mach-lookup", service, "global-name"));
  }
  CHECK(allows(profile, "mach-lookup", "com.apple.system.notification_center", "global-name"));
  CHECK_FALSE(allows(profile, "appleevent-send", "com.apple.Terminal", "global-name"));
  CHECK_FALSE(allows(profile, "lsopen", "/bin/sh"));
  CHECK_FALSE(allows(profile, "sysctl-read", "kern.procargs2", "sysctl-name"));
  CHECK(allows(profile, "signal", "same-sandbox", "target"));
  CHECK_FALSE(allows(profile, "signal", "others", "target"));
}

TEST_CASE("C1: no directory above a denied path can be moved away with it") {
  Policy policy = empty_policy();
  add(policy, allow, Operation::write, tree(kHome, ""));
  add(policy, deny, Operation::write, tree(kCwd, "/a/b/c"));
  add(policy, deny, Operation::read, tree(kCwd, "/s/secret"));
  add(policy, deny, Operation::write, anywhere(std::nullopt, ".git/hooks"));
  const Profile profile = profile_of(policy);
  for (const char* pinned :
       {"/Users/me/proj/a/b/c", "/Users/me/proj/a/b", "/Users/me/proj/A", "/Users/me/proj/s",
        "/Users/me/proj", "/Users/me", "/Users/me/proj/x/y/.git", "/Users/me/.git/hooks"}) {
    CAPTURE(pinned);
    CHECK_FALSE(allows(profile, "file-write-unlink", pinned));
  }
  for (const char* free : {"/Users/me/proj/a/b/d", "/Users/me/proj/b", "/Users/me/proj/x/y"}) {
    CAPTURE(free);
    CHECK(allows(profile, "file-write-unlink", free));
  }
  CHECK(allows(profile, "file-write-create", "/Users/me/proj/a/b/d"));
}

TEST_CASE("C3: nothing can be moved or linked into a denied name") {
  Policy policy = empty_policy();
  add(policy, allow, Operation::write, tree(kCwd, ""));
  add(policy, deny, Operation::write, tree(kCwd, "/.git/hooks"));
  const Profile profile = profile_of(policy);
  for (const char* operation : {"file-write-create", "file-write-unlink", "file-link"}) {
    CHECK_FALSE(allows(profile, operation, "/Users/me/proj/.git/hooks"));
    CHECK_FALSE(allows(profile, operation, "/Users/me/proj/.git/hooks/pre-commit"));
    CHECK(allows(profile, operation, "/Users/me/proj/.git/x"));
  }
}

TEST_CASE(
    "C3: no directory that holds a denied name, and no link, takes the place of one above it") {
  Policy policy = empty_policy();
  add(policy, allow, Operation::write, tree(kHome, ""));
  add(policy, deny, Operation::write, tree(kCwd, "/a/b/hooks"));
  add(policy, deny, Operation::write, anywhere(std::nullopt, ".git/hooks"));
  add(policy, deny, Operation::write, anywhere(std::nullopt, "x.key"));
  add(policy, deny, Operation::write, tree(kCwd, "/e/there"));
  policy.rules.back().existing = true;
  const Profile profile = profile_of(policy);
  // `mkdir -p x/hooks; echo evil >x/hooks/pre-commit; mv x .git`, or `ln -s x .git`.
  for (const char* above : {"/Users/me/proj/a", "/Users/me/proj/a/b", "/Users/me/proj/A/B",
                            "/Users/me/proj/.git", "/Users/me/x/y/.git", "/Users/me", "/"}) {
    CAPTURE(above);
    CHECK_FALSE(allows(profile, "file-write-create", above));
  }
  for (const char* other :
       {"/Users/me/proj/a/c", "/Users/me/x", "/Users/me/x/y", "/Users/me/proj/e"}) {
    CAPTURE(other);
    CHECK(allows(profile, "file-write-create", other));
  }
}

TEST_CASE("C1: the root directory, which lies above everything, cannot be moved") {
  Policy policy = empty_policy();
  policy.defaults[static_cast<std::size_t>(Operation::write)] = allow;
  add(policy, deny, Operation::write, tree(std::nullopt, "/srv/x"));
  add(policy, deny, Operation::write, tree(kHome, "/.ssh"));
  const Profile profile = profile_of(policy);
  for (const char* pinned : {"/", "/srv", "/srv/x", "/Users", "/Users/me"}) {
    CAPTURE(pinned);
    CHECK_FALSE(allows(profile, "file-write-unlink", pinned));
  }
  CHECK(allows(profile, "file-write-unlink", "/srv/y"));
}

TEST_CASE("a glob that only begins like an aliased directory is none") {
  Policy policy = empty_policy();
  PathPattern glob = tree(std::nullopt, "/private/tmp");
  glob.subtree = false;
  glob.atoms.push_back({Atom::Kind::run, ""});
  add(policy, allow, Operation::write, glob);
  const Profile profile = profile_of(policy);
  CHECK(allows(profile, "file-write-data", "/private/tmp1"));
  CHECK_FALSE(allows(profile, "file-write-data", "/tmp1"));
}

TEST_CASE("what lies in /tmp, /var and /etc is covered in both spellings") {
  Policy policy = empty_policy();
  add(policy, allow, Operation::write, tree(std::nullopt, "/tmp"));
  add(policy, allow, Operation::write, tree(std::nullopt, "/private/var/x"));
  add(policy, deny, Operation::read, tree(std::nullopt, "/tmp/keys"));
  add(policy, deny, Operation::read,
      PathPattern{std::nullopt,
                  {{Atom::Kind::literal, "/private/etc/"},
                   {Atom::Kind::run},
                   {Atom::Kind::literal, ".key"}},
                  true});
  add(policy, deny, Operation::read,
      PathPattern{std::nullopt,
                  {{Atom::Kind::literal, "/v"}, {Atom::Kind::run}, {Atom::Kind::literal, "/x/y"}},
                  true});
  const Profile profile = profile_of(policy);
  for (const std::string prefix : {"", "/private"}) {
    CAPTURE(prefix);
    CHECK(allows(profile, "file-write-data", prefix + "/tmp/a"));
    CHECK(allows(profile, "file-write-data", prefix + "/var/x/a"));
    CHECK_FALSE(allows(profile, "file-write-data", prefix + "/var/y"));
    CHECK_FALSE(allows(profile, "file-read-data", prefix + "/tmp/keys/a"));
    CHECK_FALSE(allows(profile, "file-write-data", prefix + "/tmp/keys"));
    CHECK_FALSE(allows(profile, "file-read-data", prefix + "/etc/ssl.key"));
    CHECK_FALSE(allows(profile, "file-read-data", prefix + "/var/x/y"));
    CHECK_FALSE(allows(profile, "file-write-unlink", prefix + "/tmp"));
  }
  CHECK_FALSE(allows(profile, "file-write-data", "/private/tmpx"));
}

TEST_CASE("names that are syntax are literal text, in filters and in parameters") {
  const std::string odd = "/[w\"i\\p]* (x)\n;$";
  Policy policy = empty_policy();
  add(policy, allow, Operation::write, tree(kCwd, odd));
  add(policy, deny, Operation::read, tree(kCwd, odd + "/secret"));
  add(policy, deny, Operation::read, tree(kCwd, "\n(allow default)"));
  for (const std::string& cwd : std::vector<std::string>{kCwdValue, "/Users/me" + odd}) {
    const Profile profile = profile_of(policy, cwd);
    CHECK(allows(profile, "file-write-data", cwd + odd + "/a"));
    CHECK_FALSE(allows(profile, "file-write-data", cwd + "/w/a"));
    CHECK_FALSE(allows(profile, "file-read-data", cwd + odd + "/secret/a"));
    CHECK_FALSE(allows(profile, "network-outbound", "*:*", "remote ip"));
  }
}

TEST_CASE("the root directory and a directory that nothing has can be values") {
  Policy policy = empty_policy();
  add(policy, allow, Operation::write, tree(kCwd, ""));
  add(policy, deny, Operation::read, tree(kHome, "/.ssh"));
  const Profile root = profile_of(policy, "", "");
  CHECK(allows(root, "file-write-data", "/anything"));
  CHECK_FALSE(allows(root, "file-read-data", "/.ssh/id"));
  const Profile nowhere = profile_of(policy, std::string(kNowhere), kHomeValue);
  CHECK_FALSE(allows(nowhere, "file-write-data", "/"));
  CHECK_FALSE(allows(nowhere, "file-write-data", "/anything"));
}

TEST_CASE("under `default read deny` ancestors can be looked up and the root listed") {
  Policy policy = empty_policy();
  policy.defaults[static_cast<std::size_t>(Operation::read)] = deny;
  add(policy, allow, Operation::read, tree(std::nullopt, "/usr/lib/x"));
  add(policy, allow, Operation::read,
      PathPattern{kHome,
                  {{Atom::Kind::literal, "/a/"}, {Atom::Kind::run}, {Atom::Kind::literal, "/b"}}});
  const Profile profile = profile_of(policy);
  CHECK(allows(profile, "file-read-data", "/"));
  for (const char* above : {"/usr", "/usr/lib", "/Users", "/Users/me", "/Users/me/a/c"}) {
    CAPTURE(above);
    CHECK(allows(profile, "file-read-metadata", above));
    CHECK_FALSE(allows(profile, "file-read-data", above));
  }
  CHECK_FALSE(allows(profile, "file-read-metadata", "/usr/bin"));
  CHECK_FALSE(allows(profile, "file-read-metadata", "/Users/me/c"));
}

TEST_CASE("a condition on parameters is decided at launch") {
  Policy policy = empty_policy();
  add(policy, deny, Operation::read, tree(kHome, ""));
  add(policy, allow, Operation::read, tree(kCwd, ""));
  add(policy, deny, Operation::read, {tree(kHome, "/proj/secrets"), {}, tree(kCwd, "")});
  const std::string text = text_of(policy);
  CHECK(
      text.find("(when (below? (string-append (dir \"HOME\") \"/proj/secrets\") (dir \"CWD\"))") !=
      std::string::npos);
  CHECK_FALSE(allows(profile_of(policy), "file-read-data", "/Users/me/proj/secrets/a"));
  CHECK(allows(profile_of(policy, "/Users/me/proj/secrets"), "file-read-data",
               "/Users/me/proj/secrets/a"));
}

TEST_CASE("profiles are grouped, commented with the policy's lines, and the same each time") {
  Policy policy = empty_policy();
  add(policy, allow, Operation::write, tree(kCwd, ""));
  add(policy, allow, Operation::write, tree(std::nullopt, "/tmp"));
  add(policy, deny, Operation::read, tree(kHome, "/.aws"));
  add(policy, deny, Operation::read, anywhere(kCwd, ".env"));
  const std::string text = text_of(policy);
  CHECK(text == text_of(policy));
  CHECK(text.starts_with("(version 1)\n(deny default)\n"));
  const std::string rules =
      R"sb((allow file-write* file-write-create file-write-unlink file-link
  ; allow write .
  (tree (dir "CWD"))
  ; allow write /tmp
  (subpath "/tmp")
  (subpath "/private/tmp"))

;;; Neither reading nor writing

(deny file-read* file-read-metadata file-map-executable process-exec*
      file-write* file-write-create file-write-unlink file-link
  ; deny read ~/.aws, ./**/.env
  (regex (string-append "^" (regex-quote (dir "CWD")) #"(/[^/]+)*/\.[eE][nN][vV]($|/)"))
  (regex (string-append "^" (regex-quote (dir "HOME")) #"/\.[aA][wW]([sS]|ſ)($|/)"))
  ; deny read ./**/.env, where directories can be moved to
  (require-all
    (regex #"^(/[^/]+)*/\.[eE][nN][vV]($|/)")
    (require-any
      (subpath "/tmp")
      (subpath "/private/tmp"))))
; No program starts that cannot read the root directory itself.
(allow file-read* file-read-metadata (literal "/"))

;;; Directories above what is denied: none can be moved away with it,
;;; and where there is none, no other and no link can be put

(deny file-write-create file-write-unlink
  (above (dir "CWD"))
  (above (dir "HOME"))
  (at (dir "CWD"))
  (at (dir "HOME")))
)sb";
  CHECK_MESSAGE(text.find(rules) != std::string::npos, text);
}

TEST_CASE("what would exceed a limit of Seatbelt is refused") {
  Policy longest = empty_policy();
  add(longest, allow, Operation::write, tree(std::nullopt, '/' + std::string(1024, 'a')));
  CHECK_FALSE(is_reported(longest, Diag::string_too_long_on_macos));
  Policy too_long = empty_policy();
  add(too_long, allow, Operation::write, tree(std::nullopt, '/' + std::string(1025, 'a')));
  CHECK(is_reported(too_long, Diag::string_too_long_on_macos));
  Diagnostics diagnostics;
  CHECK_FALSE(emit(too_long, diagnostics));

  Policy large = empty_policy();
  for (int i = 0; i < 70; ++i) {
    add(large, allow, Operation::write,
        tree(std::nullopt, '/' + std::string(1000, 'a') + std::to_string(i)));
  }
  CHECK(is_reported(large, Diag::profile_too_large_on_macos));
  large.rules.resize(60);
  CHECK_FALSE(is_reported(large, Diag::profile_too_large_on_macos));
}

TEST_CASE("C1: a deny holds where directories can be moved to out of its reach, and nowhere else") {
  Policy policy = empty_policy();
  add(policy, allow, Operation::write, tree(kCwd, "/build"));
  add(policy, deny, Operation::read, anywhere(kCwd, ".env"));
  add(policy, deny, Operation::write, anywhere(kCwd, ".git/hooks"));
  Diagnostics within_reach;
  REQUIRE(emit(policy, within_reach));
  CHECK(within_reach.all().empty());
  add(policy, allow, Operation::write, tree(std::nullopt, "/tmp"));
  policy.rules.insert(policy.rules.begin(), policy.rules.back());
  policy.rules.pop_back();
  const auto has = [&](Diag diag) {
    Diagnostics diagnostics;
    (void)emit(policy, diagnostics);
    return std::any_of(diagnostics.all().begin(), diagnostics.all().end(),
                       [&](const Diagnostic& d) { return d.diag == diag; });
  };
  CHECK(has(Diag::followed_on_macos));
  CHECK_FALSE(has(Diag::looser_on_macos));
  const Profile profile = profile_of(policy);
  CHECK_FALSE(allows(profile, "file-read-data", "/tmp/moved/.env"));
  CHECK_FALSE(allows(profile, "file-read-data", "/private/tmp/moved/.ENV"));
  CHECK_FALSE(allows(profile, "file-write-data", "/tmp/moved/.git/hooks/x"));
  CHECK_FALSE(allows(profile, "file-write-unlink", "/tmp/moved/.git"));
  CHECK(allows(profile, "file-write-unlink", "/tmp/moved"));
  CHECK(allows(profile, "file-read-data", "/etc/.env"));
  add(policy, deny, Operation::read,
      {{std::nullopt,
        {{Atom::Kind::segments},
         {Atom::Kind::literal, "/a"},
         {Atom::Kind::segments},
         {Atom::Kind::literal, "/b"}},
        true},
       {},
       {}});
  CHECK(has(Diag::looser_on_macos));
  Diagnostics refused;
  CHECK_FALSE(emit(policy, refused));
  policy.rules.back().accepted = ir::Acceptance{Targets::all(), "it is a test"};
  Diagnostics accepted;
  CHECK(emit(policy, accepted));
  policy.rules.back().accepted.reset();
  policy.is_settings = true;
  CHECK(has(Diag::moved_on_macos));
  CHECK(emit(policy, accepted));
}

TEST_CASE("every anchor that a path rule uses is passed under a name of its own") {
  using Piece = Template::Piece;
  Policy policy = empty_policy();
  const auto declare = [&](const char* name, Parameter::Source source) {
    return policy.intern(Parameter{name, source, Parameter::Type::path, {}});
  };
  const ParameterId home = declare("HOME", Parameter::Source::declared);
  const ParameterId cache = declare("env.XDG_CACHE_HOME", Parameter::Source::environment);
  const std::vector<Template> anchors = {
      {{{Piece::Kind::parameter, {}, home}}},
      {{{Piece::Kind::parameter, {}, cache}}},
      {{{Piece::Kind::parameter, {}, 0}, {Piece::Kind::parent}, {Piece::Kind::literal, "/lib"}}},
  };
  add(policy, deny, Operation::read, tree(kHome, "/x"));
  for (const Template& anchor : anchors) {
    add(policy, allow, Operation::read, tree(policy.intern(anchor), ""));
  }
  std::vector<std::string> names;
  for (const ProfileParameter& parameter : profile_parameters(policy)) {
    names.push_back(parameter.name);
  }
  CHECK(names == std::vector<std::string>{"HOME", "HOME_", "ENV_XDG_CACHE_HOME", "CWD_PARENT_LIB"});
  CHECK(profile_parameters(policy)[3].value == anchors[2]);
}

void add_about(Policy& policy, Effect effect, Operation operation, ir::Subject subject) {
  ir::Rule rule{effect, operation, std::move(subject), false, false, {}, {}, {}};
  rule.text = spell(policy, rule);
  policy.rules.push_back(std::move(rule));
}

NamePattern names(const char* text) { return *NamePattern::parse(text); }

TEST_CASE(
    "ports that are listened on: bound, accepted on and connected to, the last rule decides") {
  Policy policy = empty_policy();
  add_about(policy, allow, Operation::bind, net::PortRange{3000, 3005});
  add_about(policy, deny, Operation::bind, net::PortRange{3002, 3002});
  allow_host(policy);
  const Profile profile = profile_of(policy);
  for (const int port : {2999, 3000, 3002, 3005, 3006}) {
    CAPTURE(port);
    const bool open = port == 3000 || port == 3005;
    const std::string at = "localhost:" + std::to_string(port);
    CHECK(allows(profile, "network-bind", at, "local ip") == open);
    CHECK(allows(profile, "network-inbound", at, "local ip") == open);
    CHECK(allows(profile, "network-outbound", at, "remote ip") == open);
    CHECK_FALSE(allows(profile, "network-bind", "*:" + std::to_string(port), "local ip"));
  }
  CHECK(allows(profile, "network-outbound", "localhost:4321", "remote ip"));
}

TEST_CASE(
    "every port can be listened on without reaching the host's, and no deny closes the proxy") {
  Policy policy = empty_policy();
  add_about(policy, allow, Operation::bind, net::PortRange{});
  CHECK(allows(profile_of(policy), "network-bind", "localhost:1", "local ip"));
  CHECK_FALSE(allows(profile_of(policy), "network-outbound", "localhost:22", "remote ip"));
  add_about(policy, deny, Operation::bind, net::PortRange{});
  allow_host(policy);
  CHECK_FALSE(allows(profile_of(policy), "network-bind", "localhost:1", "local ip"));
  CHECK(allows(profile_of(policy), "network-outbound", "localhost:4321", "remote ip"));
  add_about(policy, allow, Operation::bind, net::PortRange{1, 2000});
  CHECK(is_reported(policy, Diag::bad_on_macos));
}

TEST_CASE("unix sockets are reached by path as the last rule says, and made only where one is") {
  Policy policy = empty_policy();
  const auto reaches = [&](const char* path) {
    return allows(profile_of(policy), "network-outbound", path);
  };
  CHECK_FALSE(allows(profile_of(policy), "system-socket", "AF_UNIX", "socket-domain"));
  add(policy, allow, Operation::unix, tree(std::nullopt, "/var/run"));
  add(policy, deny, Operation::unix, tree(std::nullopt, "/var/run/docker.sock"));
  CHECK(allows(profile_of(policy), "system-socket", "AF_UNIX", "socket-domain"));
  CHECK(reaches("/private/var/run/x"));
  CHECK_FALSE(reaches("/private/var/run/Docker.sock"));
  CHECK_FALSE(reaches("/tmp/x"));
  CHECK_FALSE(allows(profile_of(policy), "network-outbound", "example.com:443", "remote ip"));
  add_about(policy, allow, Operation::unix, names("*"));
  CHECK(reaches("/private/var/run/docker.sock"));
  add_about(policy, deny, Operation::unix, names("*"));
  CHECK_FALSE(reaches("/private/var/run/x"));
}

TEST_CASE("Mach services by name and by pattern, the base's own too, the last rule decides") {
  Policy policy = empty_policy();
  add_about(policy, allow, Operation::mach, names("com.example.*"));
  add_about(policy, deny, Operation::mach, names("com.example.a?c"));
  add_about(policy, allow, Operation::mach, names("org.x+y"));
  add_about(policy, deny, Operation::mach, names("com.apple.logd"));
  const Profile profile = profile_of(policy);
  const auto finds = [&](const char* name) {
    return allows(profile, "mach-lookup", name, "global-name");
  };
  CHECK(finds("com.example.z"));
  CHECK_FALSE(finds("com.example.abc"));
  CHECK(finds("com.example.abcd"));
  CHECK_FALSE(finds("comXexample.z"));
  CHECK(finds("org.x+y"));
  CHECK_FALSE(finds("com.apple.logd"));
  CHECK(finds("com.apple.system.logger"));
  CHECK_FALSE(is_reported(policy, Diag::opened_on_macos));
  add_about(policy, allow, Operation::mach, names("com.apple.*"));
  CHECK(is_reported(policy, Diag::opened_on_macos));
  add_about(policy, deny, Operation::mach, names("x[ab]"));
  CHECK(is_reported(policy, Diag::bad_on_macos));
}

TEST_CASE("options open what they name and nothing else") {
  Policy policy = empty_policy();
  CHECK_FALSE(allows(profile_of(policy), "pseudo-tty", "", ""));
  policy.options = {{ir::OptionKind::pty, "", {}}};
  CHECK(allows(profile_of(policy), "pseudo-tty", "", ""));
  CHECK(allows(profile_of(policy), "file-ioctl", "/dev/ptmx"));
  CHECK_FALSE(allows(profile_of(policy), "appleevent-send", "", ""));
  policy.options = {{ir::OptionKind::apple_events, "", {}}};
  CHECK(allows(profile_of(policy), "appleevent-send", "", ""));
  CHECK_FALSE(allows(profile_of(policy), "lsopen", "/bin/sh"));
}

TEST_CASE("a port that a parameter stands for is one of the profile's parameters") {
  Policy policy = empty_policy();
  const auto port = policy.intern({"port", Parameter::Source::declared, Parameter::Type::port, {}});
  ir::Rule rule{allow,
                Operation::bind,
                Template{{{Template::Piece::Kind::parameter, {}, port}}},
                false,
                false,
                {},
                {},
                {}};
  rule.text = spell(policy, rule);
  policy.rules.push_back(rule);
  CHECK(text_of(policy).find("(local ip (string-append \"localhost:\" (param \"port\")))") !=
        std::string::npos);
  const std::vector<ProfileParameter> parameters = profile_parameters(policy);
  CHECK(std::any_of(parameters.begin(), parameters.end(),
                    [](const ProfileParameter& parameter) { return parameter.name == "port"; }));
  std::get<Template>(policy.rules.back().subject)
      .pieces.push_back({Template::Piece::Kind::literal, "-90"});
  Diagnostics diagnostics;
  CHECK_FALSE(emit(policy, diagnostics));
}

}  // namespace
}  // namespace srt::seatbelt
