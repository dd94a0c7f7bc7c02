#include "sessionvitals/values/request_id.h"

#include <array>

namespace sessionvitals {

namespace {

// Reports are kept by the thousand; ids of tracing systems have at most 128 characters.
constexpr std::size_t kMaxId = 256;

}  // namespace

std::string_view read_request_id(const std::vector<Header>& headers) {
  constexpr std::array<std::string_view, 3> kNames = {"X-Request-Id", "Request-Id",
                                                      "X-Correlation-Id"};
  for (const std::string_view name : kNames) {
    const std::string* value = find_header(headers, name);
    if (value != nullptr && value->size() <= kMaxId) return *value;
  }
  return {};
}

}  // namespace sessionvitals
