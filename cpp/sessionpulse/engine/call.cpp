#include "sessionpulse/engine/call.h"

#include <poll.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "sessionpulse/engine/fork.h"

namespace sessionpulse::engine {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

/// From 0 to below 1, different for each call and time.
double draw_jitter(Clock::time_point now, const void* call) {
  auto bits = static_cast<std::uint64_t>(now.time_since_epoch().count()) ^
              std::bit_cast<std::uintptr_t>(call);
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;  // splitmix64
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
  return static_cast<double>((bits ^ (bits >> 31)) >> 11) * 0x1.0p-53;
}

/// What a call was about in a phase, to follow "while ".
std::string_view words_for(Phase phase) {
  switch (phase) {
    case Phase::queue:
      return "it waited for a free connection of the pool";
    case Phase::resolve:
      return "the host's name was looked up";
    case Phase::connect:
      return "it connected";
    case Phase::proxy:
      return "the proxy opened a tunnel";
    case Phase::tls:
      return "TLS was set up";
    case Phase::send:
      return "the request was sent";
    case Phase::receive:
      return "it waited for the response";
    case Phase::wait:
      return "it waited before the next try";
    case Phase::done:
      break;
  }
  return "it ended";
}

Timestamp wall_clock() {
  return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
}

}  // namespace

Endpoint::Endpoint(const Url& url, std::shared_ptr<Pool> shared_pool)
    : origin(origin_of(url)),
      target_prefix(url.prefix),
      pool(std::move(shared_pool)),
      gate(Gate::find_or_make(origin + url.prefix)),
      encodings(host_header_of(url), pool->route().proxy && !url.is_tls
                                         ? pool->route().proxy->authorization
                                         : std::string()) {
  // RFC 9112 s3.2.2: a proxy is given the whole URL; through a tunnel, the path.
  if (pool->route().proxy && !url.is_tls) {
    target_prefix = "http://" + host_header_of(url) + target_prefix;
  }
}

void ReceiveBuffer::clear() {
  size_ = 0;
  more_.clear();
}

std::string_view ReceiveBuffer::view() const {
  return {more_.empty() ? first_.data() : more_.data(), size_};
}

char* ReceiveBuffer::room() {
  if (more_.empty() && size_ + 1024 > first_.size()) more_.assign(first_.data(), size_);
  if (!more_.empty() && size_ + 1024 > more_.size()) {
    more_.resize(std::max<std::size_t>(2 * size_, 16384));
  }
  return (more_.empty() ? first_.data() : more_.data()) + size_;
}

std::size_t ReceiveBuffer::room_size() const {
  return (more_.empty() ? first_.size() : more_.size()) - size_;
}

void ReceiveBuffer::add(std::size_t size) { size_ += size; }

Call::Call(const Endpoint& endpoint, const Request& request, const RetryPolicy& policy,
           Clock::time_point deadline, CallReport& report)
    : endpoint_(endpoint),
      request_(request),
      policy_(policy),
      deadline_(deadline),
      started_(Clock::now()),
      generation_(fork_generation()),
      report_(report),
      now_(started_),
      try_started_(started_),
      lease_(endpoint.pool) {
  report_.method = request.method;
  report_.origin = endpoint.origin;
  report_.tries.clear();
  auto encoded = endpoint.encodings.find_or_encode(request);
  auto refused = check_target(request.target);
  if (!encoded || refused) {
    finish(!encoded ? std::move(encoded).error() : *std::move(refused));
    return;
  }
  wire_.reserve((*encoded)->before_target.size() + endpoint.target_prefix.size() +
                request.target.size() + (*encoded)->after_target.size());
  wire_ += (*encoded)->before_target;
  wire_ += endpoint.target_prefix;
  wire_ += request.target;
  wire_ += (*encoded)->after_target;
}

