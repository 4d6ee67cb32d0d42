#include "tests/support/sbpl/profile.h"

#include <algorithm>
#include <variant>

#include "tests/support/sbpl/filter.h"
#include "tests/support/sbpl/scheme.h"

namespace srt::test::sbpl {

/// Runs a profile's expressions. Errors inside are exceptions, which `Profile::load` ends.
class Interpreter {
 public:
  Interpreter(const Profile::Parameters& parameters, Profile& profile)
      : parameters_(parameters), profile_(profile) {}

  struct Failure {
    std::string message;
  };

  void run(const std::vector<Expression>& expressions) {
    if (expressions.empty() || !is_call(expressions[0], "version")) {
      throw Failure{"a profile begins with its version"};
    }
    for (const Expression& expression : expressions) statement(expression, {});
  }

 private:
  using Value = std::variant<bool, std::int64_t, std::string, FilterPtr>;
  using Environment = std::map<std::string, Value, std::less<>>;
  struct Function {
    std::vector<std::string> parameters;
    Expression body;
  };

  static bool is_call(const Expression& expression, std::string_view name) {
    return expression.kind == Expression::Kind::list && !expression.items.empty() &&
           expression.items[0].is_symbol(name);
  }

  static void require(bool holds, const std::string& message) {
    if (!holds) throw Failure{message};
  }

  void statement(const Expression& expression, const Environment& local) {
    require(expression.kind == Expression::Kind::list && !expression.items.empty(),
            "a statement is a list");
    const std::vector<Expression>& items = expression.items;
    if (is_call(expression, "version")) {
      require(items.size() == 2 && items[1].text == "1", "unknown version");
    } else if (is_call(expression, "define")) {
      define(items);
    } else if (is_call(expression, "when")) {
      if (!as<bool>(evaluate(items.at(1), local))) return;
      for (std::size_t i = 2; i < items.size(); ++i) statement(items[i], local);
    } else if (is_call(expression, "allow") || is_call(expression, "deny")) {
      rule(items, local);
    } else {
      throw Failure{"unknown statement `" + items[0].text + "`"};
    }
  }

  void define(const std::vector<Expression>& items) {
    require(items.size() == 3, "a definition has a name and a body");
    if (items[1].kind == Expression::Kind::symbol) {
      globals_.insert_or_assign(items[1].text, evaluate(items[2], {}));
      return;
    }
    Function function{{}, items[2]};
    for (std::size_t i = 1; i < items[1].items.size(); ++i) {
      function.parameters.push_back(items[1].items[i].text);
    }
    functions_.insert_or_assign(items[1].items.at(0).text, std::move(function));
  }

  void rule(const std::vector<Expression>& items, const Environment& local) {
    Profile::Rule rule{items[0].text == "allow" ? Effect::allow : Effect::deny, {}, {}};
    for (std::size_t i = 1; i < items.size(); ++i) {
      if (items[i].kind == Expression::Kind::symbol) {
        require(rule.filters.empty(), "operations stand before filters");
        rule.operations.push_back(items[i].text);
      } else {
        rule.filters.push_back(as<FilterPtr>(evaluate(items[i], local)));
      }
    }
    require(!rule.operations.empty(), "a rule without an operation");
    profile_.rules_.push_back(std::move(rule));
  }

  template <typename T>
  static T as(const Value& value) {
    const T* typed = std::get_if<T>(&value);
    require(typed != nullptr, "a value of another type");
    return *typed;
  }

  Value evaluate(const Expression& expression, const Environment& local) {
    switch (expression.kind) {
      case Expression::Kind::string:
        return expression.text;
      case Expression::Kind::number:
        return std::int64_t{std::stoll(expression.text)};
      case Expression::Kind::symbol:
        return lookup(expression.text, local);
      case Expression::Kind::list:
        break;
    }
    require(!expression.items.empty() && expression.items[0].kind == Expression::Kind::symbol,
            "a call names a function");
    return call(expression.items[0].text, expression.items, local);
  }

  Value lookup(const std::string& name, const Environment& local) const {
    if (const auto it = local.find(name); it != local.end()) return it->second;
    const auto it = globals_.find(name);
    require(it != globals_.end(), "unbound variable `" + name + "`");
    return it->second;
  }

  Value call(const std::string& name, const std::vector<Expression>& items,
             const Environment& local) {
    if (name == "if") {
      require(items.size() == 4, "`if` has two branches");
      return evaluate(items[as<bool>(evaluate(items[1], local)) ? 2 : 3], local);
    }
    if (name == "and" || name == "or") {
      for (std::size_t i = 1; i < items.size(); ++i) {
        if (as<bool>(evaluate(items[i], local)) == (name == "or")) return name == "or";
      }
      return name == "and";
    }
    if (name == "remote" || name == "local" || name == "target" || name == "socket-domain")
      return filter_with_words(items, local);

    std::vector<Value> arguments;
    for (std::size_t i = 1; i < items.size(); ++i) arguments.push_back(evaluate(items[i], local));
    if (const auto it = functions_.find(name); it != functions_.end()) {
      const Function function = it->second;
      require(function.parameters.size() == arguments.size(), "`" + name + "`: wrong arguments");
      Environment frame;
      for (std::size_t i = 0; i < arguments.size(); ++i) {
        frame.insert_or_assign(function.parameters[i], arguments[i]);
      }
      return evaluate(function.body, frame);
    }
    if (is_compound_name(name)) {
      std::vector<FilterPtr> parts;
      for (const Value& argument : arguments) parts.push_back(as<FilterPtr>(argument));
      require(!parts.empty() && (name != "require-not" || parts.size() == 1),
              "`" + name + "`: wrong arguments");
      return make_compound(name, std::move(parts));
    }
    return builtin(name, arguments);
  }

