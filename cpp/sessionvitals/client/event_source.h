#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "sessionvitals/client/exchange.h"
#include "sessionvitals/context.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/operation.h"
#include "sessionvitals/report.h"
#include "sessionvitals/server_sent_event.h"
#include "sessionvitals/timestamp.h"

namespace sessionvitals {

/// A stream that says nothing for this long, not even a comment, is given up: its
/// connection may be dead without a sign. Servers send a comment every 15 to 30 s.
inline constexpr std::chrono::seconds kDefaultIdleTimeout{90};

/// Returns why the answer with that head is no stream of events; nothing if it is one.
std::optional<Error> refuse_head(const Response& head);

struct ClientCore;  // client_core.h
struct CallPlan;    // client_core.h
struct OpenedStream;

/// How long a stream may take, and what ends it besides its call's CancelToken.
struct StreamLimits {
  Clock::duration idle_timeout = kDefaultIdleTimeout;     // between two bytes
  Clock::time_point deadline = Clock::time_point::max();  // of the whole of it
  std::optional<CancelToken> stop = {};
};

/// One open stream of server-sent events. It holds a connection of its own, outside
/// its pool's count, until it ends or is destroyed, and reads no faster than its
/// events are asked for. Belongs to one thread at a time; its call's CancelToken may
/// be cancelled from any.
class EventSource {
 public:
  struct State;

  /// Sends the request and waits for the head of its answer, within the plan's
  /// timeout; after it, the limits hold.
  static OpenedStream open(std::shared_ptr<const ClientCore> core, const OperationTraits& traits,
                           Request request, const CallPlan& plan, const StreamLimits& limits);

  ~EventSource();
  EventSource(EventSource&&) noexcept;
  EventSource& operator=(EventSource&&) noexcept;

  /// Waits for the next event and returns it; nothing at the end, if the server has
  /// ended the stream in good order, and ever after. Fails with a TransportError if
  /// the connection breaks or is cut, DeadlineExceeded if it is silent for the idle
  /// timeout or its deadline passes, CallCancelled, or a ContractError for a line or an
  /// event of more than 1 MiB; and ever after with the same error.
  Result<std::optional<ServerSentEvent>> next();

  /// Returns the error with the report of the stream's call, and without its secret.
  Error with_report(Error error) const;

  /// How long the server asks its clients to wait before they connect again.
  std::optional<std::chrono::milliseconds> retry() const;

  /// The last id that the server has given its events, with data or without; the request's
  /// Last-Event-ID until it gives one. Empty: none.
  const std::string& last_event_id() const;

  /// True once next() has returned the end of the stream, or the error that it ended with: all that
  /// had come of it was returned before.
  bool is_over() const;

  /// True if the server has said that there is no stream and never will be (HTTP 204).
  bool is_none() const;

  /// When the last bytes came, comments included; at first, the head.
  Timestamp heard_at() const;

 private:
  explicit EventSource(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// What came of opening a stream: the stream, or an answer that is none, or an error.
struct OpenedStream {
  std::optional<EventSource> source;
  Exchange exchange;  // if there is no source
};

/// The events of a Stream, parsed.
template <class Op>
class Events {
 public:
  Events(const Op& stream, typename Op::Question question, EventSource source)
      : stream_(stream), question_(std::move(question)), source_(std::move(source)) {}

  /// As EventSource::next(), and with parse_event's error for an event that breaks
  /// the contract; after such a one the next event may be asked for.
  Result<std::optional<typename Op::Event>> next() {
    auto event = source_.next();
    if (!event) return std::move(event).error();
    if (!*event) return std::optional<typename Op::Event>();
    auto parsed = stream_.parse_event(question_, **event);
    if (!parsed) return source_.with_report(std::move(parsed).error());
    return std::optional<typename Op::Event>(*std::move(parsed));
  }

  const EventSource& source() const { return source_; }

 private:
  Op stream_;
  typename Op::Question question_;
  EventSource source_;
};

}  // namespace sessionvitals
