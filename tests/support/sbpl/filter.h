#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tests/support/sbpl/profile.h"

namespace srt::test::sbpl {

/// One filter of a rule.
class Filter {
 public:
  virtual ~Filter() = default;
  virtual bool matches(const Request& request) const = 0;
  /// `require-all`, `require-any` or `require-not`.
  virtual bool is_compound() const { return false; }
  /// `literal` and what is made of literals.
  virtual bool is_literal() const { return false; }
};
using FilterPtr = std::shared_ptr<const Filter>;

/// A filter with one text: a filter of paths, or one of names called by its kind. Unknown kinds,
/// empty paths and regexes outside the dialect are errors.
Result<FilterPtr> make_filter(const std::string& kind, const std::string& text);

/// `require-all`, `require-any` or `require-not` of others.
FilterPtr make_compound(const std::string& name, std::vector<FilterPtr> parts);
bool is_compound_name(std::string_view name);

}  // namespace srt::test::sbpl
