#include "compiler/lint/sample.h"

namespace srt::lint {
namespace {

std::string value_of(const Parameter& parameter, const ParameterValues& before, Target target) {
  using Source = Parameter::Source;
  switch (parameter.source) {
    case Source::working_directory:
      return sample_directory(target);
    case Source::home:
      return sample_home(target);
    case Source::user:
      return std::string(kSampleUser);
    case Source::tmp:
      return "/tmp/srt-sample-tmp";
    case Source::environment:
    case Source::declared:
      if (parameter.fallback) return expand(*parameter.fallback, before);
      if (parameter.type == Parameter::Type::host)
        return "srt-sample-" + parameter.name + ".invalid";
      if (parameter.type == Parameter::Type::port) return "1";
      if (parameter.type == Parameter::Type::text) return "srt-sample-name";
      return "/srt-sample-" + parameter.name;
    case Source::programs:
    case Source::cache:
    case Source::bundle:
      break;
  }
  return std::string(kNowhere);
}

}  // namespace

std::string sample_home(Target target) {
  return (target == Target::linux ? "/home/" : "/Users/") + std::string(kSampleUser);
}

std::string sample_directory(Target target) {
  return sample_home(target) + "/work/srt-sample-project";
}

ParameterValues sample_values(const ir::Policy& policy, Target target,
                              const std::optional<std::pair<ParameterId, std::string>>& fixed) {
  ParameterValues values(policy.parameters.size());
  // A default names parameters that are declared above it, but built-in ones may be listed below.
  for (const bool with_fallback : {false, true}) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (policy.parameters[i].fallback.has_value() != with_fallback) continue;
      const bool is_fixed = fixed && fixed->first == i;
      values[i] = is_fixed ? fixed->second : value_of(policy.parameters[i], values, target);
    }
  }
  return values;
}

std::string sample_anchor(const ir::Policy& policy, const ParameterValues& values,
                          glob::AnchorId anchor) {
  return expand(policy.anchors[anchor], values);
}

}  // namespace srt::lint
