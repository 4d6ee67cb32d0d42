#include <fmt/format.h>

#include <optional>
#include <utility>
#include <variant>

#include "compiler/verify/sbpl/profile.h"
#include "compiler/verify/sbpl/regex.h"
#include "compiler/verify/sbpl/scheme.h"
#include "compiler/verify/sbpl/text.h"

namespace srt::verify::sbpl {
namespace {

// Definitions use earlier ones, which those of a profile do three or four deep.
constexpr std::size_t kMaxCalls = 32;
// What a directory that nothing has comes to: nothing lies in what is no directory.
constexpr std::string_view kNowhere = "/dev/null/";
constexpr std::string_view kRootValue = "/";
constexpr std::string_view kNowhereValue = "//";

// The length of a text, and a number.
struct Length {
  Text of;
  std::size_t plus;
};
// A text up to a length.
struct Prefix {
  Text of;
  Length end;
};
// Whether something holds, which may depend on directories.
struct Truth {
  FormulaPtr formula;
  std::string spelled;
  // Of a question after one value of a parameter: its name and the value.
  std::optional<std::pair<std::string, std::string>> parameter_is = std::nullopt;
};
// A text for each value of a parameter that is asked after, and one for all others.
struct Choice {
  std::string parameter;
  std::map<std::string, Text> of_value;
  Text otherwise;
};
using Value = std::variant<Text, Length, Prefix, Truth, Choice, Filter>;
using Environment = std::map<std::string, Value, std::less<>>;

struct Function {
  std::vector<std::string> parameters;
  Expression body;
};

class Runner {
 public:
  Runner(const ProfileNames& names, Leaves& leaves) : names_(names), leaves_(leaves) {}

  // What cannot be followed; caught in `read_profile`.
  struct Failure {
    Error error;
  };

  Profile run(const std::vector<Expression>& statements) {
    for (const Expression& statement : statements) run_statement(statement, always(), "");
    return std::move(profile_);
  }

 private:
  [[noreturn]] static void fail(const Expression& where, const std::string& what) {
    throw Failure{error_at(where, what)};
  }

  void run_statement(const Expression& statement, const FormulaPtr& condition,
                     const std::string& spelled) {
    if (!statement.is_call()) fail(statement, "what is no statement");
    const std::string& name = statement.items[0].text;
    if (name == "version") {
      if (statement.items.size() != 2 || statement.items[1].text != "1") {
        fail(statement, "another version of the language");
      }
    } else if (name == "define") {
      if (!spelled.empty()) fail(statement, "a definition under a condition");
      define(statement);
    } else if (name == "when") {
      if (statement.items.size() < 2) fail(statement, "a `when` without a condition");
      const Truth truth = truth_of(statement.items[1], {});
      for (std::size_t i = 2; i < statement.items.size(); ++i) {
        run_statement(statement.items[i], all_of({condition, truth.formula}),
                      fmt::format("{}{} and ", spelled, truth.spelled));
      }
    } else if (name == "allow" || name == "deny") {
      add_rule(statement, condition, spelled);
    } else {
      fail(statement, fmt::format("`{}` is no statement of profiles that srtc makes", name));
    }
  }

  void define(const Expression& statement) {
    if (statement.items.size() != 3) fail(statement, "a definition of other than one value");
    const Expression& name = statement.items[1];
    if (name.kind == Expression::Kind::symbol) {
      globals_.insert_or_assign(name.text, evaluate(statement.items[2], {}));
      return;
    }
    if (!name.is_call()) fail(name, "a definition without a name");
    Function function{{}, statement.items[2]};
    for (std::size_t i = 1; i < name.items.size(); ++i) {
      if (name.items[i].kind != Expression::Kind::symbol) fail(name.items[i], "no name");
      function.parameters.push_back(name.items[i].text);
    }
    functions_.insert_or_assign(name.items[0].text, std::move(function));
  }

