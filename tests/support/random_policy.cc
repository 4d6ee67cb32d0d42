#include "tests/support/random_policy.h"

#include <fmt/format.h>

#include <array>
#include <random>
#include <set>
#include <string_view>
#include <vector>

#include "compiler/frontend/language/modules.h"
#include "compiler/ir/options.h"
#include "compiler/ir/reserved_words.h"
#include "runtime/base/limit.h"
#include "runtime/base/operation.h"
#include "runtime/base/target.h"
#include "runtime/bundle/parameters.h"

namespace srt::test {
namespace {

constexpr std::array kNames = {"a",      "src", "x.y", ".env",  "\\*", "\xC3\xA9", "\\xff",
                               "a\\{b",  "a=b", "a:b", "$x",    "#x",  "\\$HOME",  "\\[",
                               "\\x01z", "-",   "!",   "read~", "1"};
constexpr std::array kWild = {"*",    "?",        "*.py",     "[a-z]", "[!a]",   "[^b-d]x",
                              "[]a]", "[a\\]-]",  "**",       "a*b*",  "?[0-9]", "[\xC3\xA9]",
                              "\\**", "[\\xfe]?", "[a-z_-]*", "*\\?"};
constexpr std::array kHosts = {"example.com",     "*.example.com",       "*",
                               "10.0.0.1",        "10.0.0.0/8",          "[::1]",
                               "[2001:db8::/32]", "localhost",           "EXAMPLE.org.",
                               "0x7f.1",          "xn--e1afmkfd.example"};
constexpr std::array kPorts = {"443", "8000-8100", "*", "1-65535", "65535"};
constexpr std::array kVariables = {"*_TOKEN", "AWS_*",       "A",       "X?",
                                   "[A-C]1",  "{LANG,LC_*}", "\\*",     "[!A]",
                                   "\\x41B",  "\"policy\"",  "\"A B\"", "\"A;B\""};
constexpr std::array kCalls = {"ptrace", "@debug", "io_uring_*", "{bpf,perf_event_open}", "*"};
constexpr std::array kServices = {"com.apple.trustd.agent", "com.apple.*", "*", "{a,b}.c"};
constexpr std::array kSockets = {"@name", "@a*", "*", "\"@a b\"", "@{x,y}"};
constexpr std::array kReasons = {"secrets", "it's \\\"so\\\"", "a \\\\ b", "\\$x",
                                 "",        "\xC3\xA9;#"};

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : engine_(seed) {}

  std::string policy() {
    if (chance(2)) out_ += "# " + text(kReasons) + '\n';
    end_statement("policy \"" + text(kReasons) + "\"");
    const unsigned parameters = pick(4);
    for (unsigned i = 0; i < parameters; ++i) add_parameter();
    const unsigned lists = pick(3);
    for (unsigned i = 0; i < lists; ++i) add_list();
    const unsigned statements = 1 + pick(12);
    for (unsigned i = 0; i < statements; ++i) add_statement();
    return std::move(out_);
  }

 private:
  unsigned pick(std::size_t count) { return static_cast<unsigned>(engine_() % count); }
  bool chance(unsigned of) { return pick(of) == 0; }

  template <typename List>
  std::string text(const List& list) {
    return std::string(list[pick(list.size())]);
  }

  std::string space() { return chance(6) ? "  \t" : " "; }

  void end_statement(const std::string& statement) {
    out_ += statement;
    switch (pick(6)) {
      case 0:
        out_ += ";" + space();
        break;
      case 1:
        out_ += space() + "# " + text(kReasons) + "\n";
        break;
      case 2:
        out_ += "\r\n\n";
        break;
      default:
        out_ += '\n';
    }
  }

  void add_parameter() {
    constexpr std::array kTypes = {Parameter::Type::path, Parameter::Type::path,
                                   Parameter::Type::text, Parameter::Type::text,
                                   Parameter::Type::host, Parameter::Type::port};
    const std::string name = fmt::format("p{}", parameters_.size());
    const Parameter::Type type = kTypes[pick(kTypes.size())];
    std::string statement = "param" + space() + name;
    // Without a type it is what it is used as: a path, or a name.
    if (type == Parameter::Type::host || type == Parameter::Type::port || !chance(3)) {
      statement += (chance(3) ? " : " : ": ") + std::string(to_string(type));
    }
    if (chance(2)) statement += " = " + fallback(type);
    parameters_.push_back({name, type});
    end_statement(statement);
  }

  std::string fallback(Parameter::Type type) {
    constexpr std::array kPaths = {"/",  "/var/x", "~",        "~/y",       ".",
                                   "..", "../x",   "${cwd}/z", "\"a b/c\"", "/h/${user}/x"};
    switch (type) {
      case Parameter::Type::path:
        break;
      case Parameter::Type::text:
        return chance(2) ? "main" : "\"a b\\\"c\"";
      case Parameter::Type::host:
        return text(std::array{"registry.example.com", "10.0.0.1", "[::1]"});
      case Parameter::Type::port:
        return "8443";
    }
    const std::string earlier = parameter(Parameter::Type::path);
    return earlier.empty() || chance(2) ? text(kPaths) : earlier + "/x";
  }

