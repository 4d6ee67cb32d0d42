#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace srt {

/// Names a parameter of a policy: its index in the policy's list.
using ParameterId = std::uint32_t;

/// A text with holes that is known at launch: literal text, values of parameters, and steps to the
/// parent directory. `${cwd}/../lib` is {parameter cwd, parent, "/lib"}; `/home/${user}` is
/// {"/home/", parameter user}.
struct Template {
  struct Piece {
    enum class Kind : std::uint8_t { literal, parameter, parent };

    Kind kind;
    std::string text = {};      ///< of a literal
    ParameterId parameter = 0;  ///< of a parameter

    friend bool operator==(const Piece&, const Piece&) = default;
  };
  std::vector<Piece> pieces;

  friend bool operator==(const Template&, const Template&) = default;
};

/// Something whose value is known at launch only.
struct Parameter {
  enum class Source : std::uint8_t {
    working_directory,  ///< `${cwd}`: where the run starts
    home,               ///< `${home}`: `HOME`, else the passwd entry
    tmp,                ///< `${tmp}`: what the command gets as `TMPDIR`
    user,               ///< `${user}`: the passwd name of the caller's uid
    environment,        ///< `${env.NAME}`: the caller's variable `NAME`
    declared,           ///< `param name`: given with `--param`, else its default
    programs,           ///< `${srt.programs}`: the directory of srt's own programs
    cache,              ///< `${srt.cache}`: where compiled policies are kept
    bundle,             ///< `${srt.bundle}`: the bundle that is run; nowhere for a mere policy
  };
  enum class Type : std::uint8_t {
    path,  ///< made absolute and real, without a trailing `/`; the root directory is ""
    text,  ///< one path component: not empty, no `/`, not `.` or `..`
    host,  ///< a name or an address, in canonical form; IPv6 in brackets
    port,  ///< a number from 1 to 65535
  };

  std::string name;  ///< `cwd`, `env.NAME`, or the declared name
  Source source;
  Type type;
  std::optional<Template> fallback;  ///< of a declared one, where it has a default
};

/// The word for a type in a `param` statement.
std::string_view to_string(Parameter::Type type);

/// The values of all parameters of a policy, in its order. A parameter that nothing refers to may
/// stay without one.
using ParameterValues = std::vector<std::string>;

/// What a template gives with these values. Paths come out without a trailing `/`, the root
/// directory as "".
std::string expand(const Template& text, const ParameterValues& values);

/// The value of a path that nothing has: as an anchor it stands in no path.
inline constexpr std::string_view kNowhere = "//";

/// A place for the command's temporary files, if it is a directory that the rules let the command
/// write: the value of a variable of the caller's, or a path. One of the two is empty.
struct TmpCandidate {
  std::string variable = {};
  std::string path = {};

  friend bool operator==(const TmpCandidate&, const TmpCandidate&) = default;
};

/// Where values come from.
struct ParameterInput {
  std::string working_directory;                                         ///< absolute
  std::function<std::optional<std::string>(std::string_view)> variable;  ///< a caller's variable
  std::optional<std::string> passwd_home;
  std::optional<std::string> passwd_name;
  std::string tmp{kNowhere};  ///< canonical, or kNowhere; the next three likewise
  std::string programs{kNowhere};
  std::string cache{kNowhere};
  std::string bundle{kNowhere};
  std::vector<std::pair<std::string, std::string>> overrides;   ///< `--param k=v`, in order
  std::function<Result<std::string>(const std::string&)> real;  ///< absolute path → canonical one
};

/// Finds every parameter's value. Errors name the parameter and say how to give it: one that is
/// unset without a default, an empty, relative or NUL-holding path, a text with a `/`, what is no
/// host or port, an override of a name that the policy does not have or of one of srt's own.
Result<ParameterValues> resolve_parameters(const std::vector<Parameter>& parameters,
                                           const ParameterInput& input);

}  // namespace srt
