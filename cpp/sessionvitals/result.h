#pragma once

#include <exception>
#include <utility>
#include <variant>

/// A value or the error that stands in its place, spelled like C++23's
/// std::expected so that it can become one.
namespace sessionvitals {

class Error;

/// What Result::value() throws when there is no value: a mistake in the
/// caller's program, who did not look first. Nothing else here throws.
class BadResultAccess : public std::exception {
 public:
  const char* what() const noexcept override {
    return "sessionvitals::Result has no value; look at error() first";
  }
};

template <class Value, class Failure = Error>
class [[nodiscard]] Result {
 public:
  /// An empty value, to be filled in; only if there is such a one.
  Result() = default;
  // Implicit on purpose, as in std::expected: `return answer;`, `return error;`.
  Result(const Value& value) : held_(std::in_place_index<0>, value) {}
  Result(Value&& value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(const Failure& error) : held_(std::in_place_index<1>, error) {}
  Result(Failure&& error) : held_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return held_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  /// The value. has_value() must be true.
  Value& operator*() & { return *std::get_if<0>(&held_); }
  const Value& operator*() const& { return *std::get_if<0>(&held_); }
  Value&& operator*() && { return std::move(*std::get_if<0>(&held_)); }
  Value* operator->() { return std::get_if<0>(&held_); }
  const Value* operator->() const { return std::get_if<0>(&held_); }

  /// The value. Throws BadResultAccess if there is none.
  const Value& value() const& {
    if (!has_value()) throw BadResultAccess();
    return **this;
  }

  /// The error. has_value() must be false.
  Failure& error() & { return *std::get_if<1>(&held_); }
  const Failure& error() const& { return *std::get_if<1>(&held_); }
  Failure&& error() && { return std::move(*std::get_if<1>(&held_)); }

  template <class Fallback>
  Value value_or(Fallback&& fallback) const& {
    return has_value() ? **this : static_cast<Value>(std::forward<Fallback>(fallback));
  }

 private:
  std::variant<Value, Failure> held_;
};

}  // namespace sessionvitals
