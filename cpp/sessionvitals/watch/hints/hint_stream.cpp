#include "sessionvitals/watch/hints/hint_stream.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

namespace sessionvitals {

/// The call that opens it, and opens it again. It keeps the stream, as it may be on its way when
/// the last listener has left.
class HintStream::Opening final : public Poll {
 public:
  explicit Opening(std::shared_ptr<HintStream> hints) : Poll(*hints), hints_(std::move(hints)) {}

  const CallPlan& call_plan() const override { return hints_->call_; }
  OperationTraits traits() const override { return hints_->stream().traits(); }
  Result<Request> build() override {
    return hints_->stream().build({}, hints_->thread_.client().core().credential);
  }
  std::optional<Clock::duration> silence() const override { return hints_->silence_; }
  std::optional<Error> hear(engine::Call& call, Clock::time_point now) override {
    return hints_->hear(call, now);
  }
  void conclude(Exchange exchange, const LookTime& look) override {
    const std::shared_ptr<HintStream> hints = hints_;  // it may destroy this
    hints->conclude(std::move(exchange), look);
  }

 private:
  const std::shared_ptr<HintStream> hints_;
};

std::shared_ptr<HintStream> HintStream::of(WatchThread& thread, const CallPlan& call,
                                           Clock::duration silence) {
  std::erase_if(thread.hint_streams, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<HintStream>& known = thread.hint_streams[silence];
  auto hints = known.lock();
  // One that was closed may still be on its way.
  if (hints && hints->opening_) return hints;
  hints = std::make_shared<HintStream>(thread, call, silence);
  known = hints;
  return hints;
}

HintStream::HintStream(WatchThread& thread, CallPlan call, Clock::duration silence)
    : thread_(thread), call_(std::move(call)), silence_(silence) {}

HintStream::~HintStream() = default;

void HintStream::join(HintListener& listener, Clock::time_point at) {
  listeners_.push_back(&listener);
  if (plan_.is_open()) return listener.look_at_all_again(Clock::now());
  if (opening_) return;
  opening_ = std::make_unique<Opening>(std::static_pointer_cast<HintStream>(shared_from_this()));
  thread_.plan(*opening_, at);
}

void HintStream::leave(HintListener& listener) {
  std::erase(listeners_, &listener);
  if (listeners_.empty() && opening_) thread_.drop(std::move(opening_));
}

std::optional<Error> HintStream::hear(engine::Call& call, Clock::time_point now) {
  if (!plan_.is_open()) {
    if (auto refused = refuse_head(call.response())) return refused;
    splitter_ = {};
    plan_.note_open(now);
    for (HintListener* listener : listeners_) listener->look_at_all_again(now);
  }
  const std::string bytes = call.take_body();
  if (bytes.empty()) return std::nullopt;
  plan_.note_bytes(now);
  return read(bytes, now);
}

std::optional<Error> HintStream::read(std::string_view bytes, Clock::time_point now) {
  for (;;) {
    auto item = splitter_.next(bytes);
    if (auto* violation = std::get_if<Violation>(&item)) return Error(std::move(*violation));
    const auto* event = std::get_if<ServerSentEvent>(&item);
    if (event == nullptr) return std::nullopt;
    auto hint = stream().parse_event({}, *event);
    if (!hint) return std::move(hint).error();  // of whichever session it is: all are looked at
    if (!plan_.is_new(hint->id)) continue;
    for (HintListener* listener : listeners_) listener->heed(*hint, now);
  }
}

void HintStream::conclude(Exchange exchange, const LookTime& look) {
  std::optional<Error> error;
  std::chrono::duration<double> asked = splitter_.retry().value_or(std::chrono::milliseconds(0));
  if (!exchange.response) {
    error = std::move(exchange.response).error();
  } else if (!plan_.is_open()) {
    error = stream().parse_error({}, *exchange.response);
    if (exchange.response->http_status < 300 && !refuse_head(*exchange.response)) error.reset();
  }
  if (error) {
    if (const ErrorResponse* response = error->error_response()) {
      asked = std::max<std::chrono::duration<double>>(
          asked, response->retry_after.value_or(std::chrono::milliseconds(0)));
    }
    error->redact(thread_.client().core().credential.key);
    error->set_call(exchange.report);
  }
  asked = std::min<std::chrono::duration<double>>(asked, kMaxTimeout);
  const HintPlan::Loss loss = plan_.lose(error, asked, look.ended, look.chance);
  if (loss.is_told) {
    if (!error) {
      error = Error(ErrorKind::transport_error, Phase::receive,
                    "The server ends its stream of events again and again.");
    }
    for (HintListener* listener : listeners_) listener->tell_of_any(*error, look.wall);
  }
  if (loss.again) return thread_.plan(*opening_, *loss.again);
  for (HintListener* listener : std::vector(listeners_)) listener->give_up_hints();
}

}  // namespace sessionvitals
