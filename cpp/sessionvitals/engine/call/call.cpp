#include "sessionvitals/engine/call/call.h"

#include <poll.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "sessionvitals/engine/call/outcome.h"
#include "sessionvitals/engine/fork.h"

namespace sessionvitals::engine {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

// Leaves room for a late wake-up between the end of a blocking receive and the
// deadline; nearer to it, poll waits instead, to the microsecond.
constexpr std::chrono::milliseconds kBlockMargin = 2 * Connection::kBlock;

// How often a step receives. A peer that sends one byte at a time, as fast as they are taken, must
// not keep us from the deadline and from other calls.
constexpr int kReceivesPerTurn = 64;

// The methods that are used are kept once, for all reports.
SharedText method_text(std::string_view method) {
  for (const std::string_view known : {"GET", "PATCH", "POST", "DELETE", "PUT"}) {
    if (method == known) return SharedText::of_static(known);
  }
  return method;
}

#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kMaxSpare = 0;  // so that it sees what is used after its end
#else
constexpr std::size_t kMaxSpare = 64;  // as many as are in flight by default
#endif

/// The memory of calls that have gone, of one thread.
struct Spare {
  std::array<void*, kMaxSpare + 1> places;
  std::size_t count;
  bool is_closed;  // the thread ends; a call may go even later
};

constinit thread_local Spare spare{};  // not destroyed, so that it can be read to the very end

struct SpareKeeper {
  SpareKeeper() {}
  ~SpareKeeper() {
    spare.is_closed = true;
    while (spare.count > 0) ::operator delete(spare.places[--spare.count]);
  }
  void keep(void* place) { spare.places[spare.count++] = place; }
};

thread_local SpareKeeper spare_keeper;

}  // namespace

void* Call::operator new(std::size_t size) {
  return spare.count > 0 ? spare.places[--spare.count] : ::operator new(size);
}

void Call::operator delete(void* place) {
  if (spare.is_closed || spare.count >= kMaxSpare) return ::operator delete(place);
  spare_keeper.keep(place);
}

Endpoint::Endpoint(const Url& url, std::shared_ptr<Pool> shared_pool,
                   std::shared_ptr<RateLimitGate> shared_gate)
    : origin(origin_of(url)),
      destination{
          .target_prefix = url.prefix, .host = host_header_of(url), .proxy_authorization = {}},
      pool(std::move(shared_pool)),
      gate(std::move(shared_gate)) {
  if (const auto& proxy = pool->route().proxy; proxy && !url.is_tls) {
    // RFC 9112 s3.2.2: a proxy is given the whole URL; through a tunnel, the path.
    destination.target_prefix.insert(0, "http://" + destination.host);
    destination.proxy_authorization = proxy->authorization;
  }
}

void ReceiveBuffer::keep(std::string_view rest) {
  begin_ = end_ - rest.size();
  // A body that fills the room is taken faster in larger pieces.
  constexpr std::size_t kLarge = std::size_t{64} * 1024;
  const bool was_full = end_ == capacity();
  if (begin_ == end_) clear();
  if (was_full && rest.empty() && more_.empty()) more_.resize(kLarge);
}

