#include <atomic>
#include <memory>

#include "sessionvitals/context.h"
#include "sessionvitals/engine/drivers/wait.h"

namespace sessionvitals {

struct CancelToken::State {
  std::atomic<bool> is_cancelled{false};
  std::atomic<engine::Wakeup*> wakeup{nullptr};  // owned; made by the first wait

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { delete wakeup.load(); }
};

CancelToken::CancelToken() : state_(std::make_shared<State>()) {}

void CancelToken::cancel() const {
  // The order of these two, against the opposite order in descriptor(), is
  // what makes sure that one of the two threads sees the other.
  state_->is_cancelled.store(true);
  if (const engine::Wakeup* wakeup = state_->wakeup.load()) wakeup->signal();
}

bool CancelToken::is_cancelled() const {
  return state_->is_cancelled.load(std::memory_order_relaxed);
}

int CancelToken::descriptor() const {
  engine::Wakeup* known = state_->wakeup.load();
  if (known != nullptr) return known->descriptor();
  auto made = std::make_unique<engine::Wakeup>();
  if (made->descriptor() < 0) return -1;
  if (!state_->wakeup.compare_exchange_strong(known, made.get())) return known->descriptor();
  const engine::Wakeup* opened = made.release();
  if (state_->is_cancelled.load()) opened->signal();
  return opened->descriptor();
}

}  // namespace sessionvitals
