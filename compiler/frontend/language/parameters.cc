#include "compiler/frontend/language/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "compiler/frontend/language/parse.h"
#include "compiler/frontend/variable_name.h"
#include "compiler/source/edit_distance.h"
#include "proxy/hosts/host_pattern.h"

namespace srt::language {
namespace {

struct Builtin {
  std::string_view name;
  Parameter::Source source;
  Parameter::Type type;
};
constexpr std::array<Builtin, 7> kBuiltins = {{
    {"cwd", Parameter::Source::working_directory, Parameter::Type::path},
    {"home", Parameter::Source::home, Parameter::Type::path},
    {"tmp", Parameter::Source::tmp, Parameter::Type::path},
    {"user", Parameter::Source::user, Parameter::Type::text},
    {"srt.programs", Parameter::Source::programs, Parameter::Type::path},
    {"srt.cache", Parameter::Source::cache, Parameter::Type::path},
    {"srt.bundle", Parameter::Source::bundle, Parameter::Type::path},
}};
constexpr std::string_view kEnvironment = "env.";

constexpr std::array kTypes = {Parameter::Type::path, Parameter::Type::text, Parameter::Type::host,
                               Parameter::Type::port};

bool is_net(Parameter::Type type) {
  return type == Parameter::Type::host || type == Parameter::Type::port;
}

// Whether a parameter stands where its type can: text glued to it would make another host, or
// another port, of its value.
bool stands_well(Parameter::Type type, bool in_host_pattern, std::string_view before,
                 std::string_view after) {
  if (type == Parameter::Type::host) {
    return in_host_pattern && (before.empty() || before.ends_with('.')) &&
           (after.empty() || after[0] == ':');
  }
  const bool behind_host =
      before.find(':', before.find(']') == before.npos ? 0 : before.find(']')) != before.npos;
  const bool is_apart = in_host_pattern
                            ? behind_host && (before.ends_with(':') || before.ends_with('-'))
                            : before.empty() || before.ends_with('-');
  return is_apart && (after.empty() || after[0] == '-');
}

const Builtin* builtin(std::string_view name) {
  const auto* found = std::find_if(kBuiltins.begin(), kBuiltins.end(),
                                   [&](const Builtin& b) { return b.name == name; });
  return found == kBuiltins.end() ? nullptr : found;
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Lower case: the names that a Seatbelt profile gets its built-in values by are in upper case.
bool can_be_declared(std::string_view name) {
  return !name.empty() && is_lower(name[0]) && std::all_of(name.begin(), name.end(), [](char c) {
    return is_lower(c) || is_digit(c) || c == '_' || c == '-';
  });
}

std::string spelled(std::string_view name) { return fmt::format("${{{}}}", name); }

}  // namespace

ParameterScope::Declared* ParameterScope::find(std::string_view name) {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &declared_[found->second];
}

void ParameterScope::declare(const ast::ParameterDeclaration& declaration) {
  const ast::Word& name = declaration.name;
  if (builtin(name.text) != nullptr || name.text.starts_with(kEnvironment)) {
    diagnostics_.report(Diag::builtin_param, name.span, name.text).help =
        "choose another name; built-in parameters need no declaration";
  } else if (!can_be_declared(name.text)) {
    diagnostics_.report(Diag::bad_param_name, name.span, name.text).help =
        name.text.find('=') != std::string::npos
            ? "write `param name = default`, with spaces around `=`"
            : "names are lower-case letters, digits, `_` and `-`, a letter first";
  } else if (find(name.text) != nullptr) {
    diagnostics_.report(Diag::duplicate_param, name.span, name.text).help =
        "remove one of the declarations";
  } else {
    Declared declared;
    declared.declaration = declaration;
    // One of a type that is refused still has its name.
    if (!read_type(declaration, declared)) declared.used = true;
    index_.emplace(name.text, declared_.size());
    declared_.push_back(std::move(declared));
  }
}

bool ParameterScope::read_type(const ast::ParameterDeclaration& declaration, Declared& declared) {
  if (!declaration.type) return true;
  const ast::Word& type = *declaration.type;
  std::vector<std::string_view> names;
  for (const Parameter::Type known : kTypes) {
    if (type.text == to_string(known)) {
      declared.written_type = known;
      return true;
    }
    names.push_back(to_string(known));
  }
  const auto near = closest(type.text, names);
  diagnostics_.report(Diag::unknown_param_type, type.span, type.text).help =
      near ? fmt::format("did you mean `{}`?", *near)
           : fmt::format("it is one of `{}`", fmt::join(names, "`, `"));
  return false;
}

void ParameterScope::note_text(std::string_view text) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos;
       at = text.find("${", at + 2)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) return;
    if (Declared* declared = find(text.substr(at + 2, end - at - 2))) declared->used = true;
  }
}