Call::Progress Call::step(bool may_block, Waiting& waiting) {
  waiting.clear();
  if (stage_ != Stage::done && generation_ != fork_generation()) {
    finish(Error(ErrorKind::transport_error, try_.phase,
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
        next = receive(may_block, waiting);
        break;
      case Stage::wait:
        next = finish_wait(waiting);
        break;
      case Stage::done:
        return Progress::done;
    }
    if (next == Next::wait) return Progress::waiting;
  }
}

Call::Next Call::pass_gate(Waiting& waiting) {
  const Clock::time_point opens = endpoint_.gate->opens();
  const bool has_waited = try_.phase == Phase::wait;
  if (opens > now_) now_ = Clock::now();
  if (opens > now_) {
    if (opens >= deadline_) return answer_by_gate();
    if (!has_waited) {
      begin_try();
      try_.phase = Phase::wait;
      try_.wait_reason = "an earlier 429 asked all calls to wait";
    }
    go_on_at_ = waiting.until = opens;
    return Next::wait;
  }
  if (has_waited) {
    try_.wait = duration_cast<microseconds>(now_ - try_started_);
    report_.tries.push_back(std::move(try_));
  }
  begin_try();
  stage_ = Stage::queue;
  return Next::go_on;
}

Call::Next Call::answer_by_gate() {
  // The caller cannot wait that long, and asking would only be refused again:
  // it gets what the server said to the one who asked.
  begin_try();
  const auto left = std::chrono::ceil<std::chrono::seconds>(endpoint_.gate->opens() - now_);
  try_.phase = Phase::wait;
  try_.http_status = 429;
  end_try("not sent: an earlier 429 asked all calls to wait, longer than this call may");
  Response response;
  response.http_status = 429;
  response.headers.push_back({"Retry-After", std::to_string(left.count())});
  return finish(std::move(response));
}

void Call::begin_try() {
  try_ = Try{};
  try_started_ = now_;
  try_.started = since_start(now_);
}

Call::Next Call::join_queue(Waiting& waiting) {
  if (!lease_.acquire()) {
    waiting.add(lease_.descriptor(), POLLIN);
    if (lease_.descriptor() < 0) waiting.until = Clock::now() + std::chrono::milliseconds(10);
    return Next::wait;
  }
  if (!needs_fresh_) connection_ = lease_.take_idle(now_);
  needs_fresh_ = false;
  try_.reused = connection_ != nullptr;
  if (connection_) {
    try_.address = connection_->address();
    try_.tls_version = connection_->tls_version();
    try_.phase = Phase::send;
    stage_ = Stage::send;
  } else {
    dial_.emplace(endpoint_.pool->route(), &endpoint_.pool->resumption());
    try_.phase = dial_->phase();
    stage_ = Stage::dial;
  }
  return Next::go_on;
}

Call::Next Call::dial(Waiting& waiting) {
  now_ = Clock::now();
  const Dial::Progress progress = dial_->step(now_, waiting);
  try_.phase = dial_->phase();
  try_.address = dial_->address();
  if (progress == Dial::Progress::waiting) return Next::wait;
  if (progress == Dial::Progress::failed) {
    LastTry last;
    last.phase = try_.phase;
    last.is_final = dial_->is_final();
    Error error(ErrorKind::transport_error, try_.phase, dial_->error());
    dial_.reset();
    return fail_try(last, std::move(error));
  }
  connection_ = dial_->take();
  dial_.reset();
  lease_.note_opened();
  try_.tls_version = connection_->tls_version();
  try_.phase = Phase::send;
  stage_ = Stage::send;
  return Next::go_on;
}

Call::Next Call::send(Waiting& waiting) {
  while (try_.bytes_sent < wire_.size()) {
    std::size_t moved = 0;
    const Io io =
        connection_->send(wire_.data() + try_.bytes_sent, wire_.size() - try_.bytes_sent, moved);
    try_.bytes_sent += moved;
    if (io == Io::done) continue;
    if (io == Io::wants_write || io == Io::wants_read) {
      waiting.add(connection_->descriptor(), io == Io::wants_write ? POLLOUT : POLLIN);
      return Next::wait;
    }
    return lose_connection("The connection broke while the request was sent (" +
                           connection_->error() + ").");
  }
  reader_.start(request_.method);
  buffer_.clear();
  try_.phase = Phase::receive;
  stage_ = Stage::receive;
  return Next::go_on;
}

Call::Next Call::receive(bool may_block, Waiting& waiting) {
  for (;;) {
    std::size_t moved = 0;
    char* room = buffer_.room();
    const Io io = connection_->receive(room, buffer_.room_size(), moved, may_block);
    if (io == Io::wants_read || io == Io::wants_write) {
      waiting.add(connection_->descriptor(), io == Io::wants_read ? POLLIN : POLLOUT);
      return Next::wait;
    }
    buffer_.add(moved);
    try_.bytes_received += moved;
    const MessageReader::Progress progress =
        io == Io::done ? reader_.read(buffer_.view()) : reader_.read_end(buffer_.view());
    if (progress == MessageReader::Progress::whole && io != Io::failed) return take_response();
    if (progress == MessageReader::Progress::flawed) {
      LastTry last;
      last.phase = Phase::receive;
      last.may_have_left = true;
      last.broke_contract = true;
      return fail_try(last, Error(Breach{"", reader_.flaw().expected, reader_.flaw().found}));
    }
    if (io == Io::closed) {
      return lose_connection(try_.bytes_received == 0
                                 ? "The peer closed the connection without an answer."
                                 : "The peer closed the connection in the middle of its answer.");
    }
    if (io == Io::failed) {
      return lose_connection("The connection broke before the whole answer had come (" +
                             connection_->error() + ").");
    }
    may_block = false;  // a peer that drips must not keep us from looking up
  }
}

bool Call::is_stale_reuse() const {
  return try_.reused && try_.bytes_received == 0 && !has_replaced_stale_ &&
         (is_idempotent(request_.method) || try_.bytes_sent == 0);
}

Call::Next Call::lose_connection(std::string error) {
  const bool is_stale = is_stale_reuse();
  LastTry last;
  last.phase = try_.phase;
  // With TLS, bytes may be on their way that the count does not show yet.
  last.may_have_left = try_.bytes_sent > 0 || connection_->tls() != nullptr;
  if (is_stale && (!last.may_have_left || is_idempotent(request_.method))) {
    try_.wait_reason = "a kept-alive connection had ended; tried once on a fresh one";
    now_ = Clock::now();
    end_try(std::move(error));
    connection_.reset();  // the lease stays
    has_replaced_stale_ = true;
    needs_fresh_ = true;
    begin_try();
    stage_ = Stage::queue;
    return Next::go_on;
  }
  return fail_try(last, Error(ErrorKind::transport_error, try_.phase, std::move(error)));
}

Call::Next Call::take_response() {
  std::optional<Response> response = decode_response(buffer_.view(), reader_);
  if (!response) {
    LastTry last;
    last.phase = Phase::receive;
    last.may_have_left = true;
    last.broke_contract = true;
    return fail_try(last, Error(Breach{"", "an HTTP/1.x response", "one that does not decode"}));
  }
  now_ = Clock::now();
  try_.phase = Phase::done;
  try_.http_status = response->http_status;
  const bool is_clean = reader_.size() == buffer_.view().size();
  if (reader_.head().keeps_alive && is_clean && reader_.head().framing != Framing::until_close) {
    ++connection_->exchanges;
    lease_.give_back(std::move(connection_), now_);
  } else {
    drop_connection();
  }
  if (!is_retryable_status(response->http_status)) {
    RetryBudget::of_process().note_success();
    end_try({});
    return finish(*std::move(response));
  }
  if (response->http_status == 429) {
    if (const auto asked = asked_wait(429, response->headers, wall_clock())) {
      endpoint_.gate->close_for(asked->wait, now_);
    }
  }
  LastTry last;
  last.http_status = response->http_status;
  last.may_have_left = true;
  return retry_or_finish(last, *std::move(response));
}

Call::Next Call::fail_try(LastTry last, Error error) {
  now_ = Clock::now();
  drop_connection();
  try_.error = error.message();
  return retry_or_finish(last, std::move(error));
}

Call::Next Call::retry_or_finish(const LastTry& last, Result<Response> outcome) {
  RetryQuestion question;
  question.method = request_.method;
  question.last = last;
  question.retries = retries_;
  question.policy = policy_;
  question.time_left = duration_cast<microseconds>(deadline_ - now_);
  question.jitter = draw_jitter(now_, this);
  static const std::vector<Header> kNone;
  const std::vector<Header>& headers = outcome ? outcome->headers : kNone;
  const Timestamp wall = wall_clock();
  RetryDecision decision = decide_retry(question, headers, wall);
  if (decision.again && !RetryBudget::of_process().take(now_)) {
    question.has_budget = false;
    decision = decide_retry(question, headers, wall);
  }
  try_.wait = decision.wait;
  try_.wait_reason = decision.reason;
  end_try(std::move(try_.error));
  if (!decision.again) return finish(std::move(outcome));
  ++retries_;
  go_on_at_ = now_ + decision.wait;
  try_ = Try{};
  stage_ = Stage::wait;
  return Next::go_on;
}

Call::Next Call::finish_wait(Waiting& waiting) {
  now_ = Clock::now();
  if (now_ < go_on_at_) {
    try_.phase = Phase::wait;
    waiting.until = go_on_at_;
    return Next::wait;
  }
  try_ = Try{};
  stage_ = Stage::gate;
  return Next::go_on;
}

void Call::end_try(std::string error) {
  try_.error = std::move(error);
  try_.duration = duration_cast<microseconds>(now_ - try_started_);
  report_.tries.push_back(std::move(try_));
  try_ = Try{};
}

void Call::drop_connection() {
  connection_.reset();
  dial_.reset();
  lease_.release();
}

Call::Next Call::finish(Result<Response> outcome) {
  outcome_.emplace(std::move(outcome));
  report_.elapsed = since_start(Clock::now());
  stage_ = Stage::done;
  return Next::go_on;
}

void Call::end(Woken why) {
  if (stage_ == Stage::done) return;
  now_ = Clock::now();
  const Phase phase = stage_ == Stage::wait ? Phase::wait : try_.phase;
  drop_connection();
  const std::string words(words_for(phase));
  const bool is_deadline = why == Woken::deadline;
  std::string message =
      is_deadline ? "The deadline passed while " + words +
                        ". Allow more time by deadline=, or check that the server answers."
                  : "The call was cancelled while " + words + ".";
  if (stage_ != Stage::wait) {
    end_try(is_deadline ? "the deadline passed" : "cancelled");
    report_.tries.back().phase = phase;
  }
  finish(Error(is_deadline ? ErrorKind::deadline_exceeded : ErrorKind::call_cancelled, phase,
               std::move(message)));
}

microseconds Call::since_start(Clock::time_point now) const {
  return duration_cast<microseconds>(now - started_);
}

}  // namespace sessionpulse::engine
