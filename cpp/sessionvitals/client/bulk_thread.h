#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "sessionvitals/client/bulk.h"
#include "sessionvitals/client/bulk_calls.h"
#include "sessionvitals/engine/fork.h"

/// What lies between those who use a bulk and the thread that makes its calls:
/// ids go in, outcomes come out, no more of both than a window. Private to bulk.cpp.
namespace sessionvitals {

class BulkThread : public std::enable_shared_from_this<BulkThread> {
 public:
  using Pending = BulkCalls::Pending;

  /// `plan` may be what is wrong with the options: what every id then fails with.
  BulkThread(const Client& client, Result<BulkPlan> plan, std::function<void()> on_ready,
             bool (*is_interrupted)());

  const Error* configuration_error() const { return plan_ ? nullptr : &plan_.error(); }
  bool is_inherited() const { return is_started_ && generation_ != engine::fork_generation(); }
  bool is_over() const;
  Clock::duration closed_for() const;
  bool is_done() const;
  std::size_t room() const;

  void expect(std::unordered_map<std::string, std::size_t> repeated);
  void add(std::span<Pending> given);
  void finish();

  std::vector<Outcome> take();
  std::vector<Outcome> take_ready();
  std::size_t take_rows();
  std::size_t take_ready_rows();
  bool wait_ready(Clock::duration longest);

  void stop();
  static void stop_all();

 private:
  void start();
  bool wait(std::unique_lock<std::mutex>& lock, Clock::duration longest);
  void await_output(std::unique_lock<std::mutex>& lock);
  void notify(std::unique_lock<std::mutex> lock);

  // The thread's own.
  void run();
  bool take_input();
  void hand_over(std::size_t rows);

  const Client client_;
  const Result<BulkPlan> plan_;
  const std::size_t window_;
  const std::function<void()> on_ready_;
  bool (*const is_interrupted_)();

  mutable std::mutex mutex_;
  std::condition_variable has_input_;
  std::condition_variable has_output_;
  std::vector<Pending> input_;
  std::unordered_map<std::string, std::size_t> repeated_;
  std::vector<Outcome> output_;
  std::size_t rows_ = 0;  // added to the table, and not yet taken
  std::size_t added_ = 0;
  std::size_t taken_ = 0;
  bool is_hungry_ = false;  // the thread could ask for more ids than it has
  bool is_finished_ = false;
  bool must_end_ = false;  // Ctrl-C
  bool is_stopping_ = false;
  std::optional<Error> start_error_;  // why there is no thread

  std::atomic<bool> is_started_ = false;
  std::atomic<bool> is_over_ = false;
  std::uint32_t generation_ = 0;  // of the process that the thread is in
  std::unique_ptr<BulkCalls> calls_;
  std::vector<Outcome> concluded_;  // by the thread, and not yet handed over
  Clock::duration longest_wait_{};
  Clock::time_point told_{};  // when the caller was last woken for rows
  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace sessionvitals
