#include "values/time.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace mock {

namespace {

constexpr Time kDay = 86400000;

struct Date {
  Time year;
  unsigned month;
  unsigned day;
};

// Days to date and back by counting 400-year eras from 0000-03-01, so that the leap day is the last
// of its year and no table of month lengths is needed.
Date date_of(Time days) {
  days += 719468;
  const Time era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {.year = era * 400 + year_of_era + (month <= 2 ? 1 : 0),
          .month = month,
          .day = day_of_year - (153 * shifted + 2) / 5 + 1};
}

Time days_of(Time year, unsigned month, unsigned day) {
  if (month <= 2) --year;
  const Time era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

unsigned days_in(Time year, unsigned month) {
  static constexpr std::array<unsigned, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

Time floor_divide(Time value, Time by) { return value / by - (value % by < 0 ? 1 : 0); }

void append_digits(std::string& text, Time value, int width) {
  std::array<char, 8> digits{};
  for (int i = width - 1; i >= 0; --i) {
    digits[static_cast<size_t>(i)] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  text.append(digits.data(), static_cast<size_t>(width));
}

// Reads exactly `width` digits at `at` and moves past them.
std::optional<int> take_digits(std::string_view text, size_t& at, size_t width) {
  if (text.size() < at + width) return std::nullopt;
  int value = 0;
  for (size_t end = at + width; at < end; ++at) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

bool take(std::string_view text, size_t& at, char wanted) {
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

// A fraction of a second, as milliseconds.
int take_fraction(std::string_view text, size_t& at) {
  int milliseconds = 0;
  int scale = 100;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) {
    milliseconds += (text[at] - '0') * scale;
  }
  return milliseconds;
}

// Z or +hh:mm or -hh:mm at the end of the text, as milliseconds east of UTC.
std::optional<Time> take_offset(std::string_view text, size_t& at) {
  if (take(text, at, 'Z') || take(text, at, 'z')) return 0;
  if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return std::nullopt;
  const int sign = text[at++] == '-' ? -1 : 1;
  const auto hours = take_digits(text, at, 2);
  take(text, at, ':');
  const auto minutes = take_digits(text, at, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return static_cast<Time>(sign) * (*hours * 60 + *minutes) * 60000;
}

}  // namespace

std::string iso_time(Time time) {
  const Time days = floor_divide(time, kDay);
  const Time rest = time - days * kDay;
  const Date date = date_of(days);
  std::string text;
  append_digits(text, date.year, 4);
  text += '-';
  append_digits(text, date.month, 2);
  text += '-';
  append_digits(text, date.day, 2);
  text += 'T';
  append_digits(text, rest / 3600000, 2);
  text += ':';
  append_digits(text, rest / 60000 % 60, 2);
  text += ':';
  append_digits(text, rest / 1000 % 60, 2);
  text += '.';
  append_digits(text, rest % 1000, 3);
  text += 'Z';
  return text;
}

std::string http_date(Time time) {
  static constexpr std::array<const char*, 7> kDays{"Thu", "Fri", "Sat", "Sun",
                                                    "Mon", "Tue", "Wed"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Time days = floor_divide(time, kDay);
  const Time seconds = (time - days * kDay) / 1000;
  const Date date = date_of(days);
  std::string text = kDays[static_cast<size_t>(((days % 7) + 7) % 7)];
  text += ", ";
  append_digits(text, date.day, 2);
  text.append(" ").append(kMonths[date.month - 1]).append(" ");
  append_digits(text, date.year, 4);
  text += ' ';
  append_digits(text, seconds / 3600, 2);
  text += ':';
  append_digits(text, seconds / 60 % 60, 2);
  text += ':';
  append_digits(text, seconds % 60, 2);
  return text += " GMT";
}

std::optional<Time> parse_iso_time(std::string_view text) {
  size_t at = 0;
  const auto year = take_digits(text, at, 4);
  if (!year || !take(text, at, '-')) return std::nullopt;
  const auto month = take_digits(text, at, 2);
  if (!month || !take(text, at, '-')) return std::nullopt;
  const auto day = take_digits(text, at, 2);
  if (!day || !(take(text, at, 'T') || take(text, at, 't') || take(text, at, ' '))) {
    return std::nullopt;
  }
  const auto hour = take_digits(text, at, 2);
  if (!hour || !take(text, at, ':')) return std::nullopt;
  const auto minute = take_digits(text, at, 2);
  if (!minute || !take(text, at, ':')) return std::nullopt;
  const auto second = take_digits(text, at, 2);
  if (!second) return std::nullopt;
  const int fraction = take(text, at, '.') ? take_fraction(text, at) : 0;
  const auto offset = take_offset(text, at);
  if (!offset || at != text.size()) return std::nullopt;
  if (*year < 1 || *month < 1 || *month > 12 || *day < 1 || *hour > 23 || *minute > 59 ||
      *second > 59 || static_cast<unsigned>(*day) > days_in(*year, static_cast<unsigned>(*month))) {
    return std::nullopt;
  }
  const Time days = days_of(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day));
  const Time time =
      days * kDay + ((*hour * 60 + *minute) * 60 + *second) * Time{1000} + fraction - *offset;
  if (time < kEarliest || time > kLatest) return std::nullopt;
  return time;
}

Time milliseconds_from_seconds(double seconds) {
  // Both ends of the calendar, as a distance: more than that is all the same.
  constexpr double kFarthest = static_cast<double>(kLatest - kEarliest);
  const double milliseconds = seconds * 1000.0;
  if (std::isnan(milliseconds)) return 0;
  return static_cast<Time>(std::llround(std::clamp(milliseconds, -kFarthest, kFarthest)));
}

}  // namespace mock
