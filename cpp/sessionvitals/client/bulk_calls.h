#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sessionvitals/client/bulk.h"
#include "sessionvitals/client/bulk_table.h"
#include "sessionvitals/engine/drivers/reactor.h"

/// The calls of one bulk, moved by one reactor. Private to bulk.cpp, whose thread
/// owns it; only wake() may be called from others.
namespace sessionvitals {

/// How every call of a bulk is made.
struct BulkPlan {
  std::size_t concurrency;
  bool is_ordered;
  engine::CallPolicy policy;
  Clock::duration timeout;              // of each call
  Clock::time_point deadline;           // of all calls
  std::optional<CancelToken> cancel;    // of all calls
  std::vector<Header> trace_headers;    // of every request
  std::shared_ptr<BulkTally> tally;     // nullptr: nobody counts
  std::shared_ptr<OutcomeTable> table;  // nullptr: outcomes are given as they are
};

class BulkCalls {
 public:
  /// An id in the order of coming. One that cannot be asked for has its error.
  struct Pending {
    std::string id;
    std::unique_ptr<const Error> error;
  };

  BulkCalls(const Client& client, BulkPlan plan);

  /// See BulkProbe::expect().
  void expect(std::unordered_map<std::string, std::size_t> repeated);

  void add(Pending pending);

  /// Starts the calls of added ids that have a place. What has become of an id without a call, and
  /// of all once the calls are over, is for run() to give.
  void start_calls();

  /// Returns whether one more id could be asked for now.
  bool has_place() const { return pending_.empty() && in_flight_.size() < plan_.concurrency; }

  /// True while no id waits and no call is in flight.
  bool is_idle() const { return pending_.empty() && in_flight_.empty(); }

  /// Waits until a call is done, wake() is called or that much time has passed, starts the calls
  /// that then have a place, and adds what has become of ids to `outcomes`, or, where there is
  /// one, to the table. Returns how many rows it added to that.
  std::size_t run(std::vector<Outcome>& outcomes, Clock::duration longest);

  /// Ends all calls; they, and all ids that wait or are added later, fail.
  void end(engine::WakeReason why);

  /// True once the deadline of all calls has passed or they were cancelled.
  bool is_over() const { return over_.has_value(); }

  /// Makes the present run(), or the next one that would wait, return.
  void wake() const { reactor_.wake(); }

 private:
  struct Numbered {
    std::size_t number;
    Pending pending;
  };
  struct InFlight;
  using ById = std::unordered_map<std::string_view, std::unique_ptr<InFlight>>;
  // One call, and all places it is the answer for.
  struct InFlight : engine::ReactorTask {
    ById::iterator place;
    SessionId question;
    Request request;
    std::shared_ptr<CallReport> report;
    std::vector<std::size_t> numbers;
  };
  struct Repeated {
    std::size_t left;  // outcomes still to come
    std::optional<Result<Session>> answer;
  };

  void start_pending();
  void begin_pending();
  void begin(std::size_t number, std::string id);
  std::optional<Error> ask(InFlight& call);
  void conclude(InFlight& call);
  bool answer_from_repeated(Numbered& numbered);
  void keep_repeated(const std::string& id, std::size_t settled, const Result<Session>& session);
  void settle(std::size_t number, std::string&& id, Result<Session>&& session);
  void give(std::string&& id, Result<Session>&& session);

  const Client client_;
  const BulkPlan plan_;
  const Context context_;
  std::optional<Error> over_;  // what every id that is left fails with

  std::size_t added_ = 0;
  std::size_t next_number_ = 0;  // to be given, if in order
  std::deque<Numbered> pending_;
  ById in_flight_;  // each under its own id; never rehashed, so that a place holds
  std::unordered_map<std::string, Repeated> repeated_;
  std::vector<Outcome> ready_;            // in the order to be given
  std::size_t rows_ = 0;                  // added to the table, and not yet said
  std::map<std::size_t, Outcome> early_;  // by number: those that must wait for an earlier one
  std::vector<std::unique_ptr<InFlight>> spare_;
  std::vector<InFlight*> begun_;  // and not started
  engine::Reactor reactor_;       // last: it goes before the calls that it moves
};

}  // namespace sessionvitals
