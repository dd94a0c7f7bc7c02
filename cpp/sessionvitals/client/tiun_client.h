#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/client/client.h"
#include "sessionvitals/providers/tiun.h"

namespace sessionvitals {

struct TiunOptions {
  std::optional<std::string> access_token = {};  // default: TIUN_ACCESS_TOKEN
  std::string header_name = {};                  // default: X-ACCESS-TOKEN
  std::optional<std::string> base_url = {};      // default: TIUN_BASE_URL, then production
  bool sandbox = false;                          // tiun's own; a base_url wins over it
  TransportOptions transport = {};
  std::shared_ptr<const Transport> custom_transport = {};  // see transport.h
  CallOptions call = {};
};

/// Asks tiun.
class TiunClient : public Client {
 public:
  explicit TiunClient(TiunOptions options = {})
      : Client(providers::tiun, {.key = std::move(options.access_token),
                                 .auth_scheme = std::move(options.header_name),
                                 .base_url = std::move(options.base_url),
                                 .sandbox = options.sandbox,
                                 .transport = std::move(options.transport),
                                 .custom_transport = std::move(options.custom_transport),
                                 .call = std::move(options.call)}) {}

  /// Returns whether the session's content may be served: true only on exactly
  /// 200, false on 404. Fails with any error of errors.h for everything else,
  /// and nothing is known of the session then.
  Result<TiunVerdict> verify(std::string_view session_id, const CallOptions& options = {}) const {
    return call(tiun::kVerify, {std::string(session_id)}, options);
  }

  /// Returns whether the token that a user's browser has brought is a user's of yours, and
  /// whose. Look at is_authenticated, or at the answer as a bool: a Result that is not an
  /// error says nothing of it. Fails with any error of errors.h.
  Result<TiunUserVerification> verify_user(std::string_view token,
                                           const CallOptions& options = {}) const {
    return call(tiun::kVerifyUser, {std::string(token)}, options);
  }

  /// Returns what tiun knows of the user. This is no authentication: whoever knows the
  /// user's id gets an answer. Fails with any error of errors.h; NotFoundError for no
  /// such user.
  Result<TiunUser> get_user_info(std::string_view user_id, const CallOptions& options = {}) const {
    return call(tiun::kGetUserInfo, {std::string(user_id)}, options);
  }

  /// Returns a client that differs in the options that are set.
  TiunClient with_options(const CallOptions& options) const { return view_of(*this, options); }
};

}  // namespace sessionvitals
