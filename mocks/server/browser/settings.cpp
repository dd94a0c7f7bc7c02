#include "browser/settings.h"

#include <algorithm>

namespace mock {

namespace {

// More than a century of seconds each: enough for any test, and their product is a Time.
constexpr std::int64_t kMax = 4000000000;

Json seconds(const std::optional<Time>& time) {
  return time ? Json(static_cast<double>(*time) / 1000.0) : Json(nullptr);
}

Time checked(double number, const std::string& member) {
  if (!(number >= 0.001 && number <= static_cast<double>(kMax))) {
    throw BadRequest(member, "must be from 0.001 to " + std::to_string(kMax));
  }
  return std::max<Time>(1, milliseconds_from_seconds(number));
}

}  // namespace

Json to_json(const Browser& browser) {
  return {{"payment", browser.payment_fails ? "fails" : "succeeds"},
          {"interval", static_cast<double>(browser.interval) / 1000.0},
          {"funds", browser.funds ? Json(*browser.funds) : Json(nullptr)},
          {"expires_after", seconds(browser.expires_after)},
          {"user", browser.user ? Json(*browser.user) : Json(nullptr)}};
}

void change(Browser& browser, const Json& json, const std::string& path) {
  Members members(json, path);
  Browser changed = browser;
  if (members.has("payment")) {
    changed.payment_fails = members.word("payment", {"succeeds", "fails"}) == "fails";
  }
  if (const auto interval = members.optional_number("interval")) {
    changed.interval = checked(*interval, members.path_of("interval"));
  }
  if (members.has("funds")) {
    changed.funds = members.optional_integer("funds");
    const bool is_good = !changed.funds || (*changed.funds >= 1 && *changed.funds <= 1000000);
    if (!is_good) throw BadRequest(members.path_of("funds"), "must be from 1 to 1000000");
  }
  if (members.has("expires_after")) {
    const auto given = members.optional_number("expires_after");
    changed.expires_after.reset();
    if (given) changed.expires_after = checked(*given, members.path_of("expires_after"));
  }
  if (members.has("user")) changed.user = members.optional_string("user");
  for (const char* name : {"payment", "funds", "expires_after", "user"}) members.any(name);
  members.refuse_others();
  browser = std::move(changed);
}

}  // namespace mock
