#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sessionvitals/client/client.h"
#include "sessionvitals/context.h"

namespace sessionvitals {

class BulkThread;    // bulk_thread.h
class OutcomeTable;  // bulk_table.h
struct BulkPlan;     // bulk_calls.h

/// What became of one id.
struct Outcome {
  std::string id;
  Result<Session> session;
};

/// Counts what becomes of the ids and calls of bulks, for metrics: to record each call by itself
/// may cost more than to make it. Any thread may read it, also while the bulks run.
class BulkTally {
 public:
  /// The upper bounds of the buckets of durations, in seconds. Above the last is one more.
  static constexpr std::array<double, 14> kBounds{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                                  0.5,   0.75, 1.0,   2.5,  5.0,   7.5, 10.0};

  struct Durations {
    std::uint64_t count = 0;
    std::chrono::microseconds sum{};
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};  // each without those below it

    void add(std::chrono::microseconds duration);
  };
  struct Counts {
    // By the session's state, or the class of the error; the other one is empty.
    std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> ids;
    std::map<std::pair<std::string_view, std::string_view>, Durations> calls;
    // By the status of the response (0: none), and the class of the error: empty where the
    // response came whole and was no refusal.
    std::map<std::pair<int, std::string_view>, Durations> attempts;
    std::uint64_t retries = 0;                    // attempts after the first of a call
    std::chrono::microseconds rate_limit_wait{};  // the sum of waits that a vendor asked for
  };

  Counts counts() const;

  /// Used by the bulk: once for each call, and once for each id, of which several may have had
  /// the answer of one call.
  void add_call(const Result<Session>& session);
  void add_id(const Result<Session>& session);

 private:
  mutable std::mutex mutex_;
  Counts counts_;
};

struct BulkOptions {
  std::size_t concurrency = 64;  // calls in flight at once, by max_connections at most; 1 to 4096
  bool ordered = false;          // outcomes in the order of the ids, not of their coming
  CallOptions call = {};         // of each id
  // For all ids together; more than 0, at most a day. Without it each has its own timeout.
  std::optional<std::chrono::duration<double>> deadline = {};
  std::shared_ptr<BulkTally> tally = {};  // where to count; bulks may share one
  // Where the outcomes go as rows, in place of take(): for take_rows(). Bulks may share one.
  std::shared_ptr<OutcomeTable> table = {};
};

/// Probes many sessions at once:
///
///     BulkProbe bulk(client, {.concurrency = 64});
///     while (!bulk.is_done()) {
///       while (bulk.room() > 0 && more()) bulk.add(next_id());
///       if (!more()) bulk.finish();
///       for (Outcome& outcome : bulk.take()) use(outcome);
///     }
///
/// The calls run in a thread of the library, so the time of a call ends when its
/// answer is there, however late the outcome is taken. A bulk holds at most a
/// window of ids and outcomes: while outcomes are not taken, running calls finish,
/// give their connections back, and no new ones start.
///
/// At most max_connections of the client are used, whatever `concurrency` says.
/// An id whose equal is in flight when its turn comes shares that call; ids given to expect() are
/// asked for once in all. A forked child cannot use its parent's bulk: see is_inherited().
///
/// Members may be called from several threads at once; only take() waits.
class BulkProbe {
 public:
  /// `on_ready` is called in the library's thread, which it must not hold up, when
  /// outcomes are there to be taken and none were before (of rows: enough of them), and
  /// at the end.
  explicit BulkProbe(const Client& client, const BulkOptions& options = {},
                     std::function<void()> on_ready = {});

  /// Cancels what is left and waits for the thread to end.
  ~BulkProbe();
  BulkProbe(BulkProbe&&) noexcept;
  BulkProbe& operator=(BulkProbe&&) = delete;

  /// Returns what is wrong with the options: what every id then fails with;
  /// nullptr if nothing is.
  const Error* configuration_error() const;

  /// Returns how many more ids it takes before some outcomes must be taken.
  std::size_t room() const;

  /// Declares ids that will be added more than once, each with the number of
  /// times: it is asked for once, and its answer kept until the last of them.
  /// Before add().
  void expect(std::unordered_map<std::string, std::size_t> repeated);

  /// Adds ids. One that cannot be asked for fails alone.
  void add(std::string id);
  void add(std::vector<std::string> ids);

  /// Adds an id that could not even be read as one: its outcome is the error.
  void add_failed(std::string id, Error error);

  /// Declares that no more ids will come.
  void finish();

  /// Waits until some outcomes are there and returns them; returns none once all
  /// that was added has been returned. After the deadline, and when cancelled, all
  /// that is left fails with that.
  std::vector<Outcome> take();

  /// Returns the outcomes that are there, without waiting.
  std::vector<Outcome> take_ready();

  /// As take(), where the options name a table: waits until some rows were added to it, and
  /// returns how many. It may return later than the first of them, so that it is called less often.
  std::size_t take_rows();

  /// Returns how many rows were added since the last time, without waiting.
  std::size_t take_ready_rows();

  /// Waits for an outcome, for that long at most. Returns true if there is one.
  bool wait_ready(Clock::duration longest);

  /// True once it is finished and every outcome has been taken, and when stopped.
  bool is_done() const;

  /// True once the deadline has passed or it was cancelled: ids that are added now
  /// are not asked for any more.
  bool is_over() const;

  /// Returns how long from now an earlier 429 asked all calls to wait; zero if none did.
  Clock::duration closed_for() const;

  /// True in a child forked since the first add(): the calls go on in the parent,
  /// and here room() is 0, take() returns nothing and add() does nothing.
  bool is_inherited() const;

  /// Cancels what is left and ends the thread; outcomes not yet taken are dropped.
  void stop();

  /// Stops all bulks, for the end of the process, which may come while they run.
  static void stop_all();

 private:
  static Result<BulkPlan> make_plan(const Client& client, const BulkOptions& options);

  std::shared_ptr<BulkThread> thread_;
};

}  // namespace sessionvitals
