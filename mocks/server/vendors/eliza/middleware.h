// What the real server's middleware does around its routes, in the dialect `server`.
#pragma once

#include <optional>
#include <string>

#include "vendors/vendor.h"

namespace mock {

/// The key that came with the request, or nothing. Node joins the values of a repeated header.
std::optional<std::string> eliza_key_of(const Call& call);

/// The refusal of `?agentId=`: 400 for what is no UUID, 404 for an agent that does not run.
std::optional<Answer> eliza_refuse_agent(const Call& call);

/// The agents that the space knows; every UUID, if it names none.
bool eliza_knows_agent(const Call& call, std::string_view agent);

/// The form of a UUID, of any version.
bool eliza_is_uuid(std::string_view text);

/// 304 in place of an answer whose tag the client has, as Express does it.
Answer eliza_if_changed(const Call& call, Answer answer);

}  // namespace mock
