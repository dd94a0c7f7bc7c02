#pragma once

#include <cstddef>
#include <cstdint>
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

/// Returns what is wrong with an id, if it cannot be sent as a segment of a path: it is
/// empty, "." or ".." (dot segments change the endpoint, and percent-encoding them is
/// no cure: RFC 3986 s5.2.4), or has control characters. `name` is what errors call it.
std::optional<Error> check_id(std::string_view id, std::string_view name);
std::optional<Error> check_session_id(std::string_view session_id);

/// Returns what is wrong with a credential, if it cannot be sent as a header's
/// value: it is empty, or not printable ASCII without space at its ends.
std::optional<Error> check_key(const Provider& provider, std::string_view key);

/// Returns the style to use: the credential's, or the provider's first; or what
/// is wrong with it.
Result<std::string_view> choose_style(const Provider& provider, std::string_view style);

/// Returns our state for a provider's word; unknown if its map does not
/// have it. A new word is news from the provider and not an error.
SessionState map_state(const Provider& provider, std::string_view theirs);

/// How many headers a request has, with those of a trace and those that describe a body.
inline constexpr std::size_t kUsualHeaders = 6;

/// Adds a header to the request, and returns it.
Header& add_header(Request& request, std::string_view name, std::string_view value);

/// Gives the request that JSON as its body, with the headers that describe it. Returns
/// what is wrong with it, if it cannot be sent.
std::optional<Error> add_json_text(Request& request, std::string body);

/// Gives the request a body: the members of the question's table as JSON. Returns
/// what cannot be sent, with the name of the member.
template <HasMembers Question>
std::optional<Error> add_json_body(Request& request, const Question& question) {
  auto body = write_json(question);
  if (!body) return std::move(body).error();
  return add_json_text(request, *std::move(body));
}

/// Writes a path to the target: what is before an id, the id as one segment, what is after it.
void write_path(std::string& target, std::string_view before, std::string_view id,
                std::string_view after);

/// Adds a parameter to the query of a request's target; nothing for an absent value.
void add_query(Request& request, std::string_view name, const std::optional<std::string>& value);
void add_query(Request& request, std::string_view name, std::optional<std::int64_t> value);

/// What a call is about, for the advice in its errors.
enum class Subject { session, other };

/// What a vendor says in the body of an error response, as far as it says it.
struct ErrorBody {
  std::string code;
  std::string message;
  std::string details_json;
  std::string request_id;
  std::string hint;  // ours: what to check, if the vendor's body points somewhere
  // Whether the vendor wrote it; left out where a code or a message says so.
  std::optional<bool> is_vendors;
  std::optional<Timestamp> expires_at;
};

/// Returns what to check where a refusal came without what the vendor says with it.
std::string hint_of_another(const Provider& provider);

/// Makes the error for an error response whose body said `body`.
/// The message names the vendor, its words, and the remedy.
Error http_status_error(const Provider& provider, const Response& response, ErrorBody body,
                        Subject subject = Subject::session);

/// Returns the ContractError of an answer that breaks the contract so. Says so if its body is no
/// JSON because it is compressed, which no request of ours asks for.
Error unreadable(const Provider& provider, const Response& response, Violation violation);

/// Reads the body of a response into the struct, or the vector of structs. Returns a
/// ContractError at the first violation, a body longer than the operation's body_limit
/// for one; `answer` is then unspecified.
template <class T>
std::optional<Error> read_answer(const Provider& provider, const Response& response, T& answer,
                                 std::size_t body_limit = kDefaultBodyLimit) {
  auto violation = read_json(response.body, answer, body_limit);
  if (!violation) return std::nullopt;
  return unreadable(provider, response, *std::move(violation));
}

/// Returns the session that a 404 (not_found) or a 410 (expired) speaks of, with
/// the vendor's code for it; any other error as it is.
Result<Session> gone_session(const Provider& provider, std::string_view session_id, Error error);

}  // namespace sessionvitals::providers
