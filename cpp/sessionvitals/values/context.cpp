#include "sessionvitals/context.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace sessionvitals {

struct CancelToken::State {
  std::atomic<bool> is_cancelled{false};
  std::atomic<int> descriptor{-1};

  ~State() {
    if (const int opened = descriptor.load(); opened >= 0) ::close(opened);
  }

  // Makes the descriptor readable. Writing twice does no harm.
  static void signal(int opened) {
    const std::uint64_t one = 1;
    while (::write(opened, &one, sizeof one) < 0 && errno == EINTR) {
    }
  }
};

CancelToken::CancelToken() : state_(std::make_shared<State>()) {}

void CancelToken::cancel() const {
  // The order of these two, against the opposite order in descriptor(), is
  // what makes sure that one of the two threads sees the other.
  state_->is_cancelled.store(true);
  if (const int opened = state_->descriptor.load(); opened >= 0) State::signal(opened);
}

bool CancelToken::is_cancelled() const {
  return state_->is_cancelled.load(std::memory_order_relaxed);
}

int CancelToken::descriptor() const {
  int known = state_->descriptor.load();
  if (known >= 0) return known;
  const int opened = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (opened < 0) return -1;
  if (!state_->descriptor.compare_exchange_strong(known, opened)) {
    ::close(opened);
    return known;
  }
  if (state_->is_cancelled.load()) State::signal(opened);
  return opened;
}

}  // namespace sessionvitals