void ParameterScope::report_unused() {
  for (const Declared& declared : declared_) {
    if (declared.used) continue;
    const ast::Word& name = declared.declaration.name;
    diagnostics_.report(Diag::unused_param, name.span, name.text).help =
        fmt::format("remove it, or write `{}` in a pattern", spelled(name.text));
  }
}

void ParameterScope::note(const PathSpelling& spelling) {
  const auto mark = [&](const ParameterUse& use, bool Declared::*how) {
    if (Declared* declared = find(use.name)) declared->*how = true;
  };
  if (spelling.start) mark(*spelling.start, &Declared::used_as_path);
  for (const auto& segment : spelling.named) mark(segment.name, &Declared::used_as_name);
}

void ParameterScope::define() {
  // A default names parameters above its own only, so from the last to the first every use of a
  // parameter is known before its own default is read.
  for (auto declared = declared_.rbegin(); declared != declared_.rend(); ++declared) {
    read_fallback(*declared);
  }
  for (Declared& declared : declared_) {
    std::optional<Template> fallback = fallback_of(declared);
    const ast::Word& name = declared.declaration.name;
    const Parameter parameter = {name.text, Parameter::Source::declared, declared.type(),
                                 std::move(fallback)};
    // Of two files that declare one name, the one that uses the other says what it is.
    const Parameter& known = policy_.parameters[policy_.intern(parameter)];
    const bool same_default = !parameter.fallback || parameter.fallback == known.fallback;
    if (known.type != parameter.type || !same_default) {
      diagnostics_.report(Diag::param_conflict, name.span, name.text).help =
          "give both the same type, and the used file's no default or the same";
    }
    declared.defined = true;
  }
}

void ParameterScope::read_fallback(Declared& declared) {
  const std::optional<ast::Word>& text = declared.declaration.fallback;
  if (!text || declared.type() != Parameter::Type::path) return;
  std::vector<PathSpelling> spellings = parse_path_pattern(text->text, text->span, diagnostics_);
  if (spellings.empty()) return;
  if (spellings.size() != 1 || !spellings[0].is_plain()) {
    diagnostics_.report(Diag::param_default_not_path, text->span, declared.declaration.name.text)
        .help = "write one path without wildcards, as in `${cwd}/src`";
    return;
  }
  note(spellings[0]);
  declared.fallback = std::move(spellings[0]);
}

std::optional<Template> ParameterScope::fallback_of(const Declared& declared) {
  const std::optional<ast::Word>& text = declared.declaration.fallback;
  if (!text) return std::nullopt;
  if (declared.type() == Parameter::Type::path) {
    if (!declared.fallback) return std::nullopt;
    std::optional<Template> path = directory_of(*declared.fallback);
    if (path && !declared.fallback->atoms.empty()) {
      path->pieces.push_back({Template::Piece::Kind::literal, declared.fallback->atoms[0].bytes});
    }
    return path;
  }
  if (is_net(declared.type())) return net_fallback_of(declared);
  const std::string name = unescape(text->text);
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
      name.find("${") != std::string::npos) {
    diagnostics_.report(Diag::param_default_not_name, text->span, declared.declaration.name.text)
        .help = fmt::format("`{}` fills one segment of a path: write a name without `/`",
                            spelled(declared.declaration.name.text));
    return std::nullopt;
  }
  return Template{{{Template::Piece::Kind::literal, name}}};
}

