#include "sessionvitals/watch/followed.h"

#include <algorithm>
#include <utility>

namespace sessionvitals {

namespace {

constexpr double kGrowth = 1.5;
constexpr double kSpread = 0.1;  // to each side
// After a known end, so that sessions that end together are not looked at together.
constexpr std::chrono::milliseconds kAfterEnd{250};
// Looks are made on ticks, which are a thousandth of the time between them: the thread wakes once
// for all looks of a tick, and a wake-up costs as much as a look.
constexpr int kTicks = 1000;
constexpr std::chrono::milliseconds kLongestTick{100};
constexpr std::chrono::seconds kPatience{30};
constexpr int kMaxContractErrors = 3;
constexpr std::chrono::hours kMaxKnownEnd{24 * 365};
// After an event that says that a session goes on, its next look can wait; but not for longer
// than the other after the last look, as events may be lost.
constexpr std::chrono::seconds kPutOff{60};
constexpr std::chrono::minutes kMaxUnseen{5};

Clock::duration scaled(Clock::duration time, double factor) {
  return std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double, Clock::period>(static_cast<double>(time.count()) * factor));
}

// Returns the last tick up to then, by a clock that all sessions share.
Clock::time_point on_tick(Clock::time_point time, Clock::duration tick) {
  if (tick.count() <= 1) return time;
  return time - time.time_since_epoch() % tick;
}

bool differs(const FollowRules& rules, const Session& one, const Session& other) {
  if (one.state != other.state || one.provider_state != other.provider_state) return true;
  if (rules.expiry && one.expires_at != other.expires_at) return true;
  return rules.counters &&
         (one.duration != other.duration || one.uploaded_bytes != other.uploaded_bytes ||
          one.downloaded_bytes != other.downloaded_bytes);
}

}  // namespace

bool ends_watch(ErrorKind kind) {
  return kind == ErrorKind::authentication_error || kind == ErrorKind::permission_denied_error ||
         kind == ErrorKind::configuration_error || kind == ErrorKind::call_cancelled;
}

std::string_view reason_name(ChangeReason reason) {
  switch (reason) {
    case ChangeReason::first:
      return "first";
    case ChangeReason::changed:
      return "changed";
    case ChangeReason::final:
      return "final";
    case ChangeReason::trouble:
      return "trouble";
    case ChangeReason::recovered:
      return "recovered";
  }
  return {};
}

void Pace::grow(const FollowRules& rules) {
  if (!rules.every) present_ = std::min(scaled(present_, kGrowth), rules.longest);
}

Clock::time_point Pace::next(const FollowRules& rules, const LookTime& look) const {
  const Clock::duration tick = std::min<Clock::duration>(present_ / kTicks, kLongestTick);
  if (rules.every) return std::max(on_tick(look.begun + present_, tick), look.ended);
  return on_tick(look.ended + scaled(present_, 1 - kSpread + 2 * kSpread * look.chance), tick);
}

Followed::Followed(std::string provider, std::string id, const FollowRules& rules)
    : provider_(std::move(provider)), id_(std::move(id)), pace_(rules) {}

void Followed::resume(Session last, std::optional<Clock::time_point> ends) {
  was_there_ = last.state != SessionState::not_found;
  last_ = std::move(last);
  ends_ = ends;
  has_gap_ = true;
}

