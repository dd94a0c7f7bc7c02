#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/client/client.h"
#include "sessionvitals/providers/maple.h"

namespace sessionvitals {

struct MapleOptions {
  std::optional<std::string> api_key = {};   // default: MAPLE_API_KEY
  std::optional<std::string> base_url = {};  // default: MAPLE_BASE_URL, then production
  TransportOptions transport = {};
  CallOptions call = {};
};

/// Asks Maple.
class MapleClient : public Client {
 public:
  explicit MapleClient(MapleOptions options = {})
      : Client(providers::maple, {.key = std::move(options.api_key),
                                  .base_url = std::move(options.base_url),
                                  .transport = std::move(options.transport),
                                  .call = std::move(options.call)}) {}

  Result<MapleSap> sap(std::string_view session_id, const CallOptions& options = {}) const {
    return call(maple::kSap, {std::string(session_id)}, options);
  }

  MapleClient with_options(const CallOptions& options) const { return view_of(*this, options); }
};

}  // namespace sessionvitals
