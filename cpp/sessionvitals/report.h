#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sessionvitals/shared_text.h"

/// The report of a call: what was tried, how far each attempt came, what it cost,
/// and why the next one waited. Every result and every error carries one. It
/// holds no credential and no body.
namespace sessionvitals {

/// How far an attempt came; the phase that an error names is the one it died in.
enum class Phase : std::uint8_t { queue, resolve, connect, proxy, tls, send, receive, done, wait };

/// Returns the phase's name, as it is spelled above.
std::string_view phase_name(Phase phase);

/// One try: at most one request on the wire and at most one response.
struct Attempt {
  Phase phase = Phase::queue;            // the furthest reached; done when a response came whole
  bool reused = false;                   // over a kept-alive connection
  int http_status = 0;                   // 0: no response
  SharedText address;                    // "127.0.0.1:443" or "[::1]:443"; empty before connect
  SharedText tls_version;                // "TLSv1.3"; empty on plain connections
  std::uint64_t bytes_sent = 0;          // of the HTTP request, before encryption
  std::uint64_t bytes_received = 0;      // of the HTTP response, after decryption
  std::chrono::microseconds started{};   // since the call began
  std::chrono::microseconds duration{};  // of this attempt, without the wait after it
  SharedText error;                      // why it failed, in words; empty on success
  std::chrono::microseconds wait{};      // chosen before the next attempt; 0 if there is none
  SharedText wait_reason;                // "Retry-After", "X-RateLimit-Reset", "backoff", ...

  bool operator==(const Attempt&) const = default;
};

/// The attempts of a call, in their order: nearly always one, which needs no allocation.
class Attempts {
 public:
  Attempts() = default;
  Attempts(const Attempts& other) : Attempts(other.begin(), other.end()) {}
  Attempts(Attempts&&) noexcept = default;
  Attempts& operator=(Attempts other) noexcept {
    first_ = std::move(other.first_);
    all_ = std::move(other.all_);
    return *this;
  }
  Attempts(const Attempt* begin, const Attempt* end) {
    for (; begin != end; ++begin) push_back(Attempt(*begin));
  }

  void push_back(Attempt&& one);
  Attempt& emplace_back() {
    push_back({});
    return back();
  }
  void clear() { *this = Attempts(); }

  std::size_t size() const { return has_many() ? all_->size() : (all_ ? 1 : 0); }
  bool empty() const { return all_ == nullptr; }
  const Attempt* begin() const { return has_many() ? all_->data() : &first_; }
  const Attempt* end() const { return begin() + size(); }
  Attempt* begin() { return has_many() ? all_->data() : &first_; }
  Attempt* end() { return begin() + size(); }
  const Attempt& operator[](std::size_t i) const { return begin()[i]; }
  const Attempt& front() const { return *begin(); }
  const Attempt& back() const { return end()[-1]; }
  Attempt& back() { return end()[-1]; }

  bool operator==(const Attempts& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

 private:
  inline static std::vector<Attempt> only_first_;  // stands for first_ alone
  struct Delete {
    void operator()(std::vector<Attempt>* all) const {
      if (all != &only_first_) delete all;
    }
  };
  bool has_many() const { return all_ && all_.get() != &only_first_; }

  std::unique_ptr<std::vector<Attempt>, Delete> all_;
  Attempt first_;
};

/// Whole seconds or none, in eight bytes: programs keep many reports.
class OptionalSeconds {
 public:
  static constexpr auto kNone = std::chrono::seconds::min();  // no time span

  OptionalSeconds() = default;
  OptionalSeconds(std::chrono::seconds value) : value_(value) {}
  OptionalSeconds(std::nullopt_t) {}

  bool has_value() const { return value_ != kNone; }
  explicit operator bool() const { return has_value(); }
  std::chrono::seconds operator*() const { return value_; }
  std::chrono::seconds value_or(std::chrono::seconds other) const {
    return has_value() ? value_ : other;
  }

  bool operator==(const OptionalSeconds&) const = default;

 private:
  std::chrono::seconds value_ = kNone;
};

struct CallReport {
  SharedText operation;  // the vendor's own word, "session_status"; "probe" for any vendor's
  SharedText method;
  SharedText origin;  // "https://api.example.com:443"
  Attempts attempts;
  std::chrono::microseconds elapsed{};  // the whole call, queueing and waits included
  SharedText request_id;       // what the server calls the request it answered; empty if nothing
  OptionalSeconds clock_skew;  // our clock less the answer's Date, +-1 s
  bool reconciled = false;  // its answer was lost, and what it had made was found by a second call

  bool operator==(const CallReport&) const = default;
};

}  // namespace sessionvitals
