#include "sessionvitals/timestamp.h"

#include <array>
#include <cstdint>
#include <cstdio>

namespace sessionvitals {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// Takes a text apart from its front. Every function returns whether it found
// what it looked for; what follows a failure is undefined and not used.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(char expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  template <std::size_t kDigits>
  bool take_number(int& number) {
    if (rest_.size() < kDigits) return false;
    number = 0;
    for (std::size_t i = 0; i < kDigits; ++i) {
      const int digit = rest_[i] - '0';
      if (digit < 0 || digit > 9) return false;
      number = number * 10 + digit;
    }
    rest_.remove_prefix(kDigits);
    return true;
  }

  template <std::size_t N>
  bool take_one_of(const std::array<std::string_view, N>& words, int& index) {
    for (std::size_t i = 0; i < N; ++i) {
      if (take(words[i])) {
        index = static_cast<int>(i);
        return true;
      }
    }
    return false;
  }

  // One or more digits, as microseconds; those past the sixth are dropped.
  bool take_fraction(microseconds& fraction) {
    std::int64_t number = 0;
    int digits = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      if (digits < 6) number = number * 10 + (rest_.front() - '0');
      ++digits;
      rest_.remove_prefix(1);
    }
    for (int i = digits; i < 6; ++i) number *= 10;
    fraction = microseconds(number);
    return digits > 0;
  }

 private:
  std::string_view rest_;
};

struct TimeOfDay {
  int hour = 0;
  int minute = 0;
  int second = 0;

  // A leap second is refused: no vendor writes one, and UTC clocks here have none.
  bool is_valid() const { return hour < 24 && minute < 60 && second < 60; }
  seconds since_midnight() const { return hours(hour) + minutes(minute) + seconds(second); }
};

bool take_time_of_day(Scanner& scanner, TimeOfDay& time) {
  return scanner.take_number<2>(time.hour) && scanner.take(':') &&
         scanner.take_number<2>(time.minute) && scanner.take(':') &&
         scanner.take_number<2>(time.second) && time.is_valid();
}

// Z, or an offset east of UTC.
bool take_offset(Scanner& scanner, minutes& offset) {
  offset = minutes(0);
  if (scanner.take('Z') || scanner.take('z')) return true;
  const bool is_west = scanner.take('-');
  if (!is_west && !scanner.take('+')) return false;
  int hour = 0;
  int minute = 0;
  if (!scanner.take_number<2>(hour) || !scanner.take(':') || !scanner.take_number<2>(minute)) {
    return false;
  }
  offset = hours(hour) + minutes(minute);
  if (is_west) offset = -offset;
  return hour < 24 && minute < 60;
}

std::optional<sys_days> to_date(int year, int month, int day) {
  const year_month_day date{std::chrono::year(year),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return sys_days(date);
}

std::optional<Timestamp> within_range(Timestamp time) {
  constexpr Timestamp kFirst =
      sys_days(year_month_day{std::chrono::year(1), std::chrono::January, std::chrono::day(1)});
  constexpr Timestamp kEnd =
      sys_days(year_month_day{std::chrono::year(10000), std::chrono::January, std::chrono::day(1)});
  if (time < kFirst || time >= kEnd) return std::nullopt;
  return time;
}

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> kLongDays = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

std::optional<Timestamp> to_http_date(int year, int month_index, int day, TimeOfDay time) {
  const auto date = to_date(year, month_index + 1, day);
  if (!date) return std::nullopt;
  return within_range(*date + time.since_midnight());
}

// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<Timestamp> parse_imf_fixdate(std::string_view text) {
  Scanner scanner(text);
  int weekday = 0;
  int day = 0;
  int month = 0;
  int year = 0;
  TimeOfDay time;
  const bool is_whole = scanner.take_one_of(kDays, weekday) && scanner.take(", ") &&
                        scanner.take_number<2>(day) && scanner.take(' ') &&
                        scanner.take_one_of(kMonths, month) && scanner.take(' ') &&
                        scanner.take_number<4>(year) && scanner.take(' ') &&
                        take_time_of_day(scanner, time) && scanner.take(" GMT") && scanner.at_end();
  if (!is_whole) return std::nullopt;
  return to_http_date(year, month, day, time);
}

