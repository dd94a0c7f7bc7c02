#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_set>

#include "sessionvitals/errors.h"

/// When a stream that was lost is opened again, and what of it has come before. Pure.
namespace sessionvitals {

/// How long to wait before each attempt.
class Reconnection {
 public:
  static constexpr std::chrono::duration<double> kMax{30};

  explicit Reconnection(std::chrono::duration<double> first) : first_(first) {}

  /// Something of the stream has come: the next loss is a first one.
  void note_success() { failures_ = 0; }

  /// Returns the wait before the next attempt. `asked` is what the server wants at least; `jitter`
  /// is from 0 to below 1.
  std::chrono::duration<double> next_wait(std::chrono::duration<double> asked, double jitter);

 private:
  std::chrono::duration<double> first_;
  int failures_ = 0;
};

/// Returns true for an error that another attempt may cure: the network's, and the HTTP statuses
/// that are retried.
bool may_be_cured(const Error& error);

/// The ids that came last.
class RecentIds {
 public:
  static constexpr std::size_t kMax = 10'000;

  /// Returns true if the id is none of those.
  bool add(std::int64_t id);

 private:
  std::unordered_set<std::int64_t> known_;
  std::deque<std::int64_t> in_order_;
};

}  // namespace sessionvitals
