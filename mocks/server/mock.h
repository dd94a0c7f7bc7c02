// The mock itself: every space, and which part of it answers a request.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "application.h"
#include "space.h"

namespace mock {

struct MockOptions {
  std::uint64_t seed = 0;
  std::size_t most_spaces = 4096;
  std::size_t most_sessions = 500000;
};

class Mock final : public Application {
 public:
  explicit Mock(const MockOptions& options);

  Reply answer(const Request& request, Visit& visit) override;
  bool changed() override;
  WirePlan refuse(int http_status) override;

  Spaces& spaces() { return spaces_; }
  const MockOptions& options() const { return options_; }

 private:
  Reply answer_vendor(const Request& request, Space& space, std::string_view path,
                      std::string_view query, Visit& visit);

  MockOptions options_;
  Spaces spaces_;
  bool changed_ = false;
  // The last HTTP date written, since a second has many answers.
  Time date_second_ = INT64_MIN;
  std::string date_;
  std::string_view date_at(Time now);
  WirePlan plan(const Request& request, const Answer& answer, Time now);
};

}  // namespace mock
