// Times: one that was read is written and read as the same.
#include "sessionvitals/timestamp.h"

#include <vector>

#include "fuzz.h"

namespace {

using namespace sessionvitals;

void check_timestamp(std::string_view text) {
  const auto time = parse_timestamp(text);
  if (!time) return;
  fuzz::require(parse_timestamp(format_timestamp(*time)) == *time, "RFC 3339: there and back");
}

void check_http_date(std::string_view text, Timestamp now) {
  const auto time = parse_http_date(text, now);
  if (!time) return;
  fuzz::require(parse_http_date(format_http_date(*time), now) == *time, "HTTP: there and back");
  fuzz::require(time->time_since_epoch() % std::chrono::seconds(1) == std::chrono::seconds(0),
                "an HTTP date has whole seconds");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [choice, given] = fuzz::read_input(data, size);
  // In a place of its own, so that a byte read past its end is seen.
  const std::vector<char> copy(given.begin(), given.end());
  const std::string_view text(copy.data(), copy.size());
  check_timestamp(text);
  check_http_date(text, Timestamp(std::chrono::days(365 * (choice % 200))));
  return 0;
}
