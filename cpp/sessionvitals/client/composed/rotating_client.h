#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "sessionvitals/client/client.h"

namespace sessionvitals {

/// A client whose key changes while the program runs. A function gives the present key; it
/// is asked in the caller's thread, at most once a minute, and once more after a 401:
///
///     RotatingClient<PingClient> ping(
///         [] { return read_key_file(); },
///         [](std::string key) { return PingClient({.api_key = std::move(key)}); });
///     auto status = ping.call([&](const PingClient& client) {
///       return client.session_status("vpn-1");
///     });
///
/// The clients that `make` makes share their connections. Safe to use from many threads at
/// once: while one asks the function, the others use the last key. The time that the function
/// takes is no part of a call's timeout. What it throws, passes, and it is asked at the next
/// call again; so it is if its key cannot be sent, which the call's error says.
template <class C>
class RotatingClient {
 public:
  RotatingClient(std::function<std::string()> ask, std::function<C(std::string)> make)
      : ask_(std::move(ask)), make_(std::move(make)) {}

  /// Returns the client that has the present key, at most a minute old.
  C client() { return *present(); }

  /// Calls `use` with the client. If the server refuses the key with a 401 and the function
  /// then gives another, a call that only reads (a GET) is made once more, with the
  /// options that `use` passes; the next call has the other key in any case.
  template <class Use>
  auto call(Use use) -> decltype(use(std::declval<const C&>())) {
    const Shared used = present();
    auto answer = use(*used);
    if (answer || answer.error().kind() != ErrorKind::authentication_error) return answer;
    const auto& report = answer.error().call();
    const Shared other = replace(used);
    if (other == used || !report || report->method.view() != "GET") return answer;
    return use(*other);
  }

 private:
  using Shared = std::shared_ptr<const C>;

  static constexpr std::chrono::seconds kQuestionInterval{60};

  Shared present() {
    if (Shared last = last_if(/*must_be_new=*/true)) return last;
    std::unique_lock asking(asking_, std::try_to_lock);
    if (!asking) {
      if (Shared last = last_if(/*must_be_new=*/false)) return last;
      asking.lock();  // nobody has a key yet
    }
    if (Shared last = last_if(/*must_be_new=*/true)) return last;
    return renew();
  }

  // Returns the client to use after the key of `refused` was refused: the same if there is
  // no other key. The function is asked once about a refused key.
  Shared replace(const Shared& refused) {
    const std::lock_guard asking(asking_);
    {
      const std::lock_guard lock(mutex_);
      if (client_ != refused || refused_ == key_) return client_ ? client_ : refused;
      refused_ = key_;
    }
    return renew();
  }

  // Returns the last client, if it is there and, where it must be, not a minute old.
  Shared last_if(bool must_be_new) {
    const std::lock_guard lock(mutex_);
    const bool is_new = asked_ && Clock::now() - *asked_ < kQuestionInterval;
    return is_new || !must_be_new ? client_ : nullptr;
  }

  // Asks the function and returns the client of its key; asking_ must be held.
  Shared renew() {
    const auto begun = Clock::now();
    {
      const std::lock_guard lock(mutex_);
      asked_.reset();  // until it has given a key that can be sent
    }
    std::string key = ask_();
    Shared made = has(key) ? nullptr : std::make_shared<const C>(make_(key));
    const std::lock_guard lock(mutex_);
    if (made) {
      if (made->configuration_error()) return made;
      client_ = std::move(made);
      key_ = std::move(key);
    }
    asked_ = begun;
    return client_;
  }

  bool has(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return client_ && key == key_;
  }

  const std::function<std::string()> ask_;
  const std::function<C(std::string)> make_;
  std::mutex asking_;  // held while the function is asked; before mutex_
  std::mutex mutex_;   // of all below
  Shared client_;
  std::string key_;
  std::optional<std::string> refused_;
  std::optional<Clock::time_point> asked_;
};

}  // namespace sessionvitals