// Sunday, 06-Nov-94 08:49:37 GMT: a year that looks more than 50 years ahead
// is the latest one in the past with the same digits (RFC 9110 s5.6.7).
std::optional<Timestamp> parse_rfc850_date(std::string_view text, Timestamp now) {
  Scanner scanner(text);
  int weekday = 0;
  int day = 0;
  int month = 0;
  int two_digits = 0;
  TimeOfDay time;
  const bool is_whole = scanner.take_one_of(kLongDays, weekday) && scanner.take(", ") &&
                        scanner.take_number<2>(day) && scanner.take('-') &&
                        scanner.take_one_of(kMonths, month) && scanner.take('-') &&
                        scanner.take_number<2>(two_digits) && scanner.take(' ') &&
                        take_time_of_day(scanner, time) && scanner.take(" GMT") && scanner.at_end();
  if (!is_whole) return std::nullopt;
  const year_month_day today(std::chrono::floor<days>(now));
  const int this_year = static_cast<int>(today.year());
  int year = this_year - this_year % 100 + two_digits;
  if (year > this_year + 50) year -= 100;
  return to_http_date(year, month, day, time);
}

// Sun Nov  6 08:49:37 1994
std::optional<Timestamp> parse_asctime_date(std::string_view text) {
  Scanner scanner(text);
  int weekday = 0;
  int month = 0;
  int day = 0;
  int year = 0;
  TimeOfDay time;
  const bool has_month = scanner.take_one_of(kDays, weekday) && scanner.take(' ') &&
                         scanner.take_one_of(kMonths, month) && scanner.take(' ');
  if (!has_month) return std::nullopt;
  const bool has_day =
      scanner.take(' ') ? scanner.take_number<1>(day) : scanner.take_number<2>(day);
  const bool is_whole = has_day && scanner.take(' ') && take_time_of_day(scanner, time) &&
                        scanner.take(' ') && scanner.take_number<4>(year) && scanner.at_end();
  if (!is_whole) return std::nullopt;
  return to_http_date(year, month, day, time);
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Scanner scanner(text);
  int year = 0;
  int month = 0;
  int day = 0;
  TimeOfDay time;
  const bool has_time = scanner.take_number<4>(year) && scanner.take('-') &&
                        scanner.take_number<2>(month) && scanner.take('-') &&
                        scanner.take_number<2>(day) && (scanner.take('T') || scanner.take('t')) &&
                        take_time_of_day(scanner, time);
  if (!has_time) return std::nullopt;
  microseconds fraction{0};
  if (scanner.take('.') && !scanner.take_fraction(fraction)) return std::nullopt;
  minutes offset{0};
  if (!take_offset(scanner, offset) || !scanner.at_end()) return std::nullopt;
  const auto date = to_date(year, month, day);
  if (!date) return std::nullopt;
  return within_range(*date + time.since_midnight() + fraction - offset);
}

std::string format_timestamp(Timestamp time) {
  const sys_days day = std::chrono::floor<days>(time);
  const year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 48> text{};
  const int year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  const auto day_of_month = static_cast<unsigned>(date.day());
  int length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", year, month,
                             day_of_month, static_cast<int>(clock.hours().count()),
                             static_cast<int>(clock.minutes().count()),
                             static_cast<int>(clock.seconds().count()));
  std::string written(text.data(), static_cast<std::size_t>(length));
  const auto fraction = static_cast<int>(clock.subseconds().count());
  if (fraction != 0) {
    const bool is_whole_milliseconds = fraction % 1000 == 0;
    length = is_whole_milliseconds
                 ? std::snprintf(text.data(), text.size(), ".%03d", fraction / 1000)
                 : std::snprintf(text.data(), text.size(), ".%06d", fraction);
    written.append(text.data(), static_cast<std::size_t>(length));
  }
  return written + 'Z';
}

std::string format_http_date(Timestamp time) {
  const sys_days day = std::chrono::floor<days>(time);
  const year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const std::chrono::weekday weekday(day);
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
      kDays[weekday.iso_encoding() - 1].data(), static_cast<unsigned>(date.day()),
      kMonths[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<Timestamp> parse_http_date(std::string_view text, Timestamp now) {
  if (const auto time = parse_imf_fixdate(text)) return time;
  if (const auto time = parse_rfc850_date(text, now)) return time;
  return parse_asctime_date(text);
}

}  // namespace sessionvitals
