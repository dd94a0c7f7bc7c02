#include "sessionvitals/streams/ping_events.h"

#include <random>
#include <utility>

#include "sessionvitals/engine/call/outcome.h"
#include "sessionvitals/engine/drivers/wait.h"
#include "sessionvitals/streams/reconnection.h"

namespace sessionvitals {

namespace {

class PingEvents final : public EventStream<PingEvent>::Source {
 public:
  using Next = EventStream<PingEvent>::Next;

  PingEvents(Client client, std::shared_ptr<const StreamState> state)
      : client_(std::move(client)),
        state_(std::move(state)),
        reconnection_(state_->options().reconnect_after) {}

  std::optional<Error> open() override {
    if (!error_ && !is_over_ && !was_open_) connect(state_->options().call);
    return error_;
  }

  Next next() override {
    if (!was_open_) open();
    for (;;) {
      if (error_) return *error_;
      if (is_over_) return std::optional<PingEvent>();
      if (!events_) {
        if (reconnect()) return std::optional<PingEvent>(gap());
        continue;
      }
      auto event = events_->next();
      if (!event && !events_->source().is_over()) return std::move(event).error();  // one bad event
      if (!event || !*event) {
        lose(event ? std::nullopt : std::optional(std::move(event).error()));
        continue;
      }
      reconnection_.note_success();
      if (seen_.add((*event)->id)) return std::optional<PingEvent>(**std::move(event));
    }
  }

  bool is_over() const override { return error_ || is_over_; }

  void use(const Client& client) override {
    client_ = client;
    if (error_ && error_->kind() == ErrorKind::authentication_error) error_.reset();
  }

 private:
  // Returns true if the stream is open.
  bool connect(const CallOptions& options) {
    auto opened =
        client_.open(ping::kEvents, {.last_event_id = last_event_id_}, options, state_->limits());
    if (!opened) {
      error_ = std::move(opened).error();
      return false;
    }
    events_.emplace(*std::move(opened));
    is_over_ = events_->source().is_none();
    was_open_ = true;
    opened_at_ = engine::wall_clock();
    return !is_over_;
  }

  bool reconnect() {
    if (!wait()) return false;
    CallOptions options = state_->options().call;
    options.max_retries = 0;
    if (connect(options)) return true;
    if (error_ && may_be_cured(*error_) && Clock::now() < state_->limits().deadline) {
      asked_ = {};
      if (const ErrorResponse* response = error_->error_response()) {
        asked_ = bounded(response->retry_after.value_or(std::chrono::milliseconds(0)));
      }
      error_.reset();
    }
    return false;
  }

  // Returns false if the deadline passed, or the wait was cancelled.
  bool wait() {
    const double jitter = std::uniform_real_distribution<double>()(random_);
    const auto wait = reconnection_.next_wait(std::max(asked_, floor_), jitter);
    engine::WaitSet waiting;
    waiting.until = Clock::now() + std::chrono::ceil<Clock::duration>(wait);
    const engine::WakeReason woken = engine::wait_for(waiting, state_->context());
    if (woken == engine::WakeReason::go_on) return true;
    error_ = engine::ended_early(woken, Phase::wait);
    return false;
  }

  // The stream is over, with that error if not in good order.
  void lose(std::optional<Error> error) {
    const EventSource& source = events_->source();
    heard_at_ = source.heard_at();
    if (heard_at_ - opened_at_ >= Reconnection::kMax) reconnection_.note_success();
    last_event_id_ = source.last_event_id();
    if (source.retry()) floor_ = bounded(*source.retry());
    asked_ = {};
    events_.reset();
    const bool has_time = Clock::now() < state_->limits().deadline;
    if (error && (!may_be_cured(*error) || !has_time)) error_ = std::move(error);
  }

  StreamGap gap() const { return {.since = heard_at_, .until = opened_at_}; }

  // A server may say any number, and the clock has no room for all.
  static std::chrono::duration<double> bounded(std::chrono::duration<double> wait) {
    return std::min<std::chrono::duration<double>>(wait, kMaxTimeout);
  }

  Client client_;
  const std::shared_ptr<const StreamState> state_;
  Reconnection reconnection_;
  RecentIds seen_;
  std::minstd_rand random_{std::random_device{}()};
  std::optional<Events<std::remove_cv_t<decltype(ping::kEvents)>>> events_;
  std::optional<Error> error_;  // what it ended with
  bool is_over_ = false;        // in good order
  bool was_open_ = false;
  std::string last_event_id_;
  std::chrono::duration<double> asked_{};  // by the answer to the last attempt
  std::chrono::duration<double> floor_{};  // by the stream itself
  Timestamp heard_at_;
  Timestamp opened_at_;
};

}  // namespace

EventStream<PingEvent> open_ping_events(const Client& client, StreamOptions options) {
  auto state = std::make_shared<StreamState>(client, std::move(options));
  return {state, std::make_shared<PingEvents>(client, state)};
}

}  // namespace sessionvitals
