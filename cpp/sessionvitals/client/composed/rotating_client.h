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
/// once; what the function throws, passes.
template <class C>
class RotatingClient {
 public:
  RotatingClient(std::function<std::string()> ask, std::function<C(std::string)> make)
      : ask_(std::move(ask)), make_(std::move(make)) {}

  /// Returns the client that has the present key, at most a minute old.
  C client() {
    const std::lock_guard lock(mutex_);
    return *present();
  }

  /// Calls `use` with the client. If the server refuses the key with a 401 and the function
  /// then gives another, a call that only reads (a GET) is made once more, with the
  /// options that `use` passes; the next call has the other key in any case.
  template <class Use>
  auto call(Use use) -> decltype(use(std::declval<const C&>())) {
    const std::shared_ptr<const C> used = shared();
    auto answer = use(*used);
    if (answer || answer.error().kind() != ErrorKind::authentication_error) return answer;
    const auto& report = answer.error().call();
    const std::shared_ptr<const C> other = replace(used);
    if (other == used || !report || report->method.view() != "GET") return answer;
    return use(*other);
  }

 private:
  static constexpr std::chrono::seconds kQuestionInterval{60};

  std::shared_ptr<const C> shared() {
    const std::lock_guard lock(mutex_);
    return present();
  }

  // Returns the client to use after the key of `refused` was refused: the same if there is
  // no other key. The function is asked once about a refused key.
  std::shared_ptr<const C> replace(const std::shared_ptr<const C>& refused) {
    const std::lock_guard lock(mutex_);
    if (client_ == refused && refused_ != key_) {
      refused_ = key_;
      renew();
    }
    return client_;
  }

  const std::shared_ptr<const C>& present() {
    if (!client_ || Clock::now() - asked_ >= kQuestionInterval) renew();
    return client_;
  }

  void renew() {
    std::string key = ask_();
    asked_ = Clock::now();
    if (client_ && key == key_) return;
    client_ = std::make_shared<const C>(make_(key));
    key_ = std::move(key);
  }

  const std::function<std::string()> ask_;
  const std::function<C(std::string)> make_;
  std::mutex mutex_;  // of all below, and held while the function is asked
  std::shared_ptr<const C> client_;
  std::string key_;
  std::optional<std::string> refused_;
  Clock::time_point asked_;
};

}  // namespace sessionvitals