  void add_rule(const Expression& statement, const FormulaPtr& condition,
                const std::string& spelled) {
    ProfileRule rule{
        statement.items[0].text == "allow" ? Effect::allow : Effect::deny, {}, {}, statement.line};
    for (std::size_t i = 1; i < statement.items.size(); ++i) {
      const Expression& item = statement.items[i];
      const bool is_name = item.kind == Expression::Kind::symbol && !globals_.contains(item.text);
      if (is_name) {
        if (!rule.filters.empty()) fail(item, "an operation behind a filter");
        rule.operations.push_back(item.text);
        continue;
      }
      Filter filter = filter_of(item, {});
      if (!spelled.empty()) {
        filter.spelled = "when " + spelled + filter.spelled;
        if (filter.paths) filter.paths = all_of({condition, filter.paths});
      }
      rule.filters.push_back(std::move(filter));
    }
    if (rule.operations.empty()) fail(statement, "a rule without an operation");
    if (rule.filters.empty() && !spelled.empty()) {
      rule.filters.push_back({condition, "when " + spelled});
    }
    profile_.rules.push_back(std::move(rule));
  }

  template <typename T>
  static const T& as(const Value& value, const Expression& where, std::string_view what) {
    const T* typed = std::get_if<T>(&value);
    if (typed == nullptr) fail(where, fmt::format("what is no {}", what));
    return *typed;
  }

  Filter filter_of(const Expression& expression, const Environment& local) {
    return as<Filter>(evaluate(expression, local), expression, "filter");
  }
  Text text_of(const Expression& expression, const Environment& local) {
    return as<Text>(evaluate(expression, local), expression, "text that can be followed");
  }
  Truth truth_of(const Expression& expression, const Environment& local) {
    return as<Truth>(evaluate(expression, local), expression, "condition");
  }
  Length length_of(const Expression& expression, const Environment& local) {
    return as<Length>(evaluate(expression, local), expression, "length");
  }
  PathText path_of_text(const Text& text, const Expression& where) {
    std::optional<PathText> path = path_of(text);
    if (!path) fail(where, fmt::format("`{}` is no canonical path", spell(text)));
    return *std::move(path);
  }

  FormulaPtr check(const Result<FormulaPtr>& made, const Expression& where) {
    if (!made) fail(where, made.error().message);
    return *made;
  }

  Value evaluate(const Expression& expression, const Environment& local) {
    switch (expression.kind) {
      case Expression::Kind::string:
        return Text::literal(expression.text);
      case Expression::Kind::number:
        if (expression.text.size() > 6) fail(expression, "too large a number");
        return Length{{}, static_cast<std::size_t>(std::stoul(expression.text))};
      case Expression::Kind::symbol: {
        if (const auto it = local.find(expression.text); it != local.end()) return it->second;
        const auto it = globals_.find(expression.text);
        if (it == globals_.end())
          fail(expression, fmt::format("`{}` is not defined", expression.text));
        return it->second;
      }
      case Expression::Kind::list:
        break;
    }
    if (!expression.is_call()) fail(expression, "a call that names no function");
    return call(expression, local);
  }

  Value call(const Expression& expression, const Environment& local) {
    const std::vector<Expression>& items = expression.items;
    const std::string& name = items[0].text;
    if (const auto known = functions_.find(name); known != functions_.end()) {
      return apply(expression, known->second, local);
    }
    if (name == "if") return choose(expression, local);
    if (name == "and" || name == "or" || name == "not") return combine(expression, local);
    if (name == "require-all" || name == "require-any" || name == "require-not") {
      return compound(expression, local);
    }
    if (name == "string=?" || name == ">" || name == "<") {
      expect_arguments(expression, 2);
      return name == "string=?" ? compare(expression, local) : compare_lengths(expression, local);
    }
    if (name == "string-append") {
      Text out;
      for (std::size_t i = 1; i < items.size(); ++i) out.append(text_of(items[i], local));
      return out;
    }
    if (name == "param") return parameter(expression, local);
    if (name == "regex-quote") return quoted(expression, local);
    if (name == "string-length") {
      expect_arguments(expression, 1);
      return Length{text_of(items[1], local), 0};
    }
    if (name == "+") return sum(expression, local);
    if (name == "substring") {
      expect_arguments(expression, 3);
      if (items[2].text != "0") fail(items[2], "a part of a text that is not its beginning");
      return Prefix{text_of(items[1], local), length_of(items[3], local)};
    }
    return filter(expression, local);
  }

