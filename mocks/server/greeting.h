// What the mock tells people and programs about itself: where each vendor is, and with which key.
#pragma once

#include <cstdint>
#include <string>

#include "options.h"
#include "sandbox/settings.h"
#include "wire/tls.h"

namespace mock {

/// The mock's base URL.
std::string url_of(const Options& options, std::uint16_t port);

/// The ready line: one JSON object. `tls` is null for plain HTTP.
std::string ready_line(const Options& options, std::uint16_t port, const Keys& keys,
                       const TlsServer* tls);

/// Shell commands that lead clients to the mock at `url`: an export for each variable, an unset for
/// the key of a vendor that asks for none. Keys may hold any character.
std::string shell_environment(const std::string& url, const Keys& keys);

/// What GET / answers: the vendors' base paths, and where to read on. It has no keys.
std::string front_page(std::string_view space);

std::string_view version();

}  // namespace mock
