#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The report of a call: what was tried, how far each try came, what it cost,
/// and why the next one waited. Every result and every error carries one. It
/// holds no credential and no body.
namespace sessionvitals {

/// How far a try came; the phase that an error names is the one it died in.
enum class Phase { queue, resolve, connect, proxy, tls, send, receive, done, wait };

/// Returns the phase's name, as it is spelled above.
std::string_view phase_name(Phase phase);

/// One try: at most one request on the wire and at most one response.
struct Try {
  Phase phase = Phase::queue;            // the furthest reached; done when a response came whole
  std::string address;                   // "127.0.0.1:443" or "[::1]:443"; empty before connect
  bool reused = false;                   // over a kept-alive connection
  std::string tls_version;               // "TLSv1.3"; empty on plain connections
  int http_status = 0;                   // 0: no response
  std::uint64_t bytes_sent = 0;          // of the HTTP request, before encryption
  std::uint64_t bytes_received = 0;      // of the HTTP response, after decryption
  std::chrono::microseconds started{};   // since the call began
  std::chrono::microseconds duration{};  // of this try, without the wait after it
  std::string error;                     // why it failed, in words; empty on success
  std::chrono::microseconds wait{};      // chosen before the next try; 0 if there is none
  std::string wait_reason;               // "Retry-After", "X-RateLimit-Reset", "backoff", ...

  bool operator==(const Try&) const = default;
};

struct CallReport {
  std::string operation;  // the vendor's own word, "session_status"; "probe" for any vendor's
  std::string method;
  std::string origin;  // "https://api.example.com:443"
  std::vector<Try> tries;
  std::chrono::microseconds elapsed{};  // the whole call, queueing and waits included
  std::string request_id;  // what the server calls the request it answered; empty if nothing
  std::optional<std::chrono::seconds> clock_skew;  // our clock less the answer's Date, +-1 s

  bool operator==(const CallReport&) const = default;
};

}  // namespace sessionvitals
