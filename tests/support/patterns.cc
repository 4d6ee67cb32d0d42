#include "tests/support/patterns.h"

namespace srt::test {

using glob::Atom;
using glob::PathPattern;
using glob::PathSet;

ir::Policy policy_with_anchors(std::size_t anchors) {
  using Source = Parameter::Source;
  ir::Policy policy;
  const std::vector<Parameter> parameters = {
      {"cwd", Source::working_directory, Parameter::Type::path, {}},
      {"home", Source::home, Parameter::Type::path, {}}};
  for (std::size_t i = 0; i < anchors; ++i) {
    const ParameterId id = policy.intern(parameters[i]);
    policy.intern(Template{{{Template::Piece::Kind::parameter, {}, id}}});
  }
  return policy;
}

std::vector<std::string> paths_over(const std::vector<std::string>& names, std::size_t depth) {
  std::vector<std::string> paths = {""};
  std::size_t begin = 0;
  for (std::size_t level = 0; level < depth; ++level) {
    const std::size_t end = paths.size();
    for (; begin < end; ++begin) {
      for (const std::string& name : names) paths.push_back(paths[begin] + '/' + name);
    }
  }
  return paths;
}

std::vector<std::string> paths_of_size(const std::string& bytes, std::size_t size) {
  // All beginnings of paths; those that end in `/` are none themselves.
  std::vector<std::string> beginnings = {"", "/"};
  for (std::size_t i = 1; i < beginnings.size(); ++i) {
    const std::string at = beginnings[i];
    if (at.size() == size) continue;
    for (const char byte : bytes) beginnings.push_back(at + byte);
    if (at.back() != '/') beginnings.push_back(at + '/');
  }
  std::erase_if(beginnings, [](const std::string& path) { return path.ends_with('/'); });
  return beginnings;
}

Atom PolicyGenerator::component_end() {
  switch (below(5)) {
    case 0:
      return run();
    case 1:
      return one();
    case 2:
      return test::set({{'a', 'b'}});
    case 3:
      return test::set({{1, '.'}, {'0', 'a' - 1}, {'b', glob::kMaxCodePoint}});
    default:
      return text();
  }
}

PathPattern PolicyGenerator::pattern(std::size_t components) {
  PathPattern out;
  if (anchors_ > 0 && !one_in(3)) out.anchor = static_cast<glob::AnchorId>(below(anchors_));
  const std::size_t count = below(components + 1);
  for (std::size_t i = 0; i < count; ++i) {
    if (one_in(6)) {
      out.atoms.push_back(segments());
      continue;
    }
    const bool is_plain = !one_in(3);
    const Atom end = component_end();
    // `**` beside text has text beside it.
    const bool needs_text = end.kind == Atom::Kind::text || one_in(3);
    const std::string bytes = is_plain ? (one_in(2) ? "/a" : "/b") : needs_text ? "/a" : "/";
    if (!out.atoms.empty() && out.atoms.back().kind == Atom::Kind::literal) {
      out.atoms.back().bytes += bytes;
    } else {
      out.atoms.push_back(literal(bytes));
    }
    if (!is_plain) out.atoms.push_back(end);
  }
  out.subtree = out.is_plain() || one_in(2);
  return out;
}

PathSet PolicyGenerator::set(std::size_t components) {
  PathSet out{pattern(components), {}, {}};
  if (one_in(4)) out.except.push_back(pattern(components));
  if (one_in(5)) out.within = pattern(components - 1);
  return out;
}

ir::Policy PolicyGenerator::policy(std::size_t rules) {
  ir::Policy policy = policy_with_anchors(anchors_);
  if (one_in(2)) policy.defaults[static_cast<std::size_t>(Operation::read)] = Effect::deny;
  if (one_in(6)) policy.defaults[static_cast<std::size_t>(Operation::write)] = Effect::allow;
  for (std::size_t i = 0; i < rules; ++i) {
    const Effect effect = one_in(2) ? Effect::allow : Effect::deny;
    const Operation operation = one_in(2) ? Operation::read : Operation::write;
    const bool existing = effect == Effect::deny && one_in(5);
    ir::Rule rule{effect, operation, set(3), existing, false, {}, {}, {}};
    if (effect == Effect::deny) {
      std::get<PathSet>(rule.subject).pattern.subtree = true;  // as front ends make it
    }
    rule.text = spell(policy, rule);
    policy.rules.push_back(std::move(rule));
  }
  add_implied_reads(policy);
  return policy;
}

}  // namespace srt::test
