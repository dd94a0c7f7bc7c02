#include "sessionvitals/client/event_source.h"

#include <string>
#include <utility>

#include "sessionvitals/client/client_core.h"
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

Error not_an_event_stream(const Response& response) {
  const std::string* type = find_header(response.headers, "Content-Type");
  return Error(Violation{"", "a Content-Type of text/event-stream",
                         type == nullptr ? "none" : engine::quoted(*type)});
}

}  // namespace

struct EventSource::State {
  std::shared_ptr<const ClientCore> core;
  OperationTraits traits;
  Request request;
  std::optional<CancelToken> cancel;
  bool (*is_interrupted)() = nullptr;
  Clock::duration idle_timeout;
  std::shared_ptr<CallReport> report = std::make_shared<CallReport>();
  std::unique_ptr<engine::Call> call = {};  // until the stream is over
  std::string received = {};                // of which `read` bytes are split already
  std::size_t read = 0;
  engine::EventSplitter splitter = {};
  std::optional<Error> error = {};  // what the stream ended with

  engine::Call::Progress drive(Clock::time_point deadline) {
    const Context context{.deadline = deadline,
                          .cancel = cancel ? &*cancel : nullptr,
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
    const bool is_done = drive(Clock::now() + idle_timeout) == engine::Call::Progress::done;
    received = call->take_body();
    read = 0;
    if (is_done) end();
  }

  /// The call is over: keeps what the stream ended with.
  void end() {
    if (auto response = finish_call().response; !response) error = std::move(response).error();
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
      if (error) return *error;
      if (!call) return std::optional<ServerSentEvent>();
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
                               Clock::duration idle_timeout) {
  const Clock::time_point deadline = Clock::now() + plan.timeout;
  auto state = std::unique_ptr<State>(new State{.core = std::move(core),
                                                .traits = traits,
                                                .request = std::move(request),
                                                .cancel = plan.cancel,
                                                .is_interrupted = plan.is_interrupted,
                                                .idle_timeout = idle_timeout});
  state->call =
      state->core->transport->begin(state->request, plan.policy, deadline, *state->report);
  state->call->stream_body();
  const bool is_streaming = state->drive(deadline) == engine::Call::Progress::streaming;
  if (!is_streaming && !state->call->is_streaming()) {
    auto exchange = state->finish_call();
    const bool is_empty = exchange.response && exchange.response->http_status == 204;
    if (!is_empty) return {std::nullopt, std::move(exchange)};
    return {EventSource(std::move(state)), {Response(), nullptr}};  // a stream without events
  }
  if (!is_event_stream(state->call->response())) {
    state->call->refuse(not_an_event_stream(state->call->response()));
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
  error.set_call(state_->report);
  error.set_may_have_taken_effect(may_have_taken_effect(state_->traits.effect, *state_->report));
  return error;
}

std::optional<std::chrono::milliseconds> EventSource::retry() const {
  return state_->splitter.retry();
}

}  // namespace sessionvitals
