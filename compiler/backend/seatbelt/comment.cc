#include "compiler/backend/seatbelt/comment.h"

#include <algorithm>
#include <string_view>

namespace srt::seatbelt {
namespace {

constexpr std::size_t kColumns = 96;

// `deny read ~/.ssh existing` is a head, a directory with its `/`, a name and a tail.
struct Text {
  std::string head;
  std::string directory;
  std::string name;
  std::string tail;
};

Text cut(const std::string& text) {
  const std::size_t operation = text.find(' ');
  const std::size_t begin =
      operation == std::string::npos ? operation : text.find(' ', operation + 1);
  if (begin == std::string::npos) return {text, "", "", ""};
  const std::string pattern =
      text.substr(begin + 1, text.find_first_of(" ,", begin + 1) - begin - 1);
  // Quoted text, and names that are syntax in braces, stand by themselves.
  if (pattern.find_first_of("\"{}\\") != std::string::npos) return {text, "", "", ""};
  const std::size_t name = pattern.rfind('/') + 1;
  return {text.substr(0, begin), pattern.substr(0, name), pattern.substr(name),
          text.substr(begin + 1 + pattern.size())};
}

// The rules of one head and tail, a directory's names together.
struct Statement {
  std::string head;
  std::string tail;
  std::vector<std::pair<std::string, std::vector<std::string>>> places;
};

template <typename Items, typename Is, typename New>
auto& found_or_added(Items& items, Is is, New made) {
  const auto it = std::find_if(items.begin(), items.end(), is);
  return it != items.end() ? *it : items.emplace_back(std::move(made));
}

// Where a line may end: after each of these words.
std::vector<std::string> words_of(const Statement& statement) {
  std::vector<std::string> out = {statement.head};
  for (std::size_t i = 0; i < statement.places.size(); ++i) {
    const auto& [directory, names] = statement.places[i];
    const bool is_list = names.size() > 1;
    for (std::size_t j = 0; j < names.size(); ++j) {
      std::string word = j == 0 ? ' ' + directory + (is_list ? "{" : "") : "";
      word += names[j];
      if (j + 1 < names.size()) word += ',';
      out.push_back(std::move(word));
    }
    if (is_list) out.back() += '}';
    if (i + 1 < statement.places.size()) out.back() += ',';
  }
  out.back() += statement.tail;
  return out;
}

}  // namespace

std::vector<std::string> comment_of(const std::vector<std::string>& texts) {
  std::vector<Statement> statements;
  for (const std::string& text : texts) {
    const Text rule = cut(text);
    Statement& statement = found_or_added(
        statements,
        [&](const Statement& known) { return known.head == rule.head && known.tail == rule.tail; },
        Statement{rule.head, rule.tail, {}});
    if (rule.name.empty() && rule.directory.empty()) continue;
    auto& [directory, names] = found_or_added(
        statement.places, [&](const auto& place) { return place.first == rule.directory; },
        std::pair(rule.directory, std::vector<std::string>()));
    if (std::find(names.begin(), names.end(), rule.name) == names.end()) names.push_back(rule.name);
  }
  std::vector<std::string> lines;
  for (const Statement& statement : statements) {
    std::string line = ";";
    for (const std::string& word : words_of(statement)) {
      if (line.size() + word.size() > kColumns && line.size() > 4) {
        lines.push_back(line);
        line = ";  ";
      }
      line += (line == ";" ? " " : line == ";  " && !word.starts_with(' ') ? " " : "") + word;
    }
    lines.push_back(line);
  }
  return lines;
}

}  // namespace srt::seatbelt
