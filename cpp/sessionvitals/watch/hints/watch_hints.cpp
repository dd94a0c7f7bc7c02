#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "sessionvitals/watch/watch_looks.h"

// The stream of events of a watch. What an event says is only ever a reason to look.
namespace sessionvitals {

std::optional<Error> WatchState::HintPoll::hear(engine::Call& call, Clock::time_point now) {
  if (!hints_.is_open()) {
    if (auto refused = refuse_head(call.response())) return refused;
    splitter_ = {};
    hints_.note_open(now);
    watch_.look_at_all_again(now);
  }
  const std::string bytes = call.take_body();
  if (bytes.empty()) return std::nullopt;
  hints_.note_bytes(now);
  return read(bytes, now);
}

std::optional<Error> WatchState::HintPoll::read(std::string_view bytes, Clock::time_point now) {
  for (;;) {
    auto item = splitter_.next(bytes);
    if (auto* violation = std::get_if<Violation>(&item)) return Error(std::move(*violation));
    const auto* event = std::get_if<ServerSentEvent>(&item);
    if (event == nullptr) return std::nullopt;
    auto hint = stream().parse_event({}, *event);
    if (!hint) return std::move(hint).error();  // of whichever session it is: all are looked at
    if (hints_.is_new(hint->id)) watch_.heed(*hint, now);
  }
}

void WatchState::HintPoll::conclude(Exchange exchange, const LookTime& look) {
  if (watch_.outcome_) return;
  std::optional<Error> error;
  std::chrono::duration<double> asked = splitter_.retry().value_or(std::chrono::milliseconds(0));
  if (!exchange.response) {
    error = std::move(exchange.response).error();
  } else if (!hints_.is_open()) {
    error = stream().parse_error({}, *exchange.response);
    if (exchange.response->http_status < 300 && !refuse_head(*exchange.response)) error.reset();
  }
  if (error) {
    if (const ErrorResponse* response = error->error_response()) {
      asked = std::max<std::chrono::duration<double>>(
          asked, response->retry_after.value_or(std::chrono::milliseconds(0)));
    }
    error->redact(watch_.client().core().credential.key);
    error->set_call(exchange.report);
  }
  asked = std::min<std::chrono::duration<double>>(asked, kMaxTimeout);
  const HintPlan::Loss loss = hints_.lose(error, asked, look.ended, look.chance);
  if (loss.is_told) {
    watch_.tell_lost_stream(error ? *error
                                  : Error(ErrorKind::transport_error, Phase::receive,
                                          "The server ends its stream of events again and again."),
                            look.wall);
  }
  if (loss.again) {
    watch_.thread_.plan(*this, *loss.again);
  } else {
    watch_.may_listen_ = false;
  }
}

// Listens where there are enough sessions for a stream of all events of the account, and then to
// the last of them: what it has told of the others may be on its way.
void WatchState::listen_or_not() {
  const bool should_listen = may_listen_ && looks_.size() >= (hints_ ? 1 : kSome);
  if (should_listen && !hints_) {
    hints_ = std::make_unique<HintPoll>(*this);
    // Before the first looks, which need not be made again then.
    Clock::time_point first = Clock::now();
    for (const auto& [id, look] : looks_) {
      if (look->is_planned()) first = std::min(first, look->at - Clock::duration(1));
    }
    thread_.plan(*hints_, first);
  } else if (!should_listen && hints_) {
    thread_.drop(std::move(hints_));
  }
}

void WatchState::heed(const Hint& hint, Clock::time_point now) {
  const auto found = looks_.find(hint.session_id);
  if (found == looks_.end()) return;
  Look& look = *found->second;
  if (!look.is_planned()) {
    look.is_hinted = look.is_hinted || !hint.is_alive;
    return;
  }
  const Clock::time_point at = look.followed.heed(plan_.rules, hint.is_alive, now, look.at);
  if (at != look.at) thread_.plan(look, at);
}

// The stream is open, and tells nothing of before: looks at all that were looked at before, no
// more at once than the budget allows, so that what events say can come in between.
void WatchState::look_at_all_again(Clock::time_point now) {
  const std::chrono::duration<double> step(1 / plan_.rate);
  double number = -plan_.rate;
  for (const auto& [id, look] : looks_) {
    if (!look->is_planned()) {
      look->is_hinted = look->is_doubted = true;
      continue;
    }
    if (look->followed.last() || look->followed.is_failing()) look->followed.doubt();
    if (look->at <= now) continue;
    number += 1;
    const auto wait = std::chrono::ceil<Clock::duration>(step * std::max(number, 0.0));
    thread_.plan(*look, std::min(look->at, now + wait));
  }
}

// Of no session in particular: any stands for all.
void WatchState::tell_lost_stream(const Error& error, Timestamp wall) {
  if (looks_.empty()) return;
  const Followed& followed = looks_.begin()->second->followed;
  Session after = followed.unseen();
  if (followed.last()) after = *followed.last();
  queue_.add({.session_id = followed.id(),
              .before = followed.last(),
              .after = std::move(after),
              .reason = ChangeReason::trouble,
              .missed = false,
              .inferred = {},
              .observed_at = wall,
              .error = error});
  has_changed_.notify_all();
  thread_.tell(*this);
}

}  // namespace sessionvitals
