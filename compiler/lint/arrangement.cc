#include "compiler/lint/arrangement.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/lint/sample.h"
#include "runtime/base/path_text.h"

namespace srt::lint {
namespace {

constexpr std::string_view kElsewhere = "/srv/srt-sample-project";

std::string parent_of(const std::string& directory) {
  return directory.substr(0, std::min(directory.rfind('/'), directory.size()));
}

std::string shown(const std::string& directory) {
  return directory.empty() ? "`/`" : "`" + directory + "`";
}

}  // namespace

Arrangements::Arrangements(const ir::Policy& policy, Target target)
    : policy_(policy), target_(target) {
  common_ = with_values(sample_values(policy, target), "");
}

Arrangement Arrangements::with_values(ParameterValues values, std::string where) const {
  Arrangement out{std::move(values), {}, std::move(where)};
  for (const Template& anchor : policy_.anchors) {
    out.directories.push_back(expand(anchor, out.values));
  }
  return out;
}

std::string Arrangements::value(const Arrangement& arrangement, Parameter::Source source,
                                std::string_view common) const {
  for (ParameterId id = 0; id < policy_.parameters.size(); ++id) {
    if (policy_.parameters[id].source == source) return arrangement.values[id];
  }
  return std::string(common);
}

std::string Arrangements::working_directory(const Arrangement& arrangement) const {
  return value(arrangement, Parameter::Source::working_directory, sample_directory(target_));
}

std::string Arrangements::home(const Arrangement& arrangement) const {
  return value(arrangement, Parameter::Source::home, sample_home(target_));
}

// How messages call a directory.
std::string Arrangements::name(glob::AnchorId anchor) const {
  const Template& text = policy_.anchors[anchor];
  using Source = Parameter::Source;
  if (text.pieces.size() == 1 && text.pieces[0].kind == Template::Piece::Kind::parameter) {
    const Source source = policy_.parameters[text.pieces[0].parameter].source;
    if (source == Source::working_directory) return "the working directory";
    if (source == Source::home) return "`~`";
  }
  return "`" + ir::spell(policy_, text) + "`";
}

std::optional<Arrangement> Arrangements::with(glob::AnchorId anchor,
                                              const std::string& directory) const {
  const auto& pieces = policy_.anchors[anchor].pieces;
  const auto is_parent = [](const Template::Piece& piece) {
    return piece.kind == Template::Piece::Kind::parent;
  };
  if (pieces.empty() || pieces[0].kind != Template::Piece::Kind::parameter) return std::nullopt;
  if (policy_.parameters[pieces[0].parameter].type != Parameter::Type::path) return std::nullopt;
  if (!std::all_of(pieces.begin() + 1, pieces.end(), is_parent)) return std::nullopt;
  std::string value = directory;
  for (std::size_t i = 1; i < pieces.size(); ++i) value += "/srt-sample-project";
  const std::optional<std::pair<ParameterId, std::string>> fixed =
      std::pair(pieces[0].parameter, std::move(value));
  Arrangement out = with_values(sample_values(policy_, target_, fixed), "");
  if (out.directories[anchor] != directory) return std::nullopt;
  out.where = fmt::format(" where {} is {}", name(anchor), shown(directory));
  return out;
}

std::vector<Arrangement> Arrangements::above(glob::AnchorId anchor, glob::AnchorId other) const {
  std::vector<Arrangement> out;
  const auto add = [&](const std::string& directory, const std::string& where) {
    std::optional<Arrangement> arrangement = with(anchor, directory);
    // A default may move the other one along.
    const std::string& below = common_.directories[other];
    if (!arrangement || arrangement->directories[other] != below) return;
    if (!where.empty()) arrangement->where = where;
    out.push_back(*std::move(arrangement));
  };
  const std::string& below = common_.directories[other];
  if (below.starts_with("//")) return out;
  add(below, fmt::format(" where {} is {}", name(anchor), name(other)));
  const std::string parent = parent_of(below);
  if (!parent.empty()) add(parent, fmt::format(" where {} is in {}", name(other), name(anchor)));
  if (!below.empty()) add("", "");
  return out;
}

std::vector<Arrangement> Arrangements::above(glob::AnchorId anchor, const std::string& path) const {
  std::vector<Arrangement> out;
  for (std::size_t end = 0; end != std::string::npos && end <= path.size();) {
    if (auto arrangement = with(anchor, path.substr(0, end))) {
      out.push_back(*std::move(arrangement));
    }
    if (end == path.size()) break;
    end = std::min(path.find('/', end + 1), path.size());
  }
  return out;
}

std::vector<Arrangement> Arrangements::elsewhere(glob::AnchorId anchor) const {
  std::vector<Arrangement> out;
  if (auto apart = with(anchor, std::string(kElsewhere))) {
    apart->where =
        fmt::format(" where {} is elsewhere, as {}", name(anchor), shown(std::string(kElsewhere)));
    out.push_back(*std::move(apart));
  }
  return out;
}

std::optional<Arrangement> Arrangements::with(glob::AnchorId anchor, const std::string& directory,
                                              std::string_view shown) const {
  std::optional<Arrangement> out = with(anchor, directory);
  if (out) out->where = fmt::format(" where {} is {}", name(anchor), shown);
  return out;
}

std::optional<Arrangement> Arrangements::as_project(glob::AnchorId anchor) const {
  return with(anchor, sample_directory(target_), "the working directory");
}

std::optional<Arrangement> Arrangements::as_home(glob::AnchorId anchor) const {
  return with(anchor, sample_home(target_), "`~`");
}

std::string Arrangements::spell(const std::string& path, const Arrangement& arrangement) const {
  const std::string cwd = working_directory(arrangement);
  const std::string home = this->home(arrangement);
  const bool in_cwd = !cwd.empty() && is_at_or_beneath(path, cwd);
  const bool in_home = !home.empty() && is_at_or_beneath(path, home);
  if (in_cwd && (!in_home || home.size() < cwd.size())) return "." + path.substr(cwd.size());
  if (in_home) return "~" + path.substr(home.size());
  return path.empty() ? "/" : path;
}

std::string Arrangements::bytes() const {
  std::string out = sample_directory(target_) + std::string(kElsewhere) + "/srt-sample-project";
  for (const std::string& directory : common_.directories) out += directory;
  return out;
}

}  // namespace srt::lint
