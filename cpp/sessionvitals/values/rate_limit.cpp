#include "sessionvitals/rate_limit.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace sessionvitals {

namespace {

constexpr std::int64_t kFirstEpoch = 1'000'000'000;  // no window is 30 years long
constexpr std::int64_t kMaxDelay = 31'536'000'000;   // a thousand years: beyond it all is alike

// A whole number of at least 0; one that is too large to hold is the largest.
std::optional<std::int64_t> parse_count(std::string_view text) {
  const auto is_digit = [](char character) { return character >= '0' && character <= '9'; };
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  std::int64_t count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (problem == std::errc::result_out_of_range) return INT64_MAX;
  return count;
}

std::optional<std::int64_t> find_count(const std::vector<Header>& headers, std::string_view name) {
  const std::string* value = find_header(headers, name);
  return value == nullptr ? std::nullopt : parse_count(*value);
}

std::int64_t seconds_since_epoch(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value,
                                                           std::optional<Timestamp> now) {
  if (const auto delay = parse_count(value)) {
    return std::chrono::seconds(std::min(*delay, kMaxDelay));
  }
  const auto date = now ? parse_http_date(value, *now) : std::nullopt;
  if (!date) return std::nullopt;
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(*date - *now),
                  std::chrono::milliseconds(0));
}

RateLimit read_rate_limit(const std::vector<Header>& headers, std::optional<Timestamp> now) {
  const auto find_either = [&](std::string_view theirs, std::string_view standard) {
    const auto count = find_count(headers, theirs);
    return count ? count : find_count(headers, standard);
  };
  RateLimit limit;
  limit.limit = find_either("X-RateLimit-Limit", "RateLimit-Limit");
  limit.remaining = find_either("X-RateLimit-Remaining", "RateLimit-Remaining");
  if (const auto reset = find_either("X-RateLimit-Reset", "RateLimit-Reset")) {
    const bool is_epoch = *reset > kFirstEpoch;
    if (is_epoch && !now) return limit;
    const std::int64_t after = is_epoch ? *reset - seconds_since_epoch(*now) : *reset;
    limit.reset_after = std::chrono::seconds(std::clamp(after, std::int64_t{0}, kMaxDelay));
  }
  return limit;
}

std::optional<Timestamp> read_date(const std::vector<Header>& headers) {
  // A server says the same for a second: the latest one of a thread is not read again.
  struct Latest {
    std::array<char, 29> text;  // "Thu, 01 Jan 1970 00:00:00 GMT", the form that servers write
    Timestamp::rep microseconds;
  };
  constinit thread_local Latest latest{};
  const std::string* text = find_header(headers, "Date");
  if (text == nullptr) return std::nullopt;
  const bool is_usual = text->size() == latest.text.size();
  if (is_usual && std::ranges::equal(*text, latest.text)) {
    return Timestamp(Timestamp::duration(latest.microseconds));
  }
  const auto date = parse_http_date(*text, Timestamp());
  if (is_usual && date) {
    std::ranges::copy(*text, latest.text.begin());
    latest.microseconds = date->time_since_epoch().count();
  }
  return date;
}

}  // namespace sessionvitals