  // One of the declared parameters of this type; empty where there is none.
  std::string parameter(Parameter::Type type) {
    std::vector<std::string> fitting;
    for (const Declared& declared : parameters_) {
      if (declared.type == type) fitting.push_back("${" + declared.name + "}");
    }
    return fitting.empty() ? "" : text(fitting);
  }

  void add_list() {
    const bool is_paths = chance(2);
    const std::string name = fmt::format("l{}", lists_.size());
    std::string statement =
        "let " + name + " = " + patterns(is_paths ? Operation::read : Operation::connect);
    lists_.push_back({name, is_paths});
    end_statement(statement);
  }

  std::string path() {
    constexpr std::array kStarts = {"",
                                    "",
                                    "~",
                                    ".",
                                    "..",
                                    "a",
                                    "${cwd}",
                                    "${home}",
                                    "${tmp}",
                                    "${env.CARGO_HOME}",
                                    "${cwd}/..",
                                    "~/..",
                                    "/home/${user}",
                                    "./b/${user}"};
    std::string out = text(kStarts);
    if (const std::string declared = parameter(Parameter::Type::path);
        !declared.empty() && chance(3)) {
      out = declared;
    }
    if (const std::string name = parameter(Parameter::Type::text); !name.empty() && chance(4)) {
      out += "/n/" + name;
    }
    bool is_wild = false;
    const unsigned segments = pick(4);
    for (unsigned i = 0; i < segments; ++i) {
      out += '/';
      switch (pick(8)) {
        case 0:
        case 1:
          is_wild = true;
          out += text(kWild);
          break;
        case 2:
          out += "{" + text(kNames) + "," + text(kNames) + ",{q,r}}";
          break;
        case 3:
          if (!is_wild) out += "./../";
          [[fallthrough]];
        default:
          out += text(kNames);
      }
    }
    if (out.empty()) return "/";
    if (!is_wild && chance(8)) out += '/';
    return chance(4) ? out + (chance(2) || out.ends_with('/') ? "" : "/**") : out;
  }

  std::string host() {
    const std::string declared = parameter(Parameter::Type::host);
    if (declared.empty() || chance(2)) return text(kHosts);
    return chance(3) ? "*." + declared : declared;
  }

  std::string port() {
    const std::string declared = parameter(Parameter::Type::port);
    return declared.empty() || chance(2) ? text(std::array{"443", "8000-8100"}) : declared;
  }

  std::string pattern(Operation operation) {
    if (chance(4)) {
      std::vector<std::string> fitting;
      const bool is_path = operation == Operation::read || operation == Operation::write;
      for (const List& list : lists_) {
        if (list.is_paths ? is_path : operation == Operation::connect) {
          fitting.push_back("$" + list.name);
        }
      }
      if (!fitting.empty()) return text(fitting);
    }
    switch (operation) {
      case Operation::unix:
        if (chance(2)) return text(kSockets);
        [[fallthrough]];
      case Operation::read:
      case Operation::write:
        if (chance(12)) return '"' + text(ir::kReservedWords) + '"';
        return chance(4) ? '"' + path() + (chance(2) ? "/ ,;x" : "") + '"' : path();
      case Operation::connect:
        return host() + (chance(2) ? ":" + port() : "");
      case Operation::bind:
        return chance(3) ? port() : text(kPorts);
      case Operation::env:
        return text(kVariables);
      case Operation::syscall:
        return text(kCalls);
      case Operation::mach:
        return text(kServices);
    }
    return {};
  }

  std::string patterns(Operation operation) {
    std::string out = pattern(operation);
    const unsigned more = chance(2) ? 0 : pick(4);
    for (unsigned i = 0; i < more; ++i) {
      out += chance(4) ? ", # more\n   " : chance(4) ? ",\n" : ", ";
      out += pattern(operation);
    }
    return out;
  }

  void add_statement() {
    switch (pick(12)) {
      case 0:
        if (const std::string statement = default_statement(); !statement.empty()) {
          end_statement(statement);
        }
        break;
      case 1:
        end_statement("use " + text(language::module_names()));
        break;
      case 2:
      case 3:
        add_block();
        break;
      case 4:
        end_statement("expect " + effect() + ' ' + subject());
        break;
      default:
        if (const std::string statement = block_statement(Targets::all()); !statement.empty()) {
          end_statement(statement);
        }
    }
  }

