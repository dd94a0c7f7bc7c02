// The admin interface: JSON under /__admin/, for people with curl and for the pytest plugin alike.
// The table of its calls is in admin.cpp; openapi.json is the same table for machines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/access.h"
#include "values/json.h"
#include "vendors/target.h"
#include "wire/application.h"

namespace mock {

class Mock;
class Space;

struct AdminReply {
  Answer answer;
  /// Set: ask again at this monotonic millisecond; earlier when something changed, unless
  /// `wait_for_change` is false.
  std::optional<std::int64_t> wait_until = std::nullopt;
  bool wait_for_change = true;
};

bool is_admin(std::string_view path);
AdminReply answer_admin(Mock& mock, Space& space, const Request& request, const Target& target,
                        RequestState& state);

/// What a handler of the table is given.
struct AdminCall {
  Mock& mock;
  Space& space;
  const Request& request;
  std::string_view query;
  std::vector<std::string> names;  // what stands for {..} in the path, decoded
  RequestState& state;
  std::optional<std::int64_t> wait_until;
  bool wait_for_change = true;

  /// The body as JSON. Throws BadRequest.
  Json body() const;
};

/// A JSON answer, ended by a newline for people's terminals.
Answer admin_json(int http_status, const Json& json);
Answer admin_error(int http_status, std::string_view code, const std::string& message,
                   const std::string& member = "");

}  // namespace mock
