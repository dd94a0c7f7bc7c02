#pragma once

#include <string>
#include <string_view>

#include "sessionvitals/provider.h"

/// Maple, which does not exist: is this tree's sap running?
namespace sessionvitals {

/// Maple's answer about a tree.
struct MapleSap : Detail {
  std::string session_id;
  std::string sap;  // the vendor's word, verbatim
};

namespace maple {

Result<Request> build_sap(const SessionId& session_id, const Credential& credential);
Result<MapleSap> parse_sap(const SessionId& session_id, const Response& response);
inline constexpr Operation<SessionId, MapleSap> kSap{"sap", Effect::none, build_sap, parse_sap};

}  // namespace maple

namespace providers {
extern const Provider maple;
}

}  // namespace sessionvitals
