#include "compiler/frontend/language/uses.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "compiler/frontend/language/modules.h"
#include "compiler/frontend/language/parse.h"
#include "compiler/frontend/language/readable.h"
#include "compiler/frontend/limits.h"
#include "compiler/source/edit_distance.h"
#include "runtime/base/file.h"

namespace srt::language {
namespace {

// The path without links; empty with `errno` set where there is none.
std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? real.get() : std::string();
}

// `path` as messages call it, as seen from where `user` is called by its name.
std::string beside(const std::string& user, std::string path) {
  if (path.starts_with('/')) return path;
  while (path.starts_with("./")) path.erase(0, 2);
  return user.substr(0, user.rfind('/') + 1) + path;
}

bool lies_in(const std::string& path, const std::string& root) {
  return root == "/" || path.starts_with(root + '/');
}

bool is_file_name(std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".srt");
}

}  // namespace

void Uses::begin(FileId file) {
  const std::string& name = sources_.file(file).name();
  stack_.push_back({file, name == "<stdin>" ? std::string() : real_path(name)});
}

std::optional<FileId> Uses::begin(const ast::Word& module) {
  if (stack_.size() > kMaxUseDepth) {
    diagnostics_.report(Diag::use_too_deep, module.span, kMaxUseDepth).help =
        "write the rules of that file here";
    return std::nullopt;
  }
  if (++count_ > kMaxUses) {
    if (count_ == kMaxUses + 1) {
      diagnostics_.report(Diag::too_many_uses, module.span, kMaxUses).help =
          "use each file once, below what it limits";
    }
    return std::nullopt;
  }
  std::optional<Begun> begun = open(module);
  if (!begun) return std::nullopt;
  stack_.push_back(*begun);
  return begun->file;
}

std::optional<Uses::Begun> Uses::open(const ast::Word& module) {
  const std::vector<std::string_view> names = module_names();
  if (std::find(names.begin(), names.end(), module.text) != names.end()) {
    return Begun{module_source(sources_, module.text), {}};
  }
  if (is_file_name(module.text)) return open_file(module);
  const auto near = closest(module.text, names);
  diagnostics_.report(Diag::unknown_module, module.span, module.text).help =
      near ? fmt::format("did you mean `{}`?", *near)
           : fmt::format("`srtc std` lists the modules; a file is written `./{}.srt`", module.text);
  return std::nullopt;
}

std::optional<Uses::Begun> Uses::open_file(const ast::Word& module) {
  const std::string name = beside(sources_.file(stack_.back().file).name(), unescape(module.text));
  const std::string real = real_path(name);
  if (real.empty()) {
    diagnostics_
        .report(Diag::use_unreadable, module.span,
                fmt::format("cannot use `{}`: {}", name, std::strerror(errno)))
        .help = "a path is relative to the file that uses it";
    return std::nullopt;
  }
  if (!root_.empty()) {
    // A root that does not exist holds nothing.
    const std::string root = real_path(root_);
    if (root.empty() || !lies_in(real, root)) {
      diagnostics_.report(Diag::use_outside_root, module.span, name, root_).help =
          "move the file into the root, or give `--root` a directory above both";
      return std::nullopt;
    }
  }
  const auto is_this = [&](const Begun& begun) { return begun.real == real; };
  if (std::any_of(stack_.begin(), stack_.end(), is_this)) {
    diagnostics_.report(Diag::use_cycle, module.span, name).help = "remove one of the uses";
    return std::nullopt;
  }
  if (const auto known = files_.find(real); known != files_.end())
    return Begun{known->second, real};
  // The path without links: what was checked is what is read.
  Result<std::string> text = read_file(real, kMaxReadBytes);
  if (!text) {
    diagnostics_.report(Diag::use_unreadable, module.span, text.error().message).help =
        "a file that is used is a policy";
    return std::nullopt;
  }
  const FileId file = sources_.add(name, *std::move(text));
  files_.emplace(real, file);
  return Begun{file, real};
}

std::optional<FileId> Uses::find(const ast::Word& file) {
  const std::optional<Begun> found = open_file(file);
  return found ? std::optional(found->file) : std::nullopt;
}

const ast::File& Uses::statements(FileId file) {
  const auto [entry, is_new] = parsed_.try_emplace(file);
  if (!is_new || !is_readable(sources_.file(file).text(), file, diagnostics_)) return entry->second;
  const std::size_t reported = diagnostics_.all().size();
  entry->second = parse(sources_, file, diagnostics_);
  if (entry->second.statements.empty() && diagnostics_.all().size() == reported) {
    diagnostics_.report(Diag::empty_policy, Span{file, 0, 0}).help =
        "a policy without rules says so with its name: `policy \"name\"`";
  }
  return entry->second;
}

FileId module_source(SourceSet& sources, std::string_view name) {
  for (FileId file = 0; file < sources.size(); ++file) {
    if (sources.file(file).is_built_in() && sources.file(file).name() == name) return file;
  }
  return sources.add_built_in(std::string(name), std::string(module_text(name)));
}

}  // namespace srt::language