  static void expect_arguments(const Expression& expression, std::size_t count) {
    if (expression.items.size() == count + 1) return;
    fail(expression, fmt::format("`{}` with {} arguments", expression.items[0].text,
                                 expression.items.size() - 1));
  }

  Value apply(const Expression& expression, const Function& known, const Environment& local) {
    const Function function = known;
    expect_arguments(expression, function.parameters.size());
    Environment frame;
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
      frame.insert_or_assign(function.parameters[i], evaluate(expression.items[i + 1], local));
    }
    if (depth_ == kMaxCalls) fail(expression, "calls nest too deep");
    ++depth_;
    Value out = evaluate(function.body, frame);
    --depth_;
    return out;
  }

  Value parameter(const Expression& expression, const Environment& local) {
    expect_arguments(expression, 1);
    const Text name = text_of(expression.items[1], local);
    if (!name.is_literal()) fail(expression, "a parameter whose name is not known");
    Text out;
    out.pieces.push_back({Text::Piece::Kind::parameter, name.as_literal()});
    return out;
  }

  Value quoted(const Expression& expression, const Environment& local) {
    expect_arguments(expression, 1);
    Text out = text_of(expression.items[1], local);
    for (Text::Piece& piece : out.pieces) {
      if (piece.kind == Text::Piece::Kind::directory) {
        piece.kind = Text::Piece::Kind::quoted;
      } else {
        fail(expression, "a quoted text that is no directory");
      }
    }
    return out;
  }

  Value sum(const Expression& expression, const Environment& local) {
    expect_arguments(expression, 2);
    const Length a = length_of(expression.items[1], local);
    const Length b = length_of(expression.items[2], local);
    if (!a.of.is_empty() && !b.of.is_empty()) fail(expression, "a sum of two open lengths");
    return Length{a.of.is_empty() ? b.of : a.of, a.plus + b.plus};
  }

  // `(string=? A B)`
  Truth compare(const Expression& expression, const Environment& local) {
    const Value a = evaluate(expression.items[1], local);
    const Value b = evaluate(expression.items[2], local);
    if (std::holds_alternative<Prefix>(a)) {
      return compare_prefix(expression, std::get<Prefix>(a), as<Text>(b, expression, "text"));
    }
    const Text& x = as<Text>(a, expression.items[1], "text that can be followed");
    const Text& y = as<Text>(b, expression.items[2], "text that can be followed");
    if (x.is_literal() && y.is_literal()) return constant(x == y);
    std::string spelled = fmt::format("{} = {}", spell(x), spell(y));
    const bool is_parameter =
        x.pieces.size() == 1 && x.pieces[0].kind == Text::Piece::Kind::parameter;
    if (is_parameter && y.is_literal()) {
      return {value_is(expression, x.pieces[0].text, y.as_literal()), std::move(spelled),
              std::pair(x.pieces[0].text, y.as_literal())};
    }
    if (x.is_empty() || y.is_empty()) {
      const Text& open = x.is_empty() ? y : x;
      const bool is_directory =
          open.pieces.size() == 1 && open.pieces[0].kind == Text::Piece::Kind::directory;
      const bool has_text =
          open.pieces.size() == 2 && open.pieces[1].kind == Text::Piece::Kind::literal;
      if (has_text) return constant(false);
      if (!is_directory) fail(expression, "a comparison that cannot be followed");
      return {where_root(open.pieces[0].anchor), std::move(spelled)};
    }
    return {check(is_equal(path_of_text(x, expression), path_of_text(y, expression), leaves_),
                  expression),
            std::move(spelled)};
  }

