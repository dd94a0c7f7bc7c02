// A session of tiun's, and how the time in it is billed when the imitated browser script started
// it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/session.h"

namespace mock {

/// Time spent on active content, in intervals. tiun's documents: 'active' accrues time, 'inactive'
/// and 'paused' do not; a product has an interval and a fee.
struct Meter {
  Time started = 0;
  Time before = 0;  // milliseconds billed up to `since`
  Time since = 0;   // when the content was last changed
  std::string content = "active";
  Time interval = 60000;
  std::optional<std::int64_t> funds = std::nullopt;  // intervals that can be paid; nothing: all
  std::optional<Time> lasts = std::nullopt;          // how long it is valid at most

  bool runs() const { return content == "active"; }
};

struct TiunSession final : Session {
  using Session::Session;
  std::unique_ptr<Session> clone() const override { return std::make_unique<TiunSession>(*this); }
  std::size_t bytes() const override { return Session::bytes() + (meter ? sizeof *meter : 0); }

  std::optional<Meter> meter;  // nothing: seeded, and not billed
};

/// Milliseconds of active content so far.
Time billed_time(TiunSession& session, Time now);
/// The intervals begun in that time, each billed as a whole.
std::int64_t billed_intervals(TiunSession& session, Time now);

void set_content(TiunSession& session, std::string_view content, Time now);

/// Plans its end, from what it may last and what its funds pay. Does nothing unless it is valid.
void plan_end(TiunSession& session, Time now);

}  // namespace mock
