#include "runtime/bundle/parameters.h"

#include <algorithm>
#include <charconv>

#include "proxy/hosts/host.h"

namespace srt {
namespace {

using Source = Parameter::Source;
using Type = Parameter::Type;

// Where a parameter's value comes from, as the help of an error names it.
std::string how_to_set(const Parameter& parameter) {
  const std::string by_option = "give it with `--param " + parameter.name + "=…`";
  switch (parameter.source) {
    case Source::environment:
      return "set the variable `" + parameter.name.substr(parameter.name.find('.') + 1) + "`, or " +
             by_option;
    case Source::home:
      return "set `HOME`, or " + by_option;
    default:
      return by_option;
  }
}

// A host as patterns spell it, in its canonical form.
Result<std::string> host_value(const std::string& value) {
  const Result<net::Host> host = net::canonical_host(value);
  if (!host) return host.error();
  const bool is_v6 = std::holds_alternative<net::IpAddress>(*host) && value.find(':') != value.npos;
  std::string text = net::to_string(*host);
  return is_v6 && text.find(':') != text.npos ? '[' + text + ']' : text;
}

bool is_port(std::string_view value) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), port);
  return error == std::errc() && end == value.data() + value.size() && port != 0;
}

// A path without empty and `.` components and without a `/` at its end, as a pattern spells it.
std::string folded(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    if (!name.empty() && name != ".") out.append("/").append(name);
  }
  return out.empty() ? "/" : out;
}

bool is_own(Source source) {
  return source == Source::programs || source == Source::cache || source == Source::bundle;
}

bool has_parent_step(std::string_view path) {
  return path.find("/../") != path.npos || path.ends_with("/..");
}

class Resolver {
 public:
  Resolver(const std::vector<Parameter>& parameters, const ParameterInput& input)
      : parameters_(parameters), input_(input), values_(parameters.size()) {}

  Result<ParameterValues> run() {
    for (const auto& [name, value] : input_.overrides) {
      const auto named = std::find_if(parameters_.begin(), parameters_.end(),
                                      [&](const Parameter& p) { return p.name == name; });
      const bool known = named != parameters_.end();
      // What protects srt's own files would protect others.
      if (known && is_own(named->source)) {
        return Error{"the parameter `" + name + "` is srt's own", "leave it out"};
      }
      // The parameters that every policy could use may be given to all of them alike.
      const bool common = name == "cwd" || name == "home" || name == "tmp" || name == "user";
      if (!known && !common)
        return Error{"the policy has no parameter `" + name + "`", known_names()};
    }
    // A default may only refer to parameters declared before it, so one pass in order is enough.
    for (ParameterId id = 0; id < parameters_.size(); ++id) {
      Result<std::string> value = value_of(parameters_[id]);
      if (!value) return value.error();
      values_[id] = std::move(*value);
    }
    return values_;
  }

 private:
  std::string known_names() const {
    std::string names;
    for (const Parameter& p : parameters_) {
      if (is_own(p.source)) continue;
      names += (names.empty() ? "it has `" : "`, `") + p.name;
    }
    return names.empty() ? "it has none" : names + "`";
  }

  // Whether the value is a caller's, who has no place that is nowhere.
  bool is_given(const Parameter& parameter) const {
    const bool overridden = std::any_of(input_.overrides.begin(), input_.overrides.end(),
                                        [&](const auto& o) { return o.first == parameter.name; });
    return overridden || parameter.source == Source::environment ||
           parameter.source == Source::home;
  }

  // The text as given, before it is checked; nothing when there is none.
  std::optional<std::string> raw(const Parameter& parameter) const {
    std::optional<std::string> value;
    for (const auto& [name, given] : input_.overrides) {
      if (name == parameter.name) value = given;
    }
    if (value) return value;
    switch (parameter.source) {
      case Source::working_directory:
        return input_.working_directory;
      case Source::home:
        value = input_.variable("HOME");
        return value && !value->empty() ? value : input_.passwd_home;
      case Source::tmp:
        return input_.tmp;
      case Source::user:
        return input_.passwd_name;
      case Source::environment:
        return input_.variable(parameter.name.substr(parameter.name.find('.') + 1));
      case Source::programs:
        return input_.programs;
      case Source::cache:
        return input_.cache;
      case Source::bundle:
        return input_.bundle;
      case Source::declared:
        if (!parameter.fallback) return std::nullopt;
        value = expand(*parameter.fallback, values_);
        // The root directory is "" as an anchor but "/" as a value.
        return value->empty() && parameter.type == Type::path ? "/" : value;
    }
    return std::nullopt;
  }

  Result<std::string> value_of(const Parameter& parameter) const {
    const std::optional<std::string> value = raw(parameter);
    const auto bad = [&](const std::string& what) {
      return Error{"parameter `" + parameter.name + "` " + what, how_to_set(parameter)};
    };
    if (!value) return bad("is not set");
    if (value->empty()) return bad("is empty");
    if (value->find('\0') != std::string::npos) return bad("holds a NUL byte");
    if (parameter.type == Type::text) {
      if (value->find('/') != std::string::npos || *value == "." || *value == "..") {
        return bad("is `" + *value + "`, which is not the name of one file");
      }
      return *value;
    }
    if (parameter.type == Type::host) {
      const Result<std::string> host = host_value(*value);
      return host ? host : bad("is no host: " + host.error().message);
    }
    if (parameter.type == Type::port) {
      return is_port(*value) ? Result<std::string>(*value)
                             : bad("is `" + *value + "`, which is no port from 1 to 65535");
    }
    if (*value == kNowhere && !is_given(parameter)) return *value;
    if (value->front() != '/') return bad("is the relative path `" + *value + "`");
    Result<std::string> real = input_.real(folded(*value));
    if (!real) return bad("is `" + *value + "`: " + real.error().message);
    // What is not there cannot be stepped out of, and as text the rules would match nothing.
    if (has_parent_step(*real))
      return bad("is `" + *value + "`, in which a directory before `..` is missing");
    return *real == "/" ? std::string() : *real;
  }

  const std::vector<Parameter>& parameters_;
  const ParameterInput& input_;
  ParameterValues values_;
};

}  // namespace

std::string_view to_string(Parameter::Type type) {
  switch (type) {
    case Type::path:
      return "path";
    case Type::text:
      return "text";
    case Type::host:
      return "host";
    case Type::port:
      break;
  }
  return "port";
}

std::string expand(const Template& text, const ParameterValues& values) {
  std::string out;
  for (const Template::Piece& piece : text.pieces) {
    switch (piece.kind) {
      case Template::Piece::Kind::literal:
        out += piece.text;
        break;
      case Template::Piece::Kind::parameter:
        out += values[piece.parameter];
        break;
      case Template::Piece::Kind::parent:
        out.erase(std::min(out.rfind('/'), out.size()));
        break;
    }
  }
  if (out == "/") out.clear();
  return out;
}

Result<ParameterValues> resolve_parameters(const std::vector<Parameter>& parameters,
                                           const ParameterInput& input) {
  return Resolver(parameters, input).run();
}

}  // namespace srt
