#include "sessionvitals/engine/drivers/wait.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>

namespace sessionvitals::engine {
namespace {

// Ctrl-C raises within 100 ms; half of it leaves room for the rest.
constexpr std::chrono::milliseconds kQuestionInterval{50};

timespec to_timespec(Clock::duration duration) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(duration);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(duration - whole);
  return {static_cast<time_t>(whole.count()), static_cast<long>(rest.count())};
}

}  // namespace

WakeReason look_at(const Context& context, Clock::time_point now) {
  if (context.is_cancelled()) return WakeReason::cancelled;
  if (context.is_interrupted != nullptr && context.is_interrupted()) return WakeReason::cancelled;
  return now >= context.deadline ? WakeReason::deadline : WakeReason::go_on;
}

WakeReason wait_for(const WaitSet& waiting, const Context& context) {
  std::array<pollfd, WaitSet::kMax + 2> polled{};
  for (std::size_t i = 0; i < waiting.count; ++i) {
    polled[i] = {waiting.watches[i].descriptor, waiting.watches[i].events, 0};
  }
  nfds_t count = waiting.count;
  // A token without a descriptor (none left to open) is asked like Ctrl-C is.
  bool must_ask = context.is_interrupted != nullptr;
  for (const CancelToken* token : {context.cancel, context.stop}) {
    if (token == nullptr) continue;
    const int descriptor = token->descriptor();
    if (descriptor >= 0) polled[count++] = {descriptor, POLLIN, 0};
    must_ask = must_ask || descriptor < 0;
  }

  for (;;) {
    const Clock::time_point now = Clock::now();
    if (const WakeReason seen = look_at(context, now); seen != WakeReason::go_on) return seen;
    if (now >= waiting.until) return WakeReason::go_on;

    const Clock::time_point end = std::min(waiting.until, context.deadline);
    // time_point::max() minus now overflows nothing, but a day is as good.
    Clock::duration rest = std::min<Clock::duration>(end - now, std::chrono::hours(24));
    if (must_ask) rest = std::min<Clock::duration>(rest, kQuestionInterval);
    const timespec timeout = to_timespec(rest);

    const int ready = ::ppoll(polled.data(), count, &timeout, nullptr);
    if (ready <= 0) continue;  // time, or a signal: the questions above decide
    for (std::size_t i = 0; i < waiting.count; ++i) {
      if (polled[i].revents != 0) {
        const WakeReason seen = look_at(context, Clock::now());
        return seen == WakeReason::deadline ? WakeReason::go_on : seen;
      }
    }
    if (context.is_cancelled()) continue;
    for (nfds_t i = waiting.count; i < count; ++i) {
      if (polled[i].revents == 0) continue;
      // Signalled by a process that was forked off and shares the descriptor.
      std::uint64_t ignored = 0;
      [[maybe_unused]] const ssize_t taken = ::read(polled[i].fd, &ignored, sizeof ignored);
    }
  }
}

Wakeup::Wakeup() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Wakeup::~Wakeup() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Wakeup::signal() const {
  const std::uint64_t one = 1;
  while (::write(descriptor_, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void Wakeup::drain() const {
  std::uint64_t ignored = 0;
  while (::read(descriptor_, &ignored, sizeof ignored) < 0 && errno == EINTR) {
  }
}

}  // namespace sessionvitals::engine