std::optional<Template> ParameterScope::net_fallback_of(const Declared& declared) {
  const ast::Word& text = *declared.declaration.fallback;
  const auto fail = [&](const Error& error) {
    diagnostics_
        .report(Diag::param_default_not_net, text.span, declared.declaration.name.text,
                to_string(declared.type()), error.message)
        .help = error.help;
    return std::nullopt;
  };
  if (declared.type() == Parameter::Type::host) {
    const Result<net::Host> host = net::canonical_host(text.text);
    if (!host) return fail(host.error());
  } else {
    const Result<net::PortRange> port = net::parse_port_range(text.text);
    if (!port) return fail(port.error());
    if (port->first != port->last) {
      return fail(Error{"it is more than one port", "write `first-last` in the rule"});
    }
  }
  return Template{{{Template::Piece::Kind::literal, text.text}}};
}

std::optional<ParameterId> ParameterScope::look_up_net(const ParameterUse& use) {
  Declared* declared = find(use.name);
  if (declared != nullptr && is_net(declared->type())) {
    declared->used = true;
    return policy_.intern({use.name, Parameter::Source::declared, declared->type(), {}});
  }
  if (declared == nullptr && builtin(use.name) == nullptr && !use.name.starts_with(kEnvironment)) {
    report_unknown(use);
  } else {
    diagnostics_.report(Diag::misplaced_parameter, use.span, spelled(use.name)).help =
        "hosts and ports are given by parameters of these types: `param registry: host`, "
        "`param port: port`";
  }
  return std::nullopt;
}

std::optional<Template> ParameterScope::resolve(const ast::Word& pattern, ir::Operation operation) {
  const bool is_host = operation == ir::Operation::connect;
  const auto refuse = [&] {
    diagnostics_
        .report(Diag::bad_net_template, pattern.span, pattern.text,
                is_host ? "host pattern" : "port")
        .help = is_host ? "write `${registry}:443`, `*.${domain}` or `example.com:${port}`"
                        : "write `${port}` or `${first}-${last}`";
    return std::nullopt;
  };
  Template out;
  const auto add_literal = [&](std::string_view literal) {
    if (literal.empty()) return;
    out.pieces.push_back({Template::Piece::Kind::literal, std::string(literal)});
  };
  const std::string_view text = pattern.text;
  std::string lowest;  // the pattern with values of each kind, and with the highest port
  std::string highest;
  std::size_t begin = 0;
  for (std::size_t at = text.find("${"); at != std::string_view::npos;
       at = text.find("${", begin)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) return refuse();
    Span span = pattern.span;
    span.begin += static_cast<std::uint32_t>(at);
    span.end = pattern.span.begin + static_cast<std::uint32_t>(end) + 1;
    const auto id = look_up_net({std::string(text.substr(at + 2, end - at - 2)), span});
    if (!id) return std::nullopt;
    const Parameter::Type type = policy_.parameters[*id].type;
    if (!stands_well(type, is_host, text.substr(0, at), text.substr(end + 1))) return refuse();
    const std::string_view literal = text.substr(begin, at - begin);
    add_literal(literal);
    out.pieces.push_back({Template::Piece::Kind::parameter, {}, *id});
    const bool is_port = type == Parameter::Type::port;
    lowest += std::string(literal) + (is_port ? "1" : "sample.invalid");
    highest += std::string(literal) + (is_port ? "65535" : "sample.invalid");
    begin = end + 1;
  }
  const std::string_view rest = text.substr(begin);
  add_literal(rest);
  const auto reads = [&](std::string sample) {
    sample += rest;
    return is_host ? bool(net::parse_host_pattern(sample)) : bool(net::parse_port_range(sample));
  };
  if (!reads(lowest) && !reads(highest)) return refuse();
  return out;
}

