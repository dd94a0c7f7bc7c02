#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"
#include "sessionvitals/provider.h"
#include "sessionvitals/providers/reading/json.h"
#include "sessionvitals/timestamp.h"

/// What every provider writes its requests and reads its refusals with. Private
/// to providers/.
namespace sessionvitals::providers {

/// Returns what is wrong with a session id, if it cannot be sent: it is empty,
/// "." or ".." (dot segments change the endpoint, and percent-encoding them is
/// no cure: RFC 3986 s5.2.4), or has control characters.
std::optional<Error> check_session_id(std::string_view session_id);

/// Returns what is wrong with a credential, if it cannot be sent as a header's
/// value: it is empty, or not printable ASCII without space at its ends.
std::optional<Error> check_key(const Provider& provider, std::string_view key);

/// Returns the style to use: the credential's, or the provider's first; or what
/// is wrong with it.
Result<std::string_view> choose_style(const Provider& provider, std::string_view style);

/// Returns what a provider's word means; unknown if its vocabulary does not
/// have it. A new word is news from the provider and not an error.
SessionState meaning(const Provider& provider, std::string_view theirs);

/// What a vendor says in the body of an error response, as far as it says it.
struct ErrorBody {
  std::string code;
  std::string message;
  std::string details_json;
  std::string request_id;
  std::string hint;  // ours: what to check, if the vendor's body points somewhere
  std::optional<Timestamp> expires_at;
};

/// Makes the error for an error response whose body said `body`.
/// The message names the vendor, its words, and the remedy.
Error http_status_error(const Provider& provider, const Response& response, ErrorBody body);

/// Reads the body of a response into the struct, or the vector of structs. Returns a
/// ContractError at the first violation, a body longer than the operation's body_limit
/// for one; `answer` is then unspecified.
template <class T>
std::optional<Error> read_answer(const Provider& provider, const Response& response, T& answer,
                                 std::size_t body_limit = kDefaultBodyLimit) {
  auto violation = read_json(response.body, answer, body_limit);
  if (!violation) return std::nullopt;
  return Error(*std::move(violation), provider.name, response.http_status);
}

/// Returns the session that a 404 (not_found) or a 410 (expired) speaks of, with
/// the vendor's code for it; any other error as it is.
Result<Session> gone_session(const Provider& provider, std::string_view session_id, Error error);

}  // namespace sessionvitals::providers