  void add_block() {
    const Target target = text_target();
    std::string block = fmt::format("on {}{}{{{}", to_string(target), space(), space());
    const unsigned statements = pick(4);
    bool is_first = true;
    for (unsigned i = 0; i < statements; ++i) {
      const std::string statement = block_statement(Targets::only(target));
      if (statement.empty()) continue;
      if (!is_first) block += chance(2) ? "; " : "\n  ";
      block += statement;
      is_first = false;
    }
    if (chance(3)) block += " # done\n";
    end_statement(block + " }");
  }

  Target text_target() { return chance(2) ? Target::linux : Target::macos; }

  // What may stand in a block; empty where all of its kind is said already.
  std::string block_statement(Targets targets) {
    switch (pick(8)) {
      case 0:
        return once("set env ", std::vector<std::string>{"CI", "_x", "A1", "B", "C"}, targets,
                    " = \"" + text(kValues) + "\"");
      case 1:
        return limit(targets);
      case 2:
        return option(targets);
      case 3:
        return "expect " + effect() + ' ' + subject();
      default:
        return rule(targets);
    }
  }

  std::string default_statement() {
    constexpr std::array kSettable = {"read", "write", "connect", "env", "bind"};
    return once("default ", kSettable, Targets::all(), ' ' + effect());
  }

  // `begin`, one of `names` that no statement of these targets has named behind it yet, and `end`.
  template <typename List>
  std::string once(const std::string& begin, const List& names, Targets targets,
                   const std::string& end) {
    std::string out = begin + text(names);
    const std::string key = fmt::format("{} {}{}", out, targets.linux, targets.macos);
    return said_.insert(key).second ? out + end : "";
  }

  std::string limit(Targets targets) {
    const LimitInfo& info = kLimits[pick(kLimits.size())];
    constexpr std::array kBytes = {"2GiB", "1B", "512MiB", "7KiB", "1TiB"};
    constexpr std::array kSeconds = {"60s", "2min", "1h"};
    const std::string value = info.unit == Unit::bytes     ? text(kBytes)
                              : info.unit == Unit::seconds ? text(kSeconds)
                                                           : "1024";
    return once("limit ", std::array{info.name}, targets, ' ' + value);
  }

  std::string option(Targets targets) {
    const ir::OptionInfo& info = ir::kOptions[pick(ir::kOptions.size())];
    std::string value;
    switch (info.value) {
      case ir::OptionValue::none:
        break;
      case ir::OptionValue::word:
        value = " = " + std::string(info.word);
        break;
      case ir::OptionValue::url:
        value = " = \"http://proxy.example:3128\"";
        break;
      case ir::OptionValue::text:
        value = " = \".example.com, \\\"b\\\"\"";
        break;
      case ir::OptionValue::port:
        value = " = 3128";
        break;
    }
    return once("option ", std::array{info.name}, targets, value);
  }

  std::string effect() { return chance(2) ? "allow" : "deny"; }

  std::string subject() {
    constexpr std::array kSubjects = {
        "read ~/.ssh/id", "write \"./a b\"",  "connect a.example.com:443",
        "bind 8080",      "unix /run/x.sock", "unix @name",
        "env HOME",       "syscall ptrace",   "mach com.apple.trustd",
        "read \"write\"", "read ${cwd}/x\\*"};
    return text(kSubjects);
  }

  std::string rule(Targets targets) {
    const Operation operation = kOperations[pick(kOperations.size())].operation;
    const bool allows = chance(2);
    const bool is_file = operation == Operation::read || operation == Operation::write;
    std::string out = fmt::format("{}{}{} {}", allows ? "allow" : "deny", space(),
                                  to_string(operation), patterns(operation));
    if (!allows && is_file) {
      if (chance(3)) out += " except " + patterns(operation);
      if (chance(3)) out += " within " + patterns(operation);
      if (chance(4)) out += " existing";
    }
    if (allows && operation == Operation::bind && chance(2)) out += " publish";
    if (allows && operation == Operation::connect && chance(3)) out += " tls-name any";
    if (chance(3)) out += " because \"" + text(kReasons) + '"';
    if (!chance(6)) return out;
    out += " accept looser";
    if (chance(2)) {
      const Target on = targets == Targets::all() ? text_target()
                        : targets.linux           ? Target::linux
                                                  : Target::macos;
      out += fmt::format(" on {}", to_string(on));
    }
    return out + " because \"" + text(kReasons) + '"';
  }

  static constexpr std::array kValues = {"", "1", "a b", "\\\"q\\\"", "\\$x", "\xC3\xA9 \\\\"};

  struct Declared {
    std::string name;
    Parameter::Type type;
  };
  struct List {
    std::string name;
    bool is_paths;
  };

  std::mt19937 engine_;
  std::string out_;
  std::vector<Declared> parameters_;
  std::vector<List> lists_;
  std::set<std::string> said_;
};

}  // namespace

std::string random_policy(std::uint32_t seed) { return Generator(seed).policy(); }

}  // namespace srt::test
