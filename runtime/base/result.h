#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace srt {

/// Why something could not be done. `message` says what was seen (lower case, no period), `help`
/// what the reader can do about it; it may be empty.
struct Error {
  std::string message;
  std::string help = {};
};

/// A value or the reason why there is none. Never holds both; `value()` on an error is a bug.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return state_.index() == 0; }

  T& value() & {
    assert(*this);
    return std::get<0>(state_);
  }
  const T& value() const& {
    assert(*this);
    return std::get<0>(state_);
  }
  T&& value() && {
    assert(*this);
    return std::get<0>(std::move(state_));
  }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

  const Error& error() const& {
    assert(!*this);
    return std::get<1>(state_);
  }
  Error&& error() && {
    assert(!*this);
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

/// The result of something done for its effect.
using Status = Result<std::monostate>;

/// A `Status` without an error.
inline Status ok() { return std::monostate{}; }

}  // namespace srt
