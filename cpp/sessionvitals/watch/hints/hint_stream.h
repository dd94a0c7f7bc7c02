#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "sessionvitals/client/event_source.h"
#include "sessionvitals/engine/http/event_splitter.h"
#include "sessionvitals/watch/hints/hint_plan.h"
#include "sessionvitals/watch/watch_thread.h"

/// The vendor's stream of what all sessions of the account do, which the watches of a client share.
/// All of it is guarded by the mutex of the client's thread. Private.
namespace sessionvitals {

/// A watch. It must leave the stream before it is destroyed, and not while it is called.
class HintListener {
 public:
  virtual void heed(const Hint& hint, Clock::time_point now) = 0;

  /// The stream has been opened, and tells nothing of before.
  virtual void look_at_all_again(Clock::time_point now) = 0;

  virtual void tell_of_any(const Error& error, Timestamp wall) = 0;

  /// The stream is refused, and is not opened again: leaves it.
  virtual void give_up_hints() = 0;

 protected:
  ~HintListener() = default;
};

class HintStream final : public WatchMember {
 public:
  /// Returns the one of the client that may be silent for so long, or a new one, which is asked
  /// for by `call`.
  static std::shared_ptr<HintStream> of(WatchThread& thread, const CallPlan& call,
                                        Clock::duration silence);

  HintStream(WatchThread& thread, CallPlan call, Clock::duration silence);
  ~HintStream() override;

  /// Tells the listener from now on. The first has it opened, at `at`.
  void join(HintListener& listener, Clock::time_point at);

  /// The last one has it closed.
  void leave(HintListener& listener);

  // As in WatchMember: it ends with its listeners.
  void expire() override {}
  void end_cancelled() override {}
  void stop() override {}
  void tell() override {}

 private:
  class Opening;

  std::optional<Error> hear(engine::Call& call, Clock::time_point now);
  std::optional<Error> read(std::string_view bytes, Clock::time_point now);
  void conclude(Exchange exchange, const LookTime& look);

  const Stream<NoQuestion, Hint>& stream() const { return *thread_.client().provider().hints; }

  WatchThread& thread_;
  const CallPlan call_;
  const Clock::duration silence_;
  std::vector<HintListener*> listeners_;
  std::unique_ptr<Opening> opening_;  // while there are listeners
  HintPlan plan_;
  engine::EventSplitter splitter_;
};

}  // namespace sessionvitals