  // `(remote ip "…")`, `(target same-sandbox)`: words that are part of the filter's kind or text.
  Value filter_with_words(const std::vector<Expression>& items, const Environment& local) {
    const std::string& word = items.at(1).text;
    if (items[0].text == "target" || items[0].text == "socket-domain") {
      return filter(items[0].text, word);
    }
    if (word == "unix-socket") {
      // What a path filter says of the socket's path.
      require(items[0].text == "remote", "only sockets that are connected to");
      return items.size() == 2 ? filter("subpath", "/") : evaluate(items.at(2), local);
    }
    return filter(items[0].text + ' ' + items.at(1).text,
                  as<std::string>(evaluate(items.at(2), local)));
  }

  Value filter(const std::string& kind, const std::string& text) {
    Result<FilterPtr> made = make_filter(kind, text);
    if (!made) throw Failure{made.error().message};
    if (kind == "literal" || kind == "subpath" || kind == "path-ancestors" || kind == "regex") {
      profile_.path_texts_.insert({kind, text});
    }
    return *made;
  }

  Value builtin(const std::string& name, const std::vector<Value>& arguments) {
    const auto text = [&](std::size_t i) { return as<std::string>(arguments.at(i)); };
    const auto number = [&](std::size_t i) { return as<std::int64_t>(arguments.at(i)); };
    if (name == "param") {
      const auto it = parameters_.find(text(0));
      require(it != parameters_.end(), "no parameter `" + text(0) + "`");
      return it->second;
    }
    if (name == "string-append") {
      std::string out;
      for (std::size_t i = 0; i < arguments.size(); ++i) out += text(i);
      return out;
    }
    if (name == "regex-quote") {
      std::string out;
      for (const char c : text(0)) {
        if (std::string_view("\\.[(){}*+?^$|").find(c) != std::string_view::npos) out += '\\';
        out += c;
      }
      return out;
    }
    if (name == "string=?") return text(0) == text(1);
    if (name == "string-length") return static_cast<std::int64_t>(text(0).size());
    if (name == "substring") {
      const std::string whole = text(0);
      const auto size = static_cast<std::int64_t>(whole.size());
      require(0 <= number(1) && number(1) <= number(2) && number(2) <= size, "outside the string");
      return whole.substr(static_cast<std::size_t>(number(1)),
                          static_cast<std::size_t>(number(2) - number(1)));
    }
    if (name == ">") return number(0) > number(1);
    if (name == "+") return number(0) + number(1);
    require(arguments.size() == 1, "`" + name + "`: wrong arguments");
    return filter(name, text(0));
  }

  const Profile::Parameters& parameters_;
  Profile& profile_;
  Environment globals_;
  std::map<std::string, Function, std::less<>> functions_;
};

namespace {

// How closely a rule names an operation: 2 by its name, 1 by a wildcard, 0 by `default`.
int specificity(const std::vector<std::string>& operations, const std::string& operation) {
  int best = -1;
  for (const std::string& named : operations) {
    int found = -1;
    if (named == operation) {
      found = 2;
    } else if (named.back() == '*' && operation.starts_with(named.substr(0, named.size() - 1))) {
      found = 1;
    } else if (named == "default") {
      found = 0;
    }
    best = std::max(best, found);
  }
  return best;
}

}  // namespace

Result<Profile> Profile::load(std::string_view text, const Parameters& parameters) {
  const Result<std::vector<Expression>> expressions = read(text);
  if (!expressions) return expressions.error();
  Profile profile;
  try {
    Interpreter(parameters, profile).run(*expressions);
  } catch (const Interpreter::Failure& failure) {
    return Error{failure.message};
  } catch (const std::out_of_range&) {
    return Error{"a call with too few arguments"};
  }
  return profile;
}

const Profile::Match& Profile::match(std::size_t rule, const Request& request) const {
  if (matches_.empty() || asked_.first != request.subject || asked_.second != request.kind) {
    matches_.assign(rules_.size(), {});
    asked_ = {request.subject, request.kind};
  }
  Match& out = matches_[rule];
  if (out.is_known) return out;
  out = {true, rules_[rule].filters.empty(), false, false};
  for (const FilterPtr& filter : rules_[rule].filters) {
    if (!filter->matches(request)) continue;
    out.matched = true;
    out.compound = out.compound || filter->is_compound();
    out.literal = out.literal || filter->is_literal();
  }
  return out;
}

const std::vector<int>& Profile::ranks_of(const std::string& operation) const {
  const auto [known, is_new] = ranks_.try_emplace(operation);
  for (std::size_t i = 0; is_new && i < rules_.size(); ++i) {
    known->second.push_back(specificity(rules_[i].operations, operation));
  }
  return known->second;
}

Effect Profile::decide(const Request& request, Reading reading) const {
  const std::vector<int>& ranks = ranks_of(request.operation);
  Effect decision = Effect::deny;
  int rank = 0;
  bool is_compound = false;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (ranks[i] < 0) continue;
    const Match& found = match(i, request);
    if (!found.matched) continue;
    const bool is_undone = ranks[i] >= rank && (!is_compound || found.compound || found.literal);
    if (reading == Reading::by_shape && !is_undone) continue;
    decision = rules_[i].effect;
    rank = ranks[i];
    is_compound = found.compound;
  }
  return decision;
}

}  // namespace srt::test::sbpl