Told Followed::see(const FollowRules& rules, Session session, const LookTime& look) {
  Told told;
  const bool is_gone =
      session.state == SessionState::not_found || session.state == SessionState::expired;
  std::optional<SessionState> inferred;
  if (is_gone && ends_ && look.ended >= *ends_) inferred = SessionState::expired;

  const bool is_awaited = this->is_awaited(rules) && session.state == SessionState::not_found;
  told.is_reached = !is_awaited && rules.until.contains(session.state);
  // What the provider no longer knows does not come back, whatever is waited for.
  const bool is_final =
      rules.is_endless ? session.state == SessionState::not_found : kFinal.contains(session.state);
  told.is_over = told.is_reached || (!is_awaited && is_final);
  told.was_changed = !last_ || differs(rules, *last_, session);

  if (told.is_over || told.was_changed || has_told_trouble_) {
    ChangeReason reason = ChangeReason::changed;
    if (has_told_trouble_) reason = ChangeReason::recovered;
    if (!last_) reason = ChangeReason::first;
    if (told.is_over) reason = ChangeReason::final;
    told.change = Change{.session_id = id_,
                         .before = last_,
                         .after = session,
                         .reason = reason,
                         .missed = has_gap_ && last_,
                         .inferred = inferred,
                         .observed_at = look.wall,
                         .error = {}};
  }

  if (told.was_changed) {
    pace_.reset(rules);
  } else {
    pace_.grow(rules);
  }
  told.next = pace_.next(rules, look);
  told.known_end = Clock::time_point::max();
  if (session.live() && session.time_remaining) {
    // A server may say any number.
    const auto left = std::min<std::chrono::milliseconds>(*session.time_remaining, kMaxKnownEnd);
    ends_ = look.ended + left;
    told.known_end = *ends_ + scaled(kAfterEnd, look.chance);
    told.next = std::min(told.next, told.known_end);
  } else if (session.live()) {
    ends_.reset();
  }

  looked_ = look;
  was_there_ = was_there_ || session.state != SessionState::not_found;
  last_ = std::move(session);
  failing_since_.reset();
  has_gap_ = false;
  has_told_trouble_ = false;
  return told;
}

Told Followed::fail(const FollowRules& rules, const Error& error, const LookTime& look) {
  Told told;
  if (ends_watch(error.kind())) {
    told.stops = error;
    return told;
  }
  if (!failing_since_) {
    failing_since_ = look.ended;
    patience_ = std::max<Clock::duration>(3 * pace_.present(), kPatience);
  }
  has_gap_ = true;
  const bool is_contract_error = error.kind() == ErrorKind::contract_error;
  // Of a session that has been read, a broken answer may be a page of maintenance.
  const bool is_over = is_contract_error && !last_ && ++contract_errors_ == kMaxContractErrors;
  const bool is_told = is_contract_error || look.ended - *failing_since_ >= patience_;
  if (is_over) {
    told = tell_trouble(error, look, ChangeReason::final);
    told.is_over = true;
  } else if (is_told && !has_told_trouble_) {
    told = tell_trouble(error, look, ChangeReason::trouble);
    has_told_trouble_ = true;
  }
  pace_.grow(rules);
  told.next = pace_.next(rules, look);
  told.known_end = Clock::time_point::max();
  return told;
}

Clock::time_point Followed::heed(const FollowRules& rules, bool is_alive, Clock::time_point now,
                                 Clock::time_point planned) {
  if (!is_alive) {
    pace_.reset(rules);  // the vendor's own answer may come to know of it later
    return std::min(planned, now);
  }
  if (!last_ || is_failing()) return planned;
  if (!last_->live()) {
    return std::min(planned, std::max(now, looked_.begun + rules.every.value_or(rules.shortest)));
  }
  // A caller who has said how often, or wants numbers, gets looks.
  if (rules.every || rules.counters) return planned;
  const Clock::time_point later =
      std::min<Clock::time_point>(now + kPutOff, looked_.ended + kMaxUnseen);
  return std::max(planned, ends_ ? std::min(later, *ends_) : later);
}

Session Followed::unseen() const {
  Session session;
  session.provider = provider_;
  session.id = id_;
  return session;
}

Told Followed::tell_trouble(const Error& error, const LookTime& look, ChangeReason reason) {
  Told told;
  told.change = Change{.session_id = id_,
                       .before = last_,
                       .after = last_ ? *last_ : unseen(),
                       .reason = reason,
                       .missed = false,
                       .inferred = {},
                       .observed_at = look.wall,
                       .error = error};
  return told;
}

}  // namespace sessionvitals