  // Whether a text, up to as many bytes as `whole` has, is `whole`, which ends in a `/`.
  Truth compare_prefix(const Expression& where, const Prefix& prefix, const Text& whole) {
    Text top = whole;
    const bool ends_in_slash = !top.is_empty() &&
                               top.pieces.back().kind == Text::Piece::Kind::literal &&
                               top.pieces.back().text.ends_with('/');
    if (!ends_in_slash) fail(where, "a comparison that cannot be followed");
    top.pieces.back().text.pop_back();
    if (top.pieces.back().text.empty()) top.pieces.pop_back();
    if (!(prefix.end.of == top) || prefix.end.plus != 1) {
      fail(where, "a comparison that cannot be followed");
    }
    return {
        check(is_below(path_of_text(prefix.of, where), path_of_text(top, where), leaves_), where),
        fmt::format("{} below {}", spell(prefix.of), spell(top))};
  }

  Truth compare_lengths(const Expression& expression, const Environment& local) {
    Length a = length_of(expression.items[1], local);
    Length b = length_of(expression.items[2], local);
    if (expression.items[0].text == "<") std::swap(a, b);
    if (a.of.is_literal() && b.of.is_literal()) {
      return constant(a.of.as_literal().size() + a.plus > b.of.as_literal().size() + b.plus);
    }
    std::string spelled =
        fmt::format("length {} + {} > length {} + {}", spell(a.of), a.plus, spell(b.of), b.plus);
    // Of what is compared with a constant, or with something added, nothing is known.
    const std::optional<PathText> x = path_of(a.of);
    const std::optional<PathText> y = path_of(b.of);
    if (!x || !y || a.plus != 0 || b.plus != 0) return {unsure(never(), always()), spelled};
    return {check(is_longer(*x, *y, leaves_), expression), std::move(spelled)};
  }

  static Truth constant(bool value) {
    return {value ? always() : never(), value ? "true" : "false"};
  }

  FormulaPtr where_root(glob::AnchorId anchor) {
    return leaf(*leaves_.get(fmt::format("root {}", anchor), [&]() -> Result<Automaton> {
      return Automaton::where_root(anchor, leaves_.mark_count());
    }));
  }

  // Where a parameter has a value that the launcher passes for what is no ordinary directory.
  FormulaPtr value_is(const Expression& where, const std::string& name, const std::string& value) {
    const auto known = names_.directories.find(name);
    if (known == names_.directories.end()) {
      fail(where, fmt::format("`{}` is no directory that srt-run passes", name));
    }
    if (value == kRootValue) return where_root(known->second);
    if (value != kNowhereValue) return unsure(never(), always());
    return unsure(never(), leaf(leaves_.outside(known->second)));
  }

  Value choose(const Expression& expression, const Environment& local) {
    expect_arguments(expression, 3);
    const Truth truth = truth_of(expression.items[1], local);
    if (truth.formula->kind == Formula::Kind::always) return evaluate(expression.items[2], local);
    if (truth.formula->kind == Formula::Kind::never) return evaluate(expression.items[3], local);
    const Value a = evaluate(expression.items[2], local);
    const Value b = evaluate(expression.items[3], local);
    const auto mixed = [&](const FormulaPtr& x, const FormulaPtr& y) {
      return any_of({all_of({truth.formula, x}), all_of({no(truth.formula), y})});
    };
    const auto spelled = [&](const std::string& x, const std::string& y) {
      return fmt::format("(if {} {} {})", truth.spelled, x, y);
    };
    if (const auto* x = std::get_if<Filter>(&a)) {
      const Filter& y = as<Filter>(b, expression.items[3], "filter");
      if (!x->paths || !y.paths) return Filter{nullptr, spelled(x->spelled, y.spelled)};
      return Filter{mixed(x->paths, y.paths), spelled(x->spelled, y.spelled)};
    }
    if (const auto* x = std::get_if<Truth>(&a)) {
      const Truth& y = as<Truth>(b, expression.items[3], "condition");
      return Truth{mixed(x->formula, y.formula), spelled(x->spelled, y.spelled)};
    }
    if (!truth.parameter_is) fail(expression, "a text that depends on directories");
    return choice(expression, *truth.parameter_is, as<Text>(a, expression.items[2], "text"), b);
  }

