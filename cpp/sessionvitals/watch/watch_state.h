#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sessionvitals/watch/hints/hint_stream.h"
#include "sessionvitals/watch/watch.h"
#include "sessionvitals/watch/watch_thread.h"
#include "sessionvitals/watch/watch_token.h"

/// What one watch is: the sessions it follows, and the changes that wait to be taken. All of
/// it is guarded by the mutex of the client's thread. Private to watch.cpp.
namespace sessionvitals {

/// Changes in the order of their coming. Once kMax wait, a session has one more of them at most.
class ChangeQueue {
 public:
  static constexpr std::size_t kMax = 1000;

  void add(Change change);
  std::optional<Change> take();
  void drop(std::string_view session_id);
  void clear();
  bool is_empty() const { return changes_.empty(); }

  /// All that wait, by their numbers.
  const std::map<std::uint64_t, Change>& changes() const { return changes_; }

 private:
  std::map<std::uint64_t, Change> changes_;
  std::unordered_map<std::string, std::uint64_t> last_;  // by id, of those that wait
  std::uint64_t number_ = 0;
};

class WatchState final : public WatchMember, private HintListener {
 public:
  /// How the watch is made, once its options have been found right.
  struct Plan {
    FollowRules rules;
    CallPlan look;
    std::optional<CallPlan> list;    // where the provider has such a call
    std::optional<CallPlan> events;  // where it has a stream of them, and that is wanted
    Clock::duration silence{};       // which that stream may keep
    double rate = 0;
    bool is_paced = false;
    Clock::time_point deadline;
    std::function<void()> on_ready;
  };

  WatchState(WatchThread& thread, Plan plan);
  ~WatchState() override;

  /// Begins to follow, and has the thread do it. Returns why it cannot.
  std::optional<Error> begin(const std::vector<std::string>& ids, const WatchToken* resumed);

  // As in Watch; without the mutex.
  std::optional<Change> next();
  std::optional<Change> take_ready();
  bool is_done();
  std::optional<Error> add(std::string session_id);
  void discard(std::string_view session_id, bool is_reached);
  std::size_t size() const;
  std::optional<WatchOutcome> outcome() const;
  const Error* error() const;
  std::string token() const;
  void close();

  // As in WatchMember.
  void expire() override { end(WatchOutcome::deadline); }
  void end_cancelled() override;
  void stop() override { end(WatchOutcome::closed); }
  void tell() override;

 private:
  class Look;
  class ListLook;

  // With the mutex:
  std::optional<Error> check(const std::string& session_id) const;
  Look* follow(const std::string& session_id);
  void apply(Look& look, Told told);
  void apply_list(Result<Page<Session>> sessions, const LookTime& time);
  void apply_failed_list(const Error& error, const LookTime& time);
  void settle(Look& look, bool is_reached);
  bool is_list_away() const;
  void choose_way();
  void listen_or_not();
  void stop_listening();
  void heed(const Hint& hint, Clock::time_point now) override;
  void look_at_all_again(Clock::time_point now) override;
  void tell_of_any(const Error& error, Timestamp wall) override;
  void give_up_hints() override;
  void give(Look& look, Change change);
  void release();
  void end(WatchOutcome outcome);
  void fail(Error error);
  std::vector<WatchTokenSession> sessions_to_resume() const;
  std::optional<Change> take();
  bool is_all_settled() const;
  WatchOutcome settled_outcome() const;
  std::vector<Look*> all_looks() const;

  const Client& client() const { return thread_.client(); }

  WatchThread& thread_;
  const Plan plan_;

  std::unordered_map<std::string_view, std::unique_ptr<Look>> looks_;  // by its own id
  std::unique_ptr<Poll> list_;                                         // see choose_way()
  std::shared_ptr<HintStream> hints_;                                  // see listen_or_not()
  Pace list_pace_;
  int list_failures_ = 0;  // in a row
  bool may_list_;
  bool may_listen_;
  bool has_only_reached_ = true;
  std::vector<Change> held_;  // "not found" at first sight, until one is found
  std::size_t unseen_ = 0;    // of those that the watch began with; 0: nothing is held

  std::vector<WatchTokenSession> left_;  // of a watch that has ended, what it followed
  ChangeQueue queue_;
  std::condition_variable has_changed_;
  std::optional<WatchOutcome> outcome_;
  std::unique_ptr<const Error> error_;
};

}  // namespace sessionvitals
