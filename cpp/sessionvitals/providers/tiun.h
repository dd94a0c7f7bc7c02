#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/provider.h"

/// tiun: may this paid content be served?
///
/// Pure requests and readings of PATCH .../sessions/{id}/status and of the two calls
/// about users; the clients that send them are TiunClient and, for any vendor, Client.
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
  void redact(std::string_view secret) override;
};

/// What tiun says of a user.
struct TiunUser : Detail {
  std::string user_id;
  std::optional<std::string> email;
  std::optional<JsonText> product_access;  // an array by the documents, an object by an integrator

  bool operator==(const TiunUser& other) const {
    return user_id == other.user_id && email == other.email &&
           product_access == other.product_access && extra == other.extra;
  }
};

/// tiun's answer about the token that a user's browser has brought.
struct TiunUserVerification : Detail {
  bool is_authenticated = false;  // a proper answer is false as well
  std::optional<TiunUser> user;   // who it is

  explicit operator bool() const { return is_authenticated; }
};

/// The question of verify_user().
struct TiunUserToken {
  std::string token;  // a JWT; secret

  bool operator==(const TiunUserToken&) const = default;
};

/// The question of get_user_info().
struct TiunUserId {
  std::string user_id;

  bool operator==(const TiunUserId&) const = default;
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

/// Writes the request. Fails with a ConfigurationError for a token that is empty, longer
/// than 16 KiB or not of visible ASCII: it is neither decoded nor checked otherwise.
Result<Request> build_verify_user(const TiunUserToken& question, const Credential& credential);

/// Reads the answer. Fails with a ContractError for a 200 that does not say whether the
/// user is authenticated. No error quotes the token.
Result<TiunUserVerification> parse_verify_user(const TiunUserToken& question,
                                               const Response& response);

/// Whether a token works twice is not documented.
inline constexpr Operation<TiunUserToken, TiunUserVerification> kVerifyUser{
    "verify_user", Effect::once, build_verify_user, parse_verify_user};

/// Writes the request. Fails with a ConfigurationError for an id that cannot be sent.
Result<Request> build_get_user_info(const TiunUserId& question, const Credential& credential);

/// Reads the answer. This is no authentication: whoever knows an id gets it.
Result<TiunUser> parse_get_user_info(const TiunUserId& question, const Response& response);

inline constexpr Operation<TiunUserId, TiunUser> kGetUserInfo{
    "get_user_info", Effect::none, build_get_user_info, parse_get_user_info};

}  // namespace tiun

namespace providers {
extern const Provider tiun;
}

}  // namespace sessionvitals
