#include "sessionvitals/streams/reconnection.h"

#include <algorithm>
#include <cmath>

#include "sessionvitals/engine/call/retry.h"

namespace sessionvitals {

std::chrono::duration<double> Reconnection::next_wait(std::chrono::duration<double> asked,
                                                      double jitter) {
  constexpr int kMaxDoublings = 30;
  const double doubled = std::ldexp(first_.count(), std::min(failures_++, kMaxDoublings));
  const double wait = std::min(doubled, std::max(kMax, first_).count());
  return std::max(asked, std::chrono::duration<double>(wait * (1 - jitter / 2)));
}

bool may_be_cured(const Error& error) {
  if (const ErrorResponse* response = error.error_response()) {
    return engine::is_retryable_status(response->http_status);
  }
  return error.kind() == ErrorKind::transport_error || error.kind() == ErrorKind::deadline_exceeded;
}

bool RecentIds::add(std::int64_t id) {
  if (!known_.insert(id).second) return false;
  in_order_.push_back(id);
  if (in_order_.size() > kMax) {
    known_.erase(in_order_.front());
    in_order_.pop_front();
  }
  return true;
}

}  // namespace sessionvitals
