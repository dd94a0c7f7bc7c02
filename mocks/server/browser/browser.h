// What the imitation of tiun's browser script asks of the mock: the script itself, sessions and
// users. These paths alone are open to pages of other sites, and only to those whose address has
// the space's capability.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vendors/target.h"
#include "wire/application.h"

namespace mock {

class Space;

struct BrowserReply {
  Answer answer;
  std::optional<std::int64_t> wait_until = std::nullopt;  // as in Reply
  bool has_changed = false;                               // something in the space
};

bool is_browser_path(std::string_view path);

/// The path and query of a space's script.
std::string script_path(std::string_view space);

/// The refusal of a request that does not know the capability, and of each while another server's
/// answers are recorded or replayed: that one knows none of the sessions made here.
std::optional<Answer> refuse_page(const Target& target, bool has_source);

BrowserReply answer_browser(Space& space, const Request& request, const Target& target,
                            const RequestState& state);

}  // namespace mock