  // A text for each value that a parameter may have. That of an ordinary directory is a directory.
  Value choice(const Expression& where, const std::pair<std::string, std::string>& is,
               const Text& then, const Value& otherwise) {
    Choice out{is.first, {}, {}};
    if (const auto* rest = std::get_if<Choice>(&otherwise)) {
      if (rest->parameter != is.first) fail(where, "a text that depends on two parameters");
      out = *rest;
    } else {
      out.otherwise = as<Text>(otherwise, where, "text");
    }
    out.of_value.insert_or_assign(is.second, then);
    const auto root = out.of_value.find(std::string(kRootValue));
    const auto nowhere = out.of_value.find(std::string(kNowhereValue));
    const bool is_directory =
        out.of_value.size() == 2 && root != out.of_value.end() && root->second.is_empty() &&
        nowhere != out.of_value.end() && nowhere->second.is_literal() &&
        nowhere->second.as_literal().starts_with(kNowhere) && out.otherwise.pieces.size() == 1 &&
        out.otherwise.pieces[0] == Text::Piece{Text::Piece::Kind::parameter, is.first};
    if (!is_directory) return out;
    Text text;
    text.pieces.push_back(
        {Text::Piece::Kind::directory, {}, names_.directories.find(is.first)->second});
    return text;
  }

  Truth combine(const Expression& expression, const Environment& local) {
    const std::string& name = expression.items[0].text;
    if (name == "not") {
      expect_arguments(expression, 1);
      const Truth truth = truth_of(expression.items[1], local);
      return {no(truth.formula), "not " + truth.spelled};
    }
    std::vector<FormulaPtr> parts;
    std::string spelled;
    for (std::size_t i = 1; i < expression.items.size(); ++i) {
      const Truth truth = truth_of(expression.items[i], local);
      parts.push_back(truth.formula);
      spelled += fmt::format("{}{}", i == 1 ? "" : fmt::format(" {} ", name), truth.spelled);
    }
    return {name == "and" ? all_of(std::move(parts)) : any_of(std::move(parts)),
            '(' + spelled + ')'};
  }

  Filter compound(const Expression& expression, const Environment& local) {
    const std::string& name = expression.items[0].text;
    std::vector<FormulaPtr> parts;
    std::string spelled = '(' + name;
    bool is_about_paths = true;
    for (std::size_t i = 1; i < expression.items.size(); ++i) {
      Filter part = filter_of(expression.items[i], local);
      spelled += ' ' + part.spelled;
      is_about_paths = is_about_paths && part.paths;
      parts.push_back(std::move(part.paths));
    }
    spelled += ')';
    if (parts.empty() || (name == "require-not" && parts.size() != 1)) {
      fail(expression, fmt::format("`{}` of {} filters", name, parts.size()));
    }
    if (!is_about_paths) return {nullptr, std::move(spelled)};
    if (name == "require-not") return {no(parts[0]), std::move(spelled)};
    return {name == "require-all" ? all_of(std::move(parts)) : any_of(std::move(parts)),
            std::move(spelled)};
  }

