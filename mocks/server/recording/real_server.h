// A real server of a vendor, which has no admin interface: it is prepared by the vendor's own
// calls, as the contract's member `real_server` describes them (tests/support/contracts.py).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recording/upstream.h"
#include "values/json.h"

namespace mock {

class RealServer {
 public:
  /// `contract` outlives it. The key is in the environment, under the name that the contract gives.
  RealServer(const Json& contract, Upstream upstream);
  ~RealServer();
  RealServer(const RealServer&) = delete;
  RealServer& operator=(const RealServer&) = delete;

  /// Why no such server can be brought to give the exchange's answer; empty when it can.
  std::string why_not(const Json& exchange) const;

  /// Creates the exchange's sessions, and returns its request with this server's key and ids.
  /// Throws BadRequest, with the server's words, when it does not do as it is asked.
  Request prepare(const Json& exchange);

  /// Keeps the id of a session that the exchange's own request has created, to delete it.
  void note(const Json& exchange, const UpstreamAnswer& answer);

  /// Whether the answer tells of a session that was created for this exchange, or by it.
  static bool is_about_ours(const Json& exchange);

  /// The server chooses the value of that member of an answer.
  bool is_chosen(std::string_view pointer) const;

 private:
  UpstreamAnswer call(const Json& call, const std::string& id, const Json& body);
  Json take(const Json& call, const UpstreamAnswer& answer) const;
  std::string create(const Json& session);
  Json filled(const Json& value, const Json& session);
  const Json& agent();

  const Json& provider_;
  const Json& description_;
  Upstream upstream_;
  std::string key_;
  Json agent_;
  std::vector<std::string> created_;
};

}  // namespace mock
