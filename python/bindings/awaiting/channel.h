#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings.h"
#include "runtime/logging.h"
#include "sessionvitals/engine/drivers/round.h"
#include "sessionvitals/engine/drivers/wait.h"
#include "values/value_object.h"

/// Where answers wait for an event loop: the library's threads put them in and
/// make a descriptor readable, the loop's thread takes them out. Holds no Python
/// object, so that no other thread ever touches one.
namespace sessionvitals::python {

class Channel : public std::enable_shared_from_this<Channel> {
 public:
  /// What a call asks, for the log.
  struct CallSubject {
    std::string_view provider;
    std::string_view operation;
    std::optional<std::string> session_id;
  };

  /// One answer, that becomes Python's when it is taken.
  class Completion {
   public:
    explicit Completion(std::uint64_t token) : token_(token) {}
    virtual ~Completion() = default;
    Completion(const Completion&) = delete;
    Completion& operator=(const Completion&) = delete;

    std::uint64_t token() const { return token_; }
    virtual py::object error() = 0;  // None if there is none
    virtual void log(const LogLevels& listening, const py::object& error) = 0;
    virtual py::object answer() = 0;  // if there is no error; last

   private:
    std::uint64_t token_;
  };

  Channel() {
    if (wakeup_.descriptor() >= 0) return;
    PyErr_SetFromErrno(PyExc_OSError);
    throw py::error_already_set();
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// From any thread. The descriptor becomes readable once for all answers that come together.
  void put(std::unique_ptr<Completion> completion) {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex_);
      was_empty = completions_.empty();
      completions_.push_back(std::move(completion));
    }
    if (was_empty) engine::Round::at_end([self = shared_from_this()] { self->signal(); });
  }

  /// Makes the descriptor readable without an answer. From any thread.
  void signal() const { wakeup_.signal(); }

  int descriptor() const { return wakeup_.descriptor(); }

  /// Returns all there is, and makes the descriptor unreadable.
  std::vector<std::unique_ptr<Completion>> take() {
    wakeup_.drain();
    const std::lock_guard lock(mutex_);
    return std::exchange(completions_, {});
  }

 private:
  engine::Wakeup wakeup_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Completion>> completions_;
};

template <class Answer>
class ResultCompletion final : public Channel::Completion {
 public:
  ResultCompletion(std::uint64_t token, Channel::CallSubject subject, Result<Answer>&& result)
      : Completion(token), subject_(std::move(subject)), result_(std::move(result)) {}

  py::object error() override { return result_ ? py::none() : to_exception(result_.error()); }
  void log(const LogLevels& listening, const py::object& error) override {
    // A call is cancelled by its task, which nobody waits for any more.
    if (!result_ && result_.error().kind() == ErrorKind::call_cancelled) return;
    log_result(subject_.provider, subject_.operation, subject_.session_id, result_, listening,
               error);
  }
  py::object answer() override { return py::cast(*std::move(result_)); }

 private:
  Channel::CallSubject subject_;
  Result<Answer> result_;
};

}  // namespace sessionvitals::python
