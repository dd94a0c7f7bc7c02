#pragma once

#include <algorithm>
#include <chrono>

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
  /// A session is renewed when less than `margin` of its time is left.
  explicit KeeperPlan(Clock::duration margin) : margin_(margin) {}

  /// After an answer to `done`.
  KeeperStep see(KeeperAct done, const ElizaSession& session, Clock::time_point now) {
    if (session.time_remaining && session.time_remaining->count() <= 0) return lost();
    // An old server's sessions never end, and another client may change or delete any.
    KeeperStep step{.act = KeeperAct::look, .at = now + kLookInterval};
    if (!session.time_remaining) return step;
    if (done != KeeperAct::look) acted_ = now;
    const auto left = std::min<Clock::duration>(*session.time_remaining, std::chrono::hours(24));
    const Clock::time_point due = std::max(now + (left - margin_), acted_ + margin_ / 4);
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
        return {.act = done, .at = now + std::min<Clock::duration>(margin_ / 4, kLookInterval)};
    }
  }

 private:
  static KeeperStep lost() { return {.is_lost = true, .is_over = true}; }

  static constexpr std::chrono::minutes kLookInterval{5};

  Clock::duration margin_;
  Clock::time_point acted_ = Clock::time_point(std::chrono::hours(-1));
};

}  // namespace sessionvitals
