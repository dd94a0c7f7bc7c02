#include "sessionvitals/client/event_source.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sessionvitals/client/client_core.h"
#include "sessionvitals/engine/call/outcome.h"
#include "sessionvitals/engine/drivers/drive.h"
#include "sessionvitals/engine/http/event_splitter.h"

namespace sessionvitals {

namespace {

bool is_event_stream(const Response& response) {
  const std::string* type = find_header(response.headers, "Content-Type");
  if (type == nullptr) return false;
  std::string_view media_type = std::string_view(*type).substr(0, type->find(';'));
  while (media_type.ends_with(' ')) media_type.remove_suffix(1);
  return equals_ignoring_case(media_type, "text/event-stream");
}

}  // namespace

std::optional<Error> refuse_head(const Response& head) {
  if (is_event_stream(head)) {
    // Compressed, it would only look like a stream without events.
    const std::string* coding = find_header(head.headers, "Content-Encoding");
    if (coding == nullptr || equals_ignoring_case(*coding, "identity")) return std::nullopt;
    return Error(Violation{"", "no Content-Encoding", engine::in_quotes(*coding)});
  }
  const std::string* type = find_header(head.headers, "Content-Type");
  return Error(Violation{"", "a Content-Type of text/event-stream",
                         type == nullptr ? "none" : engine::in_quotes(*type)});
}

struct EventSource::State {
  std::shared_ptr<const ClientCore> core;
  OperationTraits traits;
  Request request;
  std::optional<CancelToken> cancel;
  bool (*is_interrupted)() = nullptr;
  StreamLimits limits;
  std::shared_ptr<CallReport> report = std::make_shared<CallReport>();
  std::unique_ptr<engine::Call> call = {};  // until the stream is over
  std::string received = {};                // of which `read` bytes are split already
  std::size_t read = 0;
  engine::EventSplitter splitter = {};
  std::optional<Error> error = {};  // what the stream ended with
  bool is_none = false;
  bool is_over = false;  // next() has told the end
  Timestamp heard_at = {};

  engine::Call::Progress drive(Clock::time_point deadline) {
    const Context context{.deadline = deadline,
                          .cancel = cancel ? &*cancel : nullptr,
                          .stop = limits.stop ? &*limits.stop : nullptr,
                          .is_interrupted = is_interrupted};
    return engine::drive(*call, context);
  }

  /// The call is over: takes what came of it.
  Exchange finish_call() {
    auto response = call->take();
    call.reset();
    return receive(*core, traits, std::move(response), report);
  }

  /// Waits for more of the body. There is none once the call is over.
  void read_more() {
    const Clock::time_point silent = Clock::now() + limits.idle_timeout;
    const bool is_done = drive(std::min(silent, limits.deadline)) == engine::Call::Progress::done;
    received = call->take_body();
    read = 0;
    if (!received.empty()) heard_at = engine::wall_clock();
    if (is_done) end();
  }

  /// The call is over: keeps what the stream ended with.
  void end() {
    auto response = finish_call().response;
    if (response) return;
    error = std::move(response).error();
    if (error->kind() != ErrorKind::deadline_exceeded || Clock::now() < limits.deadline) return;
    error = Error(ErrorKind::deadline_exceeded, error->phase(),
                  "The stream's deadline passed. Allow more by deadline=.");
  }

  /// The stream is none, or breaks its bounds.
  void refuse(Error violation) {
    if (!call) {
      error = std::move(violation);
      return;
    }
    call->refuse(std::move(violation));
    end();
  }

  Result<std::optional<ServerSentEvent>> next() {
    for (;;) {
      std::string_view unread = std::string_view(received).substr(read);
      auto item = splitter.next(unread);
      read = received.size() - unread.size();
      if (auto* event = std::get_if<ServerSentEvent>(&item))
        return std::optional(std::move(*event));
      if (auto* violation = std::get_if<Violation>(&item)) {
        refuse(Error(std::move(*violation)));
      }
      // The connection may be over while there are events left of what it brought.
      is_over = call == nullptr;
      if (error) return *error;
      if (is_over) return std::optional<ServerSentEvent>();
      read_more();
    }
  }
};

EventSource::EventSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
EventSource::~EventSource() = default;
EventSource::EventSource(EventSource&&) noexcept = default;
EventSource& EventSource::operator=(EventSource&&) noexcept = default;

OpenedStream EventSource::open(std::shared_ptr<const ClientCore> core,
                               const OperationTraits& traits, Request request, const CallPlan& plan,
                               const StreamLimits& limits) {
  const Clock::time_point deadline = std::min(Clock::now() + plan.timeout, limits.deadline);
  auto state = std::unique_ptr<State>(new State{.core = std::move(core),
                                                .traits = traits,
                                                .request = std::move(request),
                                                .cancel = plan.cancel,
                                                .is_interrupted = plan.is_interrupted,
                                                .limits = limits});
  if (const std::string* id = find_header(state->request.headers, "Last-Event-ID")) {
    state->splitter.resume(*id);
  }
  state->call =
      state->core->transport->begin(state->request, plan.policy, deadline, *state->report);
  state->call->stream_body();
  const bool is_streaming = state->drive(deadline) == engine::Call::Progress::streaming;
  state->heard_at = engine::wall_clock();
  if (!is_streaming && !state->call->is_streaming()) {
    auto exchange = state->finish_call();
    state->is_none = exchange.response && exchange.response->http_status == 204;
    if (!state->is_none) return {std::nullopt, std::move(exchange)};
    return {EventSource(std::move(state)), {Response(), nullptr}};  // a stream without events
  }
  if (auto refused = refuse_head(state->call->response())) {
    state->call->refuse(*std::move(refused));
    return {std::nullopt, state->finish_call()};
  }
  state->received = state->call->take_body();
  if (!is_streaming) state->end();  // which came with the head
  return {EventSource(std::move(state)), {Response(), nullptr}};
}

Result<std::optional<ServerSentEvent>> EventSource::next() {
  auto event = state_->next();
  if (!event) return with_report(std::move(event).error());
  return event;
}

Error EventSource::with_report(Error error) const {
  error.redact(state_->core->credential.key);
  auto report = state_->report;
  if (state_->call) {  // which goes on, and the report with it
    report = std::make_shared<CallReport>(*report);
    report->operation = SharedText::of_static(state_->traits.name);
  }
  error.set_call(std::move(report));
  error.set_may_have_taken_effect(state_->traits.effect != Effect::none);  // its head was a 2xx
  return error;
}

std::optional<std::chrono::milliseconds> EventSource::retry() const {
  return state_->splitter.retry();
}

const std::string& EventSource::last_event_id() const { return state_->splitter.last_event_id(); }
bool EventSource::is_over() const { return state_->is_over; }
bool EventSource::is_none() const { return state_->is_none; }
Timestamp EventSource::heard_at() const { return state_->heard_at; }

}  // namespace sessionvitals
