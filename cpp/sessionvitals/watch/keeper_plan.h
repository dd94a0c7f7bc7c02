#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "sessionvitals/context.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/providers/eliza.h"

/// What a keeper does next, and when. Pure.
namespace sessionvitals {

enum class KeeperAct { look, heartbeat, renewal };

struct KeeperStep {
  KeeperAct act = KeeperAct::look;
  Clock::time_point at{};
  bool is_lost = false;  // the session is gone
  bool is_over = false;  // by that or by an error that will not pass
};

class KeeperPlan {
 public:
  /// A session is renewed when less than `margin` of its time is left, and not oftener than every
  /// quarter of that; or of its life, where that is shorter.
  explicit KeeperPlan(Clock::duration margin) : margin_(margin) {}

  /// After an answer to `done`, which was taken at `wall` by this machine's clock.
  KeeperStep see(KeeperAct done, const ElizaSession& session, Clock::time_point now,
                 Timestamp wall) {
    if (session.time_remaining && session.time_remaining->count() <= 0) return lost();
    // An old server's sessions never end, and another client may change or delete any.
    KeeperStep step{.act = KeeperAct::look, .at = now + kLookInterval};
    const auto remaining = time_left(session, wall);
    if (!remaining) return step;
    if (done != KeeperAct::look) acted_ = now;
    // A server may say any number, and the clock has no room for all.
    const Clock::duration left = std::min<std::chrono::milliseconds>(*remaining, kMaxLeft);
    note_life(session, left);
    const Clock::time_point due = std::max(now + (left - margin_), acted_ + spacing());
    if (due > step.at) return step;
    const bool renews_by_use = !session.timeout_config || !session.timeout_config->auto_renew ||
                               session.timeout_config->auto_renew->json != "false";
    step.act = renews_by_use ? KeeperAct::heartbeat : KeeperAct::renewal;
    step.at = std::max(due, now);
    return step;
  }

  /// After an error.
  KeeperStep fail(KeeperAct done, const Error& error, Clock::time_point now) {
    switch (error.kind()) {
      case ErrorKind::not_found_error:
      case ErrorKind::session_expired_error:
        return lost();
      case ErrorKind::authentication_error:
      case ErrorKind::permission_denied_error:
      case ErrorKind::configuration_error:
      case ErrorKind::call_cancelled:
        return {.is_over = true};
      default:
        // A renewal whose answer was lost does no harm twice.
        return {.act = done, .at = now + std::min<Clock::duration>(spacing(), kLookInterval)};
    }
  }

 private:
  static KeeperStep lost() { return {.is_lost = true, .is_over = true}; }

  // As the server says; or, where it only says when the session ends, by the clock of its Date,
  // which has no fractions: one that it has just answered for has a second at least.
  static std::optional<std::chrono::milliseconds> time_left(const ElizaSession& session,
                                                            Timestamp wall) {
    if (session.time_remaining || !session.expires_at) return session.time_remaining;
    if (session.call && session.call->clock_skew) wall -= *session.call->clock_skew;
    return std::max(
        std::chrono::duration_cast<std::chrono::milliseconds>(*session.expires_at - wall),
        std::chrono::milliseconds(1000));
  }

  // At the maximum duration an end does not move any more, and what is left is no life.
  void note_life(const ElizaSession& session, Clock::duration left) {
    const bool has_moved = !expires_at_ || session.expires_at != expires_at_;
    life_ = has_moved ? left : std::max(life_, left);
    expires_at_ = session.expires_at;
  }

  Clock::duration spacing() const {
    const Clock::duration quarter = margin_ / 4;
    return std::max(std::min(quarter, life_ / 4),
                    std::min<Clock::duration>(quarter, kShortestSpacing));
  }

  static constexpr std::chrono::minutes kLookInterval{5};
  static constexpr std::chrono::hours kMaxLeft{24};
  static constexpr std::chrono::milliseconds kShortestSpacing{250};

  Clock::duration margin_;
  Clock::duration life_ = std::chrono::minutes(1);  // until it is known
  std::optional<Timestamp> expires_at_;
  Clock::time_point acted_ = Clock::time_point(std::chrono::hours(-1));
};

}  // namespace sessionvitals
