#include "compiler/frontend/language/lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "compiler/frontend/language/path_pattern.h"
#include "compiler/frontend/limits.h"
#include "compiler/source/edit_distance.h"

namespace srt::language {
namespace {

bool is_plain_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_parameter_byte(char c) {
  return is_plain_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_name(std::string_view text) {
  return !text.empty() && is_plain_letter(text[0]) &&
         std::all_of(text.begin(), text.end(), is_parameter_byte);
}

// The name in `$name`, with what may be glued to it; nothing for other patterns.
std::optional<std::string_view> reference(std::string_view text) {
  if (text.size() < 2 || text[0] != '$' || !is_plain_letter(text[1])) return std::nullopt;
  return text.substr(1);
}

}  // namespace

void ListScope::declare(const ast::Let& let) {
  if (!is_name(let.name.text)) {
    diagnostics_.report(Diag::bad_let_name, let.name.span, let.name.text).help =
        let.name.text.find('=') != std::string::npos
            ? "write `let name = pattern, pattern`, with spaces around `=`"
            : "names are letters, digits, `_` and `-`, a letter first; the `$` stands where it is "
              "used only";
    return;
  }
  if (index_.contains(let.name.text)) {
    diagnostics_.report(Diag::duplicate_let, let.name.span, let.name.text).help =
        "remove one of the two";
    return;
  }
  index_.emplace(let.name.text, lists_.size());
  lists_.push_back({let.name, let.patterns});
}

void ListScope::define() {
  for (List& list : lists_) {
    const std::vector<ast::Word> written = std::exchange(list.patterns, {});
    for (ListedPattern& listed : expand(written)) {
      // Lists of lists could double with each.
      if (++count_ > kMaxRules) {
        diagnostics_.report(Diag::too_many_rules, list.name.span, count_, kMaxRules);
        return;
      }
      list.patterns.push_back(std::move(listed.pattern));
    }
    list.complete = true;
  }
}

std::vector<ListedPattern> ListScope::expand(const std::vector<ast::Word>& patterns) {
  std::vector<ListedPattern> out;
  for (const ast::Word& word : patterns) {
    const auto name = reference(word.text);
    if (!name) {
      out.push_back({word, word.span});
    } else if (const List* list = look_up(word, *name)) {
      for (const ast::Word& pattern : list->patterns) out.push_back({pattern, word.span});
    }
  }
  return out;
}

const ListScope::List* ListScope::look_up(const ast::Word& word, std::string_view name) {
  const auto found = index_.find(name);
  if (found != index_.end()) {
    List& list = lists_[found->second];
    list.used = true;
    if (list.complete) return &list;
    diagnostics_.report(Diag::let_order, word.span, name).help =
        "a list names lists that stand above it";
    return nullptr;
  }
  const auto* end = std::find_if_not(name.begin(), name.end(), is_parameter_byte);
  const std::string_view head(name.begin(), static_cast<std::size_t>(end - name.begin()));
  if (head.size() < name.size()) {
    Span span = word.span;
    span.end = span.begin + 1 + static_cast<std::uint32_t>(head.size());
    if (const auto list = index_.find(head); list != index_.end()) lists_[list->second].used = true;
    diagnostics_.report(Diag::glued_let, span, fmt::format("${}", head)).help =
        help_for_dollar(head);
    return nullptr;
  }
  std::vector<std::string_view> names;
  for (const List& list : lists_) names.push_back(list.name.text);
  const auto near = closest(name, names);
  diagnostics_.report(Diag::unknown_let, word.span, name).help =
      near ? fmt::format("did you mean `${}`?", *near) : help_for_dollar(name);
  return nullptr;
}

void ListScope::report_unused() {
  for (const List& list : lists_) {
    if (list.used) continue;
    diagnostics_.report(Diag::unused_let, list.name.span, list.name.text).help =
        fmt::format("remove it, or write `${}` where its patterns belong", list.name.text);
  }
}

}  // namespace srt::language
