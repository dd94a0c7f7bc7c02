#pragma once

#include <functional>
#include <utility>
#include <vector>

/// What a driver of many calls tells of, round by round: each wait may bring the end
/// of many calls, and who is to be woken for them is woken once.
namespace sessionvitals::engine {

/// A round of this thread, from its making until it goes.
class Round {
 public:
  Round() : outer_(std::exchange(current_, this)) {}
  ~Round() {
    current_ = outer_;
    for (const auto& work : at_end_) work();
  }
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

  /// Does the work at the end of the round that this thread is in; at once in a thread
  /// that is in none.
  static void at_end(std::function<void()> work) {
    if (current_ == nullptr) return work();
    current_->at_end_.push_back(std::move(work));
  }

 private:
  static inline thread_local Round* current_ = nullptr;

  Round* outer_;
  std::vector<std::function<void()>> at_end_;
};

}  // namespace sessionvitals::engine
