#include "runtime/caller/places.h"

#include <sys/stat.h>

#include <algorithm>

#include "runtime/plan/real_path.h"

namespace srt {
namespace {

bool is_directory(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

class Finder {
 public:
  Finder(const Bundle& bundle, const Caller& caller, const std::string& bundle_file,
         const std::vector<std::pair<std::string, std::string>>& overrides, const PlaceRules& rules)
      : bundle_(bundle), caller_(caller), rules_(rules) {
    input_.working_directory = caller.working_directory;
    input_.variable = [this](std::string_view name) { return caller_.variable(name); };
    input_.passwd_home = caller.passwd_home;
    input_.passwd_name = caller.passwd_name;
    if (!caller.program_directory.empty()) input_.programs = caller.program_directory;
    if (const auto cache = cache_directory(caller)) input_.cache = real_as_far_as_it_exists(*cache);
    if (!bundle_file.empty()) {
      const bool absolute = bundle_file[0] == '/';
      input_.bundle = real_as_far_as_it_exists(
          absolute ? bundle_file : caller.working_directory + '/' + bundle_file);
    }
    input_.overrides = overrides;
    input_.real = [this](const std::string& path) {
      spelled_.push_back(path);
      return real_as_far_as_it_exists(path);
    };
  }

  Result<Places> run() {
    // Which directory `${tmp}` is depends on where the rules let the command write, and rules may
    // speak of `${tmp}`: it is looked for while it is nowhere.
    Result<Places> places = resolve();
    if (!places) return places;
    const std::optional<std::string> shared = shared_tmp(*places);
    if (shared) {
      input_.tmp = *shared;
    } else {
      Result<std::string> made = rules_.private_tmp();
      if (!made) return made.error();
      input_.tmp = *std::move(made);
    }
    places = resolve();
    if (!places) return places;
    places->tmp = input_.tmp;
    places->tmp_is_private = !shared;
    if (const auto error = check_links(*places)) return *error;
    return places;
  }

 private:
  Result<Places> resolve() {
    Places places;
    spelled_.clear();
    Result<ParameterValues> values = resolve_parameters(bundle_.parameters, input_);
    if (!values) return values.error();
    places.values = std::move(*values);
    for (const Template& anchor : bundle_.anchors) {
      places.anchors.push_back(anchor_of(expand(anchor, places.values)));
    }
    return places;
  }

  // Literal text and steps to a parent can lead through links too. What lies in the sandbox's own
  // directories is not the host's and is taken as it is spelled.
  std::string anchor_of(const std::string& path) const {
    const bool is_own = path == kNowhere || (path == input_.tmp && path == kPrivateTmp);
    return is_own ? path : real_as_far_as_it_exists(path);
  }

  std::optional<std::string> shared_tmp(const Places& places) const {
    std::vector<std::string> candidates;
    for (const TmpCandidate& candidate : bundle_.tmp_candidates) {
      candidates.push_back(candidate.variable.empty()
                               ? candidate.path
                               : caller_.variable(candidate.variable).value_or(""));
    }
    candidates.push_back(caller_.variable("TMPDIR").value_or(""));
    candidates.emplace_back("/tmp");
    for (const std::string& candidate : candidates) {
      if (candidate.empty() || candidate[0] != '/' || !is_directory(candidate)) continue;
      const std::string path = real_as_far_as_it_exists(candidate);
      if (rules_.lets_write(places.anchors, path)) return path;
    }
    return std::nullopt;
  }

  // A link that stands where the command can write may have been made by an earlier run, to have
  // the grants of this one lead elsewhere.
  std::optional<Error> check_links(const Places& places) const {
    for (const std::string& path : spelled_) {
      const auto real = real_path(path, [&](const std::string& directory) {
        return !rules_.may_change(places.anchors, directory);
      });
      if (real && !real->links_hold) {
        return Error{"`" + path + "` leads through a symbolic link that the command can change",
                     "give the path it leads to"};
      }
    }
    return std::nullopt;
  }

  const Bundle& bundle_;
  const Caller& caller_;
  const PlaceRules& rules_;
  ParameterInput input_;
  std::vector<std::string> spelled_;  // path values before their links were followed
};

}  // namespace

PlaceRules linux_place_rules(const Bundle& bundle) {
  const auto lets_write = [&bundle](const std::vector<std::string>& anchors,
                                    const std::string& path) {
    const PathTable& table = bundle.paths;
    return table.verdict(table.find(path, anchors)).access == Access::write;
  };
  return {lets_write, lets_write, [] { return Result<std::string>(std::string(kPrivateTmp)); }};
}

Result<Places> find_places(const Bundle& bundle, const Caller& caller,
                           const std::string& bundle_file,
                           const std::vector<std::pair<std::string, std::string>>& overrides,
                           const PlaceRules& rules) {
  return Finder(bundle, caller, bundle_file, overrides, rules).run();
}

Result<Places> find_places(const Bundle& bundle, const Caller& caller,
                           const std::string& bundle_file,
                           const std::vector<std::pair<std::string, std::string>>& overrides) {
  return find_places(bundle, caller, bundle_file, overrides, linux_place_rules(bundle));
}

}  // namespace srt
