#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sessionvitals/engine/call/gate.h"
#include "sessionvitals/engine/call/retry.h"
#include "sessionvitals/engine/http/encode.h"
#include "sessionvitals/engine/http/message_reader.h"
#include "sessionvitals/engine/net/dial.h"
#include "sessionvitals/engine/net/pool.h"

/// One call, from the gate to the response, as a state machine: it goes as far
/// as it can without waiting and says what it waits for. Two drivers move it:
/// poll in the caller's thread (transport.cpp) and epoll for many (reactor.h).
namespace sessionvitals::engine {

/// What all calls to one base URL have in common.
struct Endpoint {
  Endpoint(const Url& url, std::shared_ptr<Pool> shared_pool,
           std::shared_ptr<RateLimitGate> shared_gate);

  SharedText origin;  // for reports
  Destination destination;
  std::shared_ptr<Pool> pool;
  std::shared_ptr<RateLimitGate> gate;
};

/// Bytes that have been received and not been read yet. The first need no allocation.
class ReceiveBuffer {
 public:
  void clear() { begin_ = end_ = 0; }
  std::string_view unread() const { return {bytes() + begin_, end_ - begin_}; }

  /// Drops what was read: `rest` is the end of unread() that was not.
  void keep(std::string_view rest);

  /// Room for more bytes, at least 1 KiB; say with add() how many came. Moves the
  /// unread bytes.
  char* room();
  std::size_t room_size() const { return capacity() - end_; }
  void add(std::size_t size) { end_ += size; }

 private:
  char* bytes() { return more_.empty() ? first_.data() : more_.data(); }
  const char* bytes() const { return more_.empty() ? first_.data() : more_.data(); }
  std::size_t capacity() const { return more_.empty() ? first_.size() : more_.size(); }

  // Room for every answer in the three contracts.
  std::array<char, 4096> first_;  // uninitialized on purpose: it is written before it is read
  std::string more_;              // used in place of it once it has been full
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class Call final {
 public:
  enum class Progress {
    waiting,
    streaming,  // the head, or a piece of the body, has come: see response() and take_body()
    done,
  };

  /// How a step receives: it may block in the receive for Connection::kBlock, if there is time for
  /// it; it tries at once; or, having sent, it first waits to be told of an answer, which saves a
  /// attempt that would find nothing.
  enum class Receive { may_block, at_once, when_ready };

  /// Everything given must outlive the call. Writes to `report` as it goes.
  Call(const Endpoint& endpoint, const Request& request, const CallPolicy& policy,
       Clock::time_point deadline, CallReport& report);
  /// A call is large, and a driver of many makes one after another: the memory of those that
  /// have gone is kept for the next ones of their thread.
  static void* operator new(std::size_t size);
  static void operator delete(void* place);

  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Before the first step: lets the body of a 2xx answer out as it comes, of any
  /// length, in place of collecting it. Other answers are collected, and retried,
  /// as ever; once streaming() has been said, nothing is sent again.
  void stream_body() { may_stream_ = true; }

  /// Goes on as far as it can.
  Progress step(Receive how, WaitSet& waiting);

  /// Ends the call from outside: its deadline has passed, or it was cancelled.
  void end(WakeReason why);

  /// Ends a call that streams, or has streamed, with that error: its body is no use.
  void refuse(Error error);

  /// The outcome, once the call is done or has been ended. Its body is empty if it
  /// was streamed.
  Result<Response> take() { return *std::move(outcome_); }

  /// For a streamed answer: its head, and the body that has come since the last look.
  bool is_streaming() const { return is_streaming_; }
  const Response& response() const { return response_; }
  std::string take_body() { return std::exchange(response_.body, {}); }

 private:
  enum class Stage { gate, queue, dial, send, receive, wait, done };
  enum class Next { go_on, wait, hand_over };

  Next pass_gate(WaitSet& waiting);
  Next join_queue(WaitSet& waiting);
  Next dial(WaitSet& waiting);
  Next send(WaitSet& waiting);
  Next receive(bool may_block, WaitSet& waiting);
  Next finish_wait(WaitSet& waiting);

  void begin_attempt();
  void end_attempt(SharedText error);
  void drop_connection();
  Next replace_stale(std::string error);
  Next lose_connection(std::string error);
  Next fail_attempt(LastAttempt last, Error error);
  std::optional<Next> read_response(bool is_closed);
  void take_head(Head&& head);
  Next fail_contract(const Violation& violation);
  Next fail_proxy(const Proxy& proxy);
  Next take_response();
  Next retry_or_finish(const LastAttempt& last, Result<Response> outcome);
  Next finish(Result<Response>&& outcome);
  Next finish();  // with the outcome of the last attempt
  Next answer_by_gate();
  bool is_stale_reuse() const;
  std::chrono::microseconds since_start(Clock::time_point now) const;

  const Endpoint& endpoint_;
  const Request& request_;
  const CallPolicy policy_;
  const Clock::time_point deadline_;
  const Clock::time_point started_;
  const std::uint32_t generation_;
  CallReport& report_;

  Stage stage_ = Stage::gate;
  Clock::time_point now_;
  Attempt attempt_;
  Clock::time_point attempt_started_;
  Clock::time_point go_on_at_{};  // the end of a wait, for the gate or a retry
  int retries_ = 0;
  bool has_replaced_stale_ = false;
  bool needs_fresh_ = false;

  Lease lease_;
  std::optional<Dial> dial_;
  std::unique_ptr<Connection> connection_;
  std::string wire_;  // the request, as it is sent
  ReceiveBuffer buffer_;
  MessageReader reader_;
  Response response_;  // as far as it has come
  bool keeps_alive_ = false;
  bool may_stream_ = false;
  bool is_streaming_ = false;                // from the head on
  std::optional<Result<Response>> outcome_;  // of the call, or of its last attempt until then
};

}  // namespace sessionvitals::engine
