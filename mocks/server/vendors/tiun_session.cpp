#include "vendors/tiun_session.h"

#include <algorithm>

namespace mock {

Time billed_time(TiunSession& session, Time now) {
  const Meter& meter = *session.meter;
  if (!meter.runs()) return meter.before;
  // A session that has ended is billed up to its end.
  const Timeline::Period& period = session.timeline.at(now);
  const Time until = period.state == "valid" ? now : period.from;
  return meter.before + std::max<Time>(0, until - meter.since);
}

std::int64_t billed_intervals(TiunSession& session, Time now) {
  const Meter& meter = *session.meter;
  const Time time = billed_time(session, now);
  if (time == 0 && !meter.runs()) return 0;
  const std::int64_t begun = time / meter.interval + 1;
  return meter.funds ? std::min(begun, *meter.funds) : begun;
}

void set_content(TiunSession& session, std::string_view content, Time now) {
  Meter& meter = *session.meter;
  meter.before = billed_time(session, now);
  meter.since = now;
  meter.content = content;
  plan_end(session, now);
}

void plan_end(TiunSession& session, Time now) {
  const Timeline::Period period = session.timeline.at(now);
  if (period.state != "valid") return;
  const Meter& meter = *session.meter;
  // A change counts from the beginning of the period that it ends.
  std::optional<Transition> end;
  if (meter.lasts) {
    end = {.after = std::max<Time>(0, meter.started + *meter.lasts - period.from),
           .reads = std::nullopt,
           .state = "expired"};
  }
  if (meter.funds && meter.runs()) {
    const Time left = *meter.funds * meter.interval - billed_time(session, now);
    const Time after = std::max<Time>(0, now + left - period.from);
    if (!end || after < *end->after) {
      end = {.after = after, .reads = std::nullopt, .state = "out_of_funds"};
    }
  }
  std::vector<Transition> planned;
  if (end) planned.push_back(std::move(*end));
  session.timeline.plan(std::move(planned));
}

}  // namespace mock