  Filter filter(const Expression& expression, const Environment& local) {
    const std::string& name = expression.items[0].text;
    if (name == "literal" || name == "subpath" || name == "path-ancestors" || name == "regex") {
      expect_arguments(expression, 1);
      const Text text = text_of(expression.items[1], local);
      std::string spelled = fmt::format("({} {})", name, spell(text));
      if (name == "regex") return {matching(expression, text, spelled), spelled};
      return {named(expression, path_of_text(text, expression), spelled), spelled};
    }
    // Something about another subject than a path: no more than spelled.
    std::string spelled = '(' + name;
    for (std::size_t i = 1; i < expression.items.size(); ++i) {
      const Expression& item = expression.items[i];
      const bool is_word = item.kind == Expression::Kind::symbol && !local.contains(item.text) &&
                           !globals_.contains(item.text);
      if (is_word || item.kind == Expression::Kind::number) {
        spelled += ' ' + item.text;
        continue;
      }
      const Value value = evaluate(item, local);
      if (const auto* inner = std::get_if<Filter>(&value)) {
        spelled += ' ' + inner->spelled;
      } else {
        spelled += " \"" + spell(as<Text>(value, item, "text that can be followed")) + '"';
      }
    }
    return {nullptr, spelled + ')'};
  }

  FormulaPtr named(const Expression& where, const PathText& path, const std::string& key) {
    const std::string& name = where.items[0].text;
    if (name == "path-ancestors") return ancestors(path);
    return leaf(*leaves_.get(key, [&]() -> Result<Automaton> {
      return Automaton::of_path(path.anchor, path.text, name == "subpath", leaves_.mark_count());
    }));
  }

  FormulaPtr ancestors(const PathText& path) {
    std::vector<FormulaPtr> out;
    const auto add = [&](const std::string& text) {
      const std::string key = fmt::format("at {} {}", path.anchor ? *path.anchor + 1 : 0, text);
      out.push_back(leaf(*leaves_.get(key, [&]() -> Result<Automaton> {
        return Automaton::of_path(path.anchor, text, false, leaves_.mark_count());
      })));
    };
    if (path.anchor) out.push_back(above(*path.anchor, leaves_.outside(*path.anchor)));
    if (path.anchor && !path.text.empty()) add("");
    if (!path.anchor && path.text != "/") add("/");
    for (std::size_t at = path.text.find('/', 1); at != std::string::npos;
         at = path.text.find('/', at + 1)) {
      add(path.text.substr(0, at));
    }
    return any_of(std::move(out));
  }

  FormulaPtr matching(const Expression& where, const Text& text, const std::string& key) {
    std::optional<glob::AnchorId> anchor;
    std::string regex;
    if (text.is_literal()) {
      regex = text.as_literal();
    } else {
      using Kind = Text::Piece::Kind;
      const std::vector<Text::Piece>& pieces = text.pieces;
      const bool is_known = pieces.size() == 3 && pieces[0] == Text::Piece{Kind::literal, "^"} &&
                            pieces[1].kind == Kind::quoted && pieces[2].kind == Kind::literal;
      if (!is_known) fail(where, "a regex with a directory elsewhere than behind its `^`");
      anchor = pieces[1].anchor;
      regex = pieces[2].text;
    }
    const Result<LeafId> id =
        leaves_.get(key, [&] { return compile_regex(anchor, regex, leaves_.mark_count()); });
    if (!id) fail(where, id.error().message);
    return leaf(*id);
  }

  const ProfileNames& names_;
  Leaves& leaves_;
  Profile profile_;
  Environment globals_;
  std::map<std::string, Function, std::less<>> functions_;
  std::size_t depth_ = 0;
};

}  // namespace

Result<Profile> read_profile(std::string_view text, const ProfileNames& names, Leaves& leaves) {
  const Result<std::vector<Expression>> statements = read_scheme(text);
  if (!statements) return statements.error();
  try {
    return Runner(names, leaves).run(*statements);
  } catch (const Runner::Failure& failure) {
    return failure.error;
  }
}

}  // namespace srt::verify::sbpl
