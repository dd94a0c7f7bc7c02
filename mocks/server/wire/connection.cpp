#include "wire/connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

namespace mock {

namespace {

// After a close, how long and how much of what the client still sends is read: closing over unread
// bytes would turn into a reset and could take the answer with it.
constexpr std::int64_t kMaxDrainTime = 1000;
constexpr std::size_t kMaxDrained = 4 * kMaxBody;

}  // namespace

std::int64_t monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

Connection::Connection(int socket, std::unique_ptr<TlsSession> tls, Application& application,
                       std::int64_t now)
    : socket_(socket), tls_(std::move(tls)), application_(application), last_active_(now) {}

Connection::~Connection() {
  if (socket_ >= 0) ::close(socket_);
}

bool Connection::wants_to_read() const {
  // While an answer is under way, a bounded read-ahead: it is how a client's leaving is seen.
  if (accepting_ && phase_ == Phase::answering) return false;
  return !end_of_input_ && received_.size() - used_ < kMaxHead + kMaxBody;
}

void Connection::on_accept(WirePlan plan, std::int64_t now) {
  accepting_ = true;
  start(std::move(plan), now);
}

ssize_t Connection::receive(char* data, std::size_t size) {
  return tls_ && !accepting_ ? tls_->receive(data, size) : ::recv(socket_, data, size, 0);
}

ssize_t Connection::send(const char* data, std::size_t size) {
  return tls_ && !accepting_ ? tls_->send(data, size) : ::send(socket_, data, size, MSG_NOSIGNAL);
}

void Connection::on_readable(std::int64_t now, bool has_ended) {
  // Before TLS has begun, what comes is left where it is.
  if (accepting_ && phase_ == Phase::answering) return;
  may_have_more_ = false;
  do {
    std::array<char, 65536> buffer;
    const ssize_t count = receive(buffer.data(), buffer.size());
    if (count < 0) {
      may_have_more_ = errno == EINTR;
      done_ = errno != EINTR && errno != EAGAIN;
      return;
    }
    if (count == 0) {
      end_of_input_ = true;
      // A client that only shut its sending side still gets its answer, but not a stall or a wait.
      if (phase_ != Phase::answering || waiting_) done_ = true;
      return;
    }
    may_have_more_ = has_ended || static_cast<std::size_t>(count) == buffer.size();
    take_bytes({buffer.data(), static_cast<std::size_t>(count)}, now);
  } while (!done_ && tls_ && tls_->has_more() && wants_to_read());
}

void Connection::take_bytes(std::string_view bytes, std::int64_t now) {
  last_active_ = now;
  if (phase_ == Phase::stalled) return;
  if (phase_ == Phase::draining) {
    drained_ += bytes.size();
    if (drained_ > kMaxDrained) done_ = true;
    return;
  }
  if (received_.empty()) began_ = now;
  received_.append(bytes);
  if (phase_ == Phase::reading) take_requests(now);
}

void Connection::take_requests(std::int64_t now) {
  while (phase_ == Phase::reading && !done_ && used_ < received_.size()) {
    const std::string_view bytes = std::string_view(received_).substr(used_);
    if (bytes.size() < needed_) return;
    const Parsed parsed = parser_.read(bytes, request_);
    needed_ = parsed.needed;
    if (parsed.outcome == Parsed::Outcome::need_more) {
      if (parsed.wants_continue && !continued_) {
        continued_ = true;
        // A socket that cannot take 25 bytes now is not waiting for them.
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        send(kContinue.data(), kContinue.size());
      }
      drop_used();
      return;
    }
    needed_ = 0;
    continued_ = false;
    if (parsed.outcome == Parsed::Outcome::refused) {
      start(application_.refuse(parsed.http_status), now);
      return;
    }
    used_ += parsed.used;
    state_ = {.asked_at = now};
    ask(now, false);
  }
  if (phase_ == Phase::reading && end_of_input_) done_ = true;
  drop_used();
}

// Keeps the buffer's memory for the next request unless a large one left it large.
void Connection::drop_used() {
  received_.erase(0, used_);
  used_ = 0;
  if (received_.empty() && received_.capacity() > kMaxHead) received_.shrink_to_fit();
}

void Connection::ask(std::int64_t now, bool by_deadline) {
  phase_ = Phase::answering;
  waiting_ = false;
  due_.reset();
  state_.by_deadline = by_deadline;
  Reply reply = application_.answer(request_, state_);
  ++state_.attempts;
  if (!reply.wait_until) {
    start(std::move(reply.plan), now);
    return;
  }
  waiting_ = true;
  waiting_for_change_ = reply.wait_for_change;
  due_ = reply.wait_until;
  if (end_of_input_) done_ = true;
}

void Connection::start(WirePlan plan, std::int64_t now) {
  phase_ = Phase::answering;
  plan_ = std::move(plan);
  step_ = sent_ = 0;
  paused_ = false;
  go_on(now);
}

void Connection::go_on(std::int64_t now) {
  wants_to_write_ = false;
  for (; step_ < plan_.steps.size(); ++step_, sent_ = 0, paused_ = false) {
    const WirePlan::Step& step = plan_.steps[step_];
    if (step.pause > 0 && !paused_) {
      paused_ = true;
      due_ = now + step.pause;
      return;
    }
    if (!send_some(step.bytes, now)) return;
  }
  last_active_ = now;
  end(now);
}

// True when all of a step's bytes are with the kernel.
bool Connection::send_some(const std::string& bytes, std::int64_t now) {
  while (sent_ < bytes.size()) {
    const std::size_t left = bytes.size() - sent_;
    const std::size_t wanted = plan_.piece == 0 ? left : std::min(left, plan_.piece);
    const ssize_t count = send(bytes.data() + sent_, wanted);
    if (count >= 0) {
      sent_ += static_cast<std::size_t>(count);
      if (plan_.piece > 0 && sent_ < bytes.size()) {
        due_ = now + plan_.every;
        return false;
      }
    } else if (errno == EAGAIN) {
      wants_to_write_ = true;
      if (is_too_slow(left)) reset();
      return false;
    } else if (errno != EINTR) {
      done_ = true;
      return false;
    }
  }
  return true;
}

void Connection::end(std::int64_t now) {
  const WirePlan::Ending ending = plan_.ending;
  const std::int64_t stall = plan_.stall;
  plan_.steps.clear();
  due_.reset();
  switch (ending) {
    case WirePlan::Ending::keep:
      phase_ = Phase::reading;
      accepting_ = false;
      return;
    case WirePlan::Ending::close:
      drain(now);
      return;
    case WirePlan::Ending::more:
      if (is_too_slow(0)) return reset();
      // By the timer, so that a long answer does not recurse and others have their turn.
      waiting_ = true;
      waiting_for_change_ = false;
      due_ = now;
      if (end_of_input_) done_ = true;
      return;
    case WirePlan::Ending::reset:
      reset();
      return;
    case WirePlan::Ending::stall:
      phase_ = Phase::stalled;
      plan_.ending = WirePlan::Ending::close;
      if (stall > 0) due_ = now + stall;
      if (end_of_input_) done_ = true;
      return;
  }
}

// `left` bytes wait here; the others that the client has not taken wait in the kernel.
bool Connection::is_too_slow(std::size_t left) const {
  if (plan_.max_unread == 0) return false;
  int in_kernel = 0;
  ::ioctl(socket_, SIOCOUTQ, &in_kernel);
  return left + static_cast<std::size_t>(in_kernel) > plan_.max_unread;
}

void Connection::drain(std::int64_t now) {
  phase_ = Phase::draining;
  if (tls_ && !accepting_) tls_->close_notify();
  ::shutdown(socket_, SHUT_WR);
  due_ = now + kMaxDrainTime;
  if (end_of_input_) done_ = true;
}

void Connection::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  done_ = true;
}

void Connection::on_writable(std::int64_t now) {
  if (phase_ != Phase::answering || waiting_) return;
  go_on(now);
  if (phase_ == Phase::reading) take_requests(now);
}

void Connection::on_timer(std::int64_t now) {
  due_.reset();
  if (phase_ == Phase::draining) {
    done_ = true;
  } else if (phase_ == Phase::stalled) {
    drain(now);
  } else if (phase_ == Phase::answering) {
    if (waiting_) {
      ask(now, true);
    } else {
      go_on(now);
    }
    if (phase_ == Phase::reading) take_requests(now);
  }
}

void Connection::on_change(std::int64_t now) {
  if (!waits_for_change()) return;
  ask(now, false);
  if (phase_ == Phase::reading) take_requests(now);
}

}  // namespace mock
