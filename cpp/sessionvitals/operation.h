#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sessionvitals/effect.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"
#include "sessionvitals/report.h"
#include "sessionvitals/result.h"

/// One call of a vendor's API, as data: what it is called, what it may change,
/// how to ask and how to read the answer. Client::call() makes it.
namespace sessionvitals {

/// Who is asking. Never shown, logged or pickled.
struct Credential {
  std::string key;    // empty: none
  std::string style;  // how the provider wants it sent, a word of Provider::credential_styles;
                      // empty: the first of them
};

/// The question of a call that takes no argument.
struct NoQuestion {
  bool operator==(const NoQuestion&) const = default;
};

/// The question of a call that asks about one session.
struct SessionId {
  std::string value;

  bool operator==(const SessionId&) const = default;
};

/// Returns the id of the session that a question is about; nothing if it is about none.
template <class Question>
std::optional<std::string_view> session_id_of(const Question& question) {
  if constexpr (std::is_same_v<Question, SessionId>) {
    return question.value;
  } else if constexpr (requires { std::string_view(question.session_id); }) {
    return question.session_id;
  } else {
    return std::nullopt;
  }
}

/// All that the library asks of an answer: a place for the report of its call.
template <class T>
concept CallAnswer = requires(T& answer, std::shared_ptr<const CallReport> report) {
  answer.call = report;
};

/// The answer of a call that lists things: all of them, or one page of them.
template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;  // what to ask for the following page with; absent on the last
  std::shared_ptr<const CallReport> call;  // nullptr for what a pure parse returns

  auto begin() const { return items.begin(); }
  auto end() const { return items.end(); }
  std::size_t size() const { return items.size(); }
};

/// The answer of a call that says only that it was carried out.
struct NoContent {
  std::shared_ptr<const CallReport> call;  // nullptr for what a pure parse returns
};

/// What a call is besides its question and answer.
struct OperationTraits {
  std::string_view name;  // the vendor's own word; of static storage
  Effect effect;
  std::size_t body_limit = kDefaultBodyLimit;
  std::optional<std::chrono::seconds> default_timeout = {};  // of this question; none: of all calls
};

/// Both functions are pure: the same arguments give the same result, and neither
/// touches a socket, the clock, the environment, a log or a lock.
template <class Question_, class Answer_>
struct Operation {
  using Question = Question_;
  using Answer = Answer_;

  std::string_view name;  // the vendor's own word, "session_status": in reports and logs
  Effect effect;

  /// Writes the request. Fails with a ConfigurationError if the question or the
  /// credential cannot be sent.
  Result<Request> (*build)(const Question& question, const Credential& credential);

  /// Reads the response to that request. Fails with an HttpStatusError if the
  /// vendor refused, a ContractError if the answer breaks the contract.
  Result<Answer> (*parse)(const Question& question, const Response& response);

  /// How many bytes the body of a response may have.
  std::size_t body_limit = kDefaultBodyLimit;

  /// For a call whose requests differ in nothing but the target: makes of a request that build()
  /// made for one question that for another, with the same credential. Fails as build() does;
  /// `request` is then as it was. nullptr: each request is built.
  std::optional<Error> (*retarget)(const Question& question, Request& request) = nullptr;

  constexpr OperationTraits traits() const { return {name, effect, body_limit}; }

  /// The same for one question, which may say how long its answer takes:
  /// std::optional<std::chrono::seconds> default_timeout() const.
  constexpr OperationTraits traits(const Question& question) const {
    OperationTraits found = traits();
    if constexpr (requires { question.default_timeout(); }) {
      found.default_timeout = question.default_timeout();
    }
    return found;
  }
};

}  // namespace sessionvitals