char* ReceiveBuffer::room() {
  constexpr std::size_t kLeast = 1024;
  if (room_size() < kLeast && begin_ > 0) {
    std::memmove(bytes(), bytes() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (room_size() < kLeast) {
    const std::size_t larger = std::max<std::size_t>(2 * capacity(), 16384);
    if (more_.empty()) more_.assign(first_.data(), end_);
    more_.resize(larger);
  }
  return bytes() + end_;
}

Call::Call(const Endpoint& endpoint, const Request& request, const CallPolicy& policy,
           Clock::time_point deadline, CallReport& report)
    : endpoint_(endpoint),
      request_(request),
      policy_(policy),
      deadline_(deadline),
      started_(Clock::now()),
      generation_(fork_generation()),
      report_(report),
      now_(started_),
      attempt_started_(started_),
      lease_(endpoint.pool) {
  report_.method = method_text(request.method);
  report_.origin = endpoint.origin;
  report_.attempts.clear();
  if (auto error = append_request(request, endpoint.destination, wire_)) finish(*std::move(error));
}

Call::Progress Call::step(Receive how, WaitSet& waiting) {
  waiting.clear();
  const bool was_receiving = stage_ == Stage::receive;
  if (stage_ != Stage::done && generation_ != fork_generation()) {
    now_ = Clock::now();
    finish(Error(ErrorKind::transport_error, attempt_.phase,
                 "The process was forked during the call. Make the call again in the child."));
  }
  for (;;) {
    Next next = Next::go_on;
    switch (stage_) {
      case Stage::gate:
        next = pass_gate(waiting);
        break;
      case Stage::queue:
        next = join_queue(waiting);
        break;
      case Stage::dial:
        next = dial(waiting);
        break;
      case Stage::send:
        next = send(waiting);
        break;
      case Stage::receive:
        if (how == Receive::when_ready && !was_receiving) {
          waiting.add(connection_->descriptor(), POLLIN, connection_->serial());
          return Progress::waiting;
        }
        next = receive(how == Receive::may_block, waiting);
        break;
      case Stage::wait:
        next = finish_wait(waiting);
        break;
      case Stage::done:
        return Progress::done;
    }
    if (next == Next::wait) return Progress::waiting;
    if (next == Next::hand_over) return Progress::streaming;
  }
}

Call::Next Call::pass_gate(WaitSet& waiting) {
  const Clock::time_point opens = endpoint_.gate->opens();
  const bool has_waited = attempt_.phase == Phase::wait;
  if (opens > now_) now_ = Clock::now();
  if (opens > now_) {
    if (opens >= deadline_) return answer_by_gate();
    if (!has_waited) {
      begin_attempt();
      attempt_.phase = Phase::wait;
      attempt_.wait_reason = kGateReason;
    }
    go_on_at_ = waiting.until = opens;
    return Next::wait;
  }
  if (has_waited) {
    attempt_.wait = duration_cast<microseconds>(now_ - attempt_started_);
    report_.attempts.push_back(std::move(attempt_));
  }
  begin_attempt();
  stage_ = Stage::queue;
  return Next::go_on;
}

Call::Next Call::join_queue(WaitSet& waiting) {
  if (!lease_.acquire()) {
    waiting.add(lease_.descriptor(), POLLIN);
    if (lease_.descriptor() < 0) waiting.until = Clock::now() + std::chrono::milliseconds(10);
    return Next::wait;
  }
  if (!needs_fresh_) {
    connection_ = lease_.take_idle(
        now_, policy_.may_resend() ? Clock::duration::max() : CallPolicy::kMaxIdleForOnce);
  }
  needs_fresh_ = false;
  attempt_.reused = connection_ != nullptr;
  if (connection_) {
    attempt_.address = connection_->address();
    attempt_.tls_version = connection_->tls_version();
    attempt_.phase = Phase::send;
    stage_ = Stage::send;
  } else {
    dial_.emplace(endpoint_.pool->route(), &endpoint_.pool->resumption(), deadline_);
    attempt_.phase = dial_->phase();
    stage_ = Stage::dial;
  }
  return Next::go_on;
}

Call::Next Call::dial(WaitSet& waiting) {
  now_ = Clock::now();
  const Dial::Progress progress = dial_->step(now_, waiting);
  attempt_.phase = dial_->phase();
  attempt_.address = dial_->address();
  if (progress == Dial::Progress::waiting) return Next::wait;
  if (progress == Dial::Progress::failed) {
    LastAttempt last;
    last.phase = attempt_.phase;
    last.is_final = dial_->is_final();
    Error error(ErrorKind::transport_error, attempt_.phase, dial_->error());
    dial_.reset();
    return fail_attempt(last, std::move(error));
  }
  connection_ = dial_->take();
  dial_.reset();
  lease_.note_opened();
  attempt_.tls_version = connection_->tls_version();
  attempt_.phase = Phase::send;
  stage_ = Stage::send;
  return Next::go_on;
}

Call::Next Call::send(WaitSet& waiting) {
  while (attempt_.bytes_sent < wire_.size()) {
    std::size_t moved = 0;
    const Io io = connection_->send(wire_.data() + attempt_.bytes_sent,
                                    wire_.size() - attempt_.bytes_sent, moved);
    attempt_.bytes_sent += moved;
    if (io == Io::done) continue;
    if (io == Io::wants_write || io == Io::wants_read || io == Io::again) {
      if (io == Io::again) waiting.until = WaitSet::kAtOnce;
      waiting.add(connection_->descriptor(), io == Io::wants_write ? POLLOUT : POLLIN,
                  connection_->serial());
      return Next::wait;
    }
    return lose_connection("The connection broke while the request was sent (" +
                           connection_->error() + ").");
  }
  reader_.start(request_.method, policy_.body_limit);
  buffer_.clear();
  response_ = Response{};
  attempt_.phase = Phase::receive;
  stage_ = Stage::receive;
  return Next::go_on;
}

Call::Next Call::receive(bool may_block, WaitSet& waiting) {
  may_block = may_block && deadline_ - Clock::now() > kBlockMargin;
  for (int turn = 0;; ++turn) {
    if (turn == kReceivesPerTurn) {
      waiting.until = WaitSet::kAtOnce;
      return Next::wait;
    }
    std::size_t moved = 0;
    char* room = buffer_.room();
    const Io io = connection_->receive(room, buffer_.room_size(), moved, may_block);
    if (io == Io::wants_read || io == Io::wants_write || io == Io::again) {
      if (io == Io::again) waiting.until = WaitSet::kAtOnce;
      waiting.add(connection_->descriptor(), io == Io::wants_write ? POLLOUT : POLLIN,
                  connection_->serial());
      return Next::wait;
    }
    if (io == Io::failed) {
      return lose_connection("The connection broke before the whole answer had come (" +
                             connection_->error() + ").");
    }
    buffer_.add(moved);
    attempt_.bytes_received += moved;
    if (const std::optional<Next> next = read_response(io == Io::closed)) return *next;
    may_block = false;  // a peer that drips must not keep us from looking up
  }
}

void Call::take_head(Head&& head) {
  response_.http_status = head.http_status;
  response_.headers = std::move(head.headers);
  keeps_alive_ = head.keeps_alive;
  is_streaming_ = may_stream_ && head.http_status < 300 && head.framing != Framing::none;
  if (!is_streaming_) return;
  reader_.lift_body_limit();
  // A stream may last for days: it takes no place of the pool's from calls meanwhile.
  lease_.release();
  connection_->keep_alive();
}

/// Reads what has come. Returns nothing if more has to come.
std::optional<Call::Next> Call::read_response(bool is_closed) {
  std::string_view unread = buffer_.unread();
  const bool was_streaming = is_streaming_;
  for (;;) {
    Event event = is_closed ? reader_.next_at_close(unread) : reader_.next(unread);
    if (auto* head = std::get_if<Head>(&event)) {
      take_head(std::move(*head));
    } else if (const auto* data = std::get_if<Data>(&event)) {
      response_.body.append(data->bytes);
    } else if (const auto* violation = std::get_if<Violation>(&event)) {
      return fail_contract(*violation);
    } else {
      buffer_.keep(unread);
      if (std::holds_alternative<End>(event)) return take_response();
      const bool has_news = !response_.body.empty() || !was_streaming;
      if (!is_closed && is_streaming_ && has_news) return Next::hand_over;
      if (!is_closed) return std::nullopt;
      return lose_connection(attempt_.bytes_received == 0
                                 ? "The peer closed the connection without an answer."
                                 : "The peer closed the connection in the middle of its answer.");
    }
  }
}

Call::Next Call::finish_wait(WaitSet& waiting) {
  now_ = Clock::now();
  if (now_ < go_on_at_) {
    attempt_.phase = Phase::wait;
    waiting.until = go_on_at_;
    return Next::wait;
  }
  attempt_ = Attempt{};
  stage_ = Stage::gate;
  return Next::go_on;
}

}  // namespace sessionvitals::engine
