#include "tests/support/sbpl/filter.h"

#include <algorithm>
#include <array>

#include "tests/support/sbpl/regex.h"

namespace srt::test::sbpl {
namespace {

constexpr std::array<std::string_view, 9> kNameKinds = {
    "global-name",        "global-name-prefix", "local ip", "socket-domain", "sysctl-name",
    "sysctl-name-prefix", "remote ip",          "target",   "ipc-posix-name"};

bool is_above(std::string_view directory, std::string_view path) {
  if (directory == "/") return path != "/";
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

class PathFilter : public Filter {
 public:
  enum class Kind { literal, subpath, ancestors };
  PathFilter(Kind kind, std::string path) : kind_(kind), path_(std::move(path)) {}

  bool matches(const Request& request) const override {
    if (request.kind != "path") return false;
    switch (kind_) {
      case Kind::literal:
        return request.subject == path_;
      case Kind::subpath:
        return request.subject == path_ || is_above(path_, request.subject);
      case Kind::ancestors:
        return is_above(request.subject, path_);
    }
    return false;
  }
  bool is_literal() const override { return kind_ != Kind::subpath; }

 private:
  Kind kind_;
  std::string path_;
};

class RegexFilter : public Filter {
 public:
  // `request_kind` is the kind of request whose subject the regex is for.
  RegexFilter(std::string request_kind, Regex regex)
      : request_kind_(std::move(request_kind)), regex_(std::move(regex)) {}

  bool matches(const Request& request) const override {
    return request.kind == request_kind_ && regex_.matches(request.subject);
  }

 private:
  std::string request_kind_;
  Regex regex_;
};

class NameFilter : public Filter {
 public:
  NameFilter(std::string kind, std::string name) : kind_(std::move(kind)), name_(std::move(name)) {}

  bool matches(const Request& request) const override {
    constexpr std::string_view kPrefix = "-prefix";
    if (kind_.ends_with(kPrefix)) {
      return kind_.substr(0, kind_.size() - kPrefix.size()) == request.kind &&
             request.subject.starts_with(name_);
    }
    // `localhost:*` is every port of it.
    if (kind_.ends_with(" ip") && name_.ends_with(":*")) {
      return kind_ == request.kind &&
             request.subject.starts_with(name_.substr(0, name_.size() - 1));
    }
    return kind_ == request.kind && name_ == request.subject;
  }

 private:
  std::string kind_;
  std::string name_;
};

class Compound : public Filter {
 public:
  Compound(std::string name, std::vector<FilterPtr> parts)
      : name_(std::move(name)), parts_(std::move(parts)) {}

  bool matches(const Request& request) const override {
    const auto part_matches = [&](const FilterPtr& part) { return part->matches(request); };
    if (name_ == "require-all") return std::all_of(parts_.begin(), parts_.end(), part_matches);
    const bool any = std::any_of(parts_.begin(), parts_.end(), part_matches);
    return name_ == "require-any" ? any : !any;
  }
  bool is_compound() const override { return true; }

 private:
  std::string name_;
  std::vector<FilterPtr> parts_;
};

// What POSIX allows and Seatbelt's engine has not.
bool is_outside_dialect(std::string_view regex) {
  constexpr std::array<std::string_view, 6> kForeign = {"(?", "*?", "+?", "??", "[:", "\\d"};
  for (std::size_t i = 0; i < regex.size(); ++i) {
    if (regex[i] == '{' && (i == 0 || regex[i - 1] != '\\')) return true;
    if (i > 0 && regex[i - 1] == '\\') continue;
    for (const std::string_view foreign : kForeign) {
      if (regex.substr(i).starts_with(foreign)) return true;
    }
  }
  return false;
}

}  // namespace

Result<FilterPtr> make_filter(const std::string& kind, const std::string& text) {
  using Kind = PathFilter::Kind;
  if (text.empty()) return Error{"an empty text for `" + kind + "`"};
  if (kind == "regex" || kind == "ipc-posix-name-regex" || kind == "global-name-regex") {
    if (is_outside_dialect(text)) return Error{"outside the regex dialect: `" + text + "`"};
    Result<Regex> regex = Regex::compile(text);
    if (!regex) return regex.error();
    return FilterPtr(std::make_shared<RegexFilter>(
        kind == "regex" ? "path" : kind.substr(0, kind.size() - std::size("-regex") + 1),
        *std::move(regex)));
  }
  if (std::find(kNameKinds.begin(), kNameKinds.end(), kind) != kNameKinds.end()) {
    return FilterPtr(std::make_shared<NameFilter>(kind, text));
  }
  if (kind != "literal" && kind != "subpath" && kind != "path-ancestors") {
    return Error{"unknown filter `" + kind + "`"};
  }
  if (text[0] != '/' || (text.size() > 1 && text.back() == '/')) {
    return Error{"not a canonical path: `" + text + "`"};
  }
  const Kind path_kind = kind == "literal"   ? Kind::literal
                         : kind == "subpath" ? Kind::subpath
                                             : Kind::ancestors;
  return FilterPtr(std::make_shared<PathFilter>(path_kind, text));
}

FilterPtr make_compound(const std::string& name, std::vector<FilterPtr> parts) {
  return std::make_shared<Compound>(name, std::move(parts));
}

bool is_compound_name(std::string_view name) {
  return name == "require-all" || name == "require-any" || name == "require-not";
}

}  // namespace srt::test::sbpl
