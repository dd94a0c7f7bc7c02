#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/engine/call/gate.h"
#include "sessionvitals/engine/call/retry.h"
#include "sessionvitals/engine/http/codec.h"
#include "sessionvitals/engine/http/framing.h"
#include "sessionvitals/engine/net/dial.h"
#include "sessionvitals/engine/net/pool.h"
#include "sessionvitals/engine/transport.h"

/// One call, from the gate to the response, as a state machine: it goes as far
/// as it can without waiting and says what it waits for. Two drivers move it:
/// poll in the caller's thread (transport.cpp) and an event loop (loop.h).
namespace sessionvitals::engine {

/// What all calls to one base URL have in common.
struct Endpoint {
  Endpoint(const Url& url, std::shared_ptr<Pool> shared_pool);

  std::string origin;         // for reports
  std::string target_prefix;  // of every target: the path prefix, after a proxy's absolute form
  std::shared_ptr<Pool> pool;
  std::shared_ptr<Gate> gate;
  mutable EncodingCache encodings;
};

/// What has been received so far. The first bytes need no allocation.
class ReceiveBuffer {
 public:
  void clear();
  std::string_view view() const;

  /// Room for more bytes, at least 1 KiB; say with add() how many came.
  char* room();
  std::size_t room_size() const;
  void add(std::size_t size);

 private:
  // Room for every answer in the three contracts.
  std::array<char, 4096> first_;  // uninitialized on purpose: it is written before it is read
  std::string more_;
  std::size_t size_ = 0;
};

class Call {
 public:
  enum class Progress { waiting, done };

  /// How a step receives: it may block in the receive for Connection::kBlock, if there is time for
  /// it; it tries at once; or, having sent, it first waits to be told of an answer, which saves a
  /// try that would find nothing.
  enum class Receive { may_block, at_once, when_ready };

  /// Everything given must outlive the call. Writes to `report` as it goes.
  Call(const Endpoint& endpoint, const Request& request, const RetryPolicy& policy,
       Clock::time_point deadline, CallReport& report);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Goes on as far as it can.
  Progress step(Receive how, Waiting& waiting);

  /// Ends the call from outside: its deadline has passed, or it was cancelled.
  void end(Woken why);

  /// The outcome, once the call is done or has been ended.
  Result<Response> take() { return *std::move(outcome_); }

  Phase phase() const { return try_.phase; }

 private:
  enum class Stage { gate, queue, dial, send, receive, wait, done };
  enum class Next { go_on, wait };

  Next pass_gate(Waiting& waiting);
  Next join_queue(Waiting& waiting);
  Next dial(Waiting& waiting);
  Next send(Waiting& waiting);
  Next receive(bool may_block, Waiting& waiting);
  Next finish_wait(Waiting& waiting);

  void begin_try();
  void end_try(std::string error);
  void drop_connection();
  Next replace_stale(std::string error);
  Next lose_connection(std::string error);
  Next fail_try(LastTry last, Error error);
  Next take_response();
  Next retry_or_finish(const LastTry& last, Result<Response> outcome);
  Next finish(Result<Response> outcome);
  Next answer_by_gate();
  bool is_stale_reuse() const;
  std::chrono::microseconds since_start(Clock::time_point now) const;

  const Endpoint& endpoint_;
  const Request& request_;
  const RetryPolicy policy_;
  const Clock::time_point deadline_;
  const Clock::time_point started_;
  const std::uint32_t generation_;
  CallReport& report_;

  Stage stage_ = Stage::gate;
  Clock::time_point now_;
  Try try_;
  Clock::time_point try_started_;
  Clock::time_point go_on_at_{};  // the end of a wait, for the gate or a retry
  int retries_ = 0;
  bool has_replaced_stale_ = false;
  bool needs_fresh_ = false;

  Lease lease_;
  std::optional<Dial> dial_;
  std::unique_ptr<Connection> connection_;
  std::string wire_;  // the request, as it is sent
  MessageReader reader_;
  ReceiveBuffer buffer_;
  std::optional<Result<Response>> outcome_;  // of the call, or of its last try until then
};

}  // namespace sessionvitals::engine
