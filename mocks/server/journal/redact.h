// What must never be kept: keys, tokens and their like, taken out before anything is recorded.
//
// A secret is found by its name (a header, a member of a query, a form or JSON, a part of a
// multipart body, however broken the whole is), by its form (Bearer and Basic credentials, a JWT,
// the user of a URL), or because it is one of the secrets given, spelt with escapes or without.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "values/http.h"

namespace mock {

inline constexpr std::string_view kRedacted = "[redacted]";

/// Texts that are taken out wherever they stand. One of fewer than four characters is left: it is
/// part of too many words.
using Secrets = std::span<const std::string_view>;

/// By its name, a header, query member or JSON member that holds a secret.
bool is_secret_name(std::string_view name);

/// The texts of a request that its headers and its JSON body name as secrets: an answer that a test
/// has made up may repeat them under any name.
std::vector<std::string> secrets_sent(const Request& request);

/// A header's value, as it may be kept.
std::string redacted_header(std::string_view name, std::string_view value, Secrets secrets);

/// A text in which only the secrets given are looked for, such as a session id.
std::string redacted_text(std::string_view text, Secrets secrets);

/// A request target: its path as redacted_text(), its query by the names of its members.
std::string redacted_target(std::string_view target, Secrets secrets);

/// A body: JSON by the names of its members, and whatever else it is by all rules at once.
std::string redacted_body(std::string_view body, Secrets secrets);

}  // namespace mock