std::optional<glob::PathPattern> ParameterScope::resolve(const PathSpelling& spelling,
                                                         Effect effect) {
  std::optional<Template> directory = directory_of(spelling);
  if (!directory) return std::nullopt;
  glob::PathPattern pattern = {{}, spelling.atoms, spelling.beneath || effect == Effect::deny};
  if (!directory->pieces.empty()) pattern.anchor = policy_.intern(*directory);
  return pattern;
}

// What stands before a spelling's atoms; no pieces for the root directory.
std::optional<Template> ParameterScope::directory_of(const PathSpelling& spelling) {
  Template directory;
  if (spelling.start) {
    const auto id = look_up(*spelling.start, Parameter::Type::path);
    if (!id) return std::nullopt;
    directory.pieces.push_back({Template::Piece::Kind::parameter, {}, *id});
  }
  directory.pieces.insert(directory.pieces.end(), spelling.parents,
                          {Template::Piece::Kind::parent, {}, 0});
  for (const PathSpelling::NamedSegment& segment : spelling.named) {
    const auto id = look_up(segment.name, Parameter::Type::text);
    if (!id) return std::nullopt;
    directory.pieces.push_back({Template::Piece::Kind::literal, segment.before});
    directory.pieces.push_back({Template::Piece::Kind::parameter, {}, *id});
  }
  return directory;
}

std::optional<ParameterId> ParameterScope::look_up(const ParameterUse& use,
                                                   Parameter::Type wanted) {
  Parameter parameter = {use.name, Parameter::Source::declared, wanted, {}};
  if (const Builtin* known = builtin(use.name)) {
    parameter.source = known->source;
    parameter.type = known->type;
  } else if (use.name.starts_with(kEnvironment) &&
             is_variable_name(std::string_view(use.name).substr(kEnvironment.size()))) {
    parameter.source = Parameter::Source::environment;
  } else if (Declared* declared = find(use.name); declared == nullptr) {
    report_unknown(use);
    return std::nullopt;
  } else if (declared->used = true; !declared->defined) {
    diagnostics_.report(Diag::param_order, use.span, spelled(use.name)).help =
        "a default names parameters that are declared above it";
    return std::nullopt;
  }
  const ParameterId id = policy_.intern(parameter);
  const Parameter::Type type = policy_.parameters[id].type;
  if (type == wanted) return id;
  if (is_net(type)) {
    diagnostics_.report(Diag::misplaced_parameter, use.span, spelled(use.name)).help =
        fmt::format("it stands for a {}, in `connect` and `bind` rules only", to_string(type));
    return std::nullopt;
  }
  if (type == Parameter::Type::path) {
    diagnostics_.report(Diag::parameter_is_path, use.span, spelled(use.name)).help =
        fmt::format("start the pattern with it: `{}/…`", spelled(use.name));
  } else {
    diagnostics_.report(Diag::parameter_is_name, use.span, spelled(use.name)).help =
        fmt::format("write the directory before it: `/home/{}`", spelled(use.name));
  }
  return std::nullopt;
}

void ParameterScope::report_unknown(const ParameterUse& use) {
  Diagnostic& diagnostic =
      diagnostics_.report(Diag::unknown_parameter, use.span, spelled(use.name));
  std::vector<std::string_view> names;
  for (const Builtin& known : kBuiltins) names.push_back(known.name);
  for (const Declared& declared : declared_) names.push_back(declared.declaration.name.text);
  if (const auto near = closest(use.name, names)) {
    diagnostic.help = fmt::format("did you mean `{}`?", spelled(*near));
  } else {
    diagnostic.help = fmt::format(
        "declare it: `param {}`; a variable of the environment is `${{env.NAME}}`", use.name);
  }
}

}  // namespace srt::language
