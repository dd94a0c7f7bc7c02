#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/provider.h"

/// tiun: may this paid content be served?
///
/// Pure requests and readings of PATCH .../sessions/{id}/status; the clients
/// that send them are TiunClient and, for any vendor, Client.
namespace sessionvitals {

/// A problem as RFC 9457 has it. Every member is optional, one of a wrong type
/// is ignored, and none decides anything: the status line does.
struct ProblemDetails {
  std::string type = "about:blank";  // RFC 9457 s3.1.1
  std::string title;
  std::string detail;  // for people; never parsed
  std::string instance;
  std::optional<std::int32_t> http_status;  // as the body has it
  std::vector<ExtraMember> extra;

  bool operator==(const ProblemDetails&) const = default;
};

/// tiun's answer about a session: serve, or do not.
struct TiunVerdict : Detail {
  std::string session_id;
  bool valid = false;                     // true only on exactly 200
  std::optional<ProblemDetails> problem;  // what a 404 said, if it said it
  std::string hint;  // what to check where an invalid session surprises; may be empty

  explicit operator bool() const { return valid; }
};

/// How a tiun key is sent. The seed document has the first; the vendor's
/// current guide names the second and calls the first out of date.
inline constexpr std::string_view kTiunAccessTokenHeader = "X-ACCESS-TOKEN";
inline constexpr std::string_view kTiunApiKeyHeader = "X-TIUN-API-KEY";

namespace tiun {

/// Writes the request. `credential.style` is the header's name, any token; empty
/// means X-ACCESS-TOKEN. Fails with a ConfigurationError for an id or a key that
/// cannot be sent.
Result<Request> build_verify(const SessionId& session_id, const Credential& credential);

/// Reads the answer. 200 is valid and 404 is not; anything else is an
/// HttpStatusError, because nothing is known of the session then.
Result<TiunVerdict> parse_verify(const SessionId& session_id, const Response& response);

inline constexpr Operation<SessionId, TiunVerdict> kVerify{"verify", Effect::once, build_verify,
                                                           parse_verify};

}  // namespace tiun

namespace providers {
extern const Provider tiun;
}

}  // namespace sessionvitals
