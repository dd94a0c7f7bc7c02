#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "sessionvitals/context.h"

/// How a client carries its calls. Precedence: a call's own options, then the
/// view's (Client::with_options), then the client's, then the environment's,
/// then the defaults below.
namespace sessionvitals {

/// For one call, or for a view of a client; what is not set is inherited.
struct CallOptions {
  // For the whole call, its retries and waits included; more than 0, at most a day.
  std::optional<std::chrono::duration<double>> timeout = {};
  std::optional<int> max_retries = {};  // 0 to 10
  // Also resend a request that may act twice (Effect::once) and of which a byte may have left.
  std::optional<bool> resend_unsafe = {};
  std::optional<bool> retry_patch = {};  // tiun's name for resend_unsafe; not both
  std::optional<CancelToken> cancel = {};
  bool (*is_interrupted)() = nullptr;  // see Context; for bindings to languages with signals
  // W3C Trace Context, sent as the headers of these names with every attempt; empty: none is sent.
  std::string traceparent = {};  // "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
  std::string tracestate = {};   // only with a traceparent; at most 512 characters

  bool operator==(const CallOptions&) const = default;
};

/// For all clients that are to share connections: a pool is per origin and
/// these settings, and holds no credential.
struct TransportOptions {
  std::string ca_file = {};  // PEM; empty: SSL_CERT_FILE, SSL_CERT_DIR, the system's places
  std::string fallback_ca_file = {};         // PEM; where neither those nor the system have any
  std::string client_certificate_file = {};  // PEM; empty: none
  std::string client_key_file = {};          // PEM; empty: in client_certificate_file
  std::string proxy = {};                    // "http://host:port"; empty: the environment's
  bool trust_env = true;  // heed HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_*
  std::size_t max_connections = 128;         // to one origin, idle ones included; 1 to 4096
  std::chrono::milliseconds max_idle{4000};  // an older idle connection is closed, not reused:
                                             // elizaOS closes them after about 5 s (wire)
  bool operator==(const TransportOptions&) const = default;
};

/// The defaults of a call.
inline constexpr std::chrono::seconds kDefaultTimeout{10};
inline constexpr int kDefaultMaxRetries = 2;
inline constexpr std::chrono::hours kMaxTimeout{24};

/// Returns whether that can be a timeout or a deadline: more than 0, and at most a day.
constexpr bool is_allowed(std::chrono::duration<double> time) {
  return time.count() > 0 && time <= kMaxTimeout;  // also false for NaN
}

}  // namespace sessionvitals
