#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bindings.h"
#include "sessionvitals/watch/followed.h"
#include "sessionvitals/watch/hints/hint_plan.h"
#include "sessionvitals/watch/watch_plan.h"
#include "values/value_object.h"

/// The pure parts of a watch, for tests by tables. Times are seconds.
namespace sessionvitals::python {

namespace {

using Seconds = std::chrono::duration<double>;

Clock::time_point at(double seconds) {
  return Clock::time_point(std::chrono::hours(1)) +
         std::chrono::round<Clock::duration>(Seconds(seconds));
}

double seconds_of(Clock::time_point time) {
  if (time == Clock::time_point::max()) return -1;
  return Seconds(time - at(0)).count();
}

ErrorKind kind_of(const std::string& name) {
  for (const ErrorKindInfo& info : error_kinds()) {
    if (info.class_name == name) return info.kind;
  }
  throw py::value_error("no error of that name: " + name);
}

FollowRules rules_of(const std::vector<std::string>& until, bool waits, bool counters, bool expiry,
                     double shortest, std::optional<double> every) {
  FollowRules rules{.until = {},
                    .missing = waits ? Missing::wait : Missing::end,
                    .counters = counters,
                    .expiry = expiry,
                    .shortest = std::chrono::round<Clock::duration>(Seconds(shortest))};
  for (const std::string& name : until) {
    for (int i = 0; i <= static_cast<int>(SessionState::unknown); ++i) {
      const auto state = static_cast<SessionState>(i);
      if (state_name(state) == name) rules.until.add(state);
    }
  }
  rules.is_endless = until.empty();
  if (every) rules.every = std::chrono::round<Clock::duration>(Seconds(*every));
  return rules;
}

py::dict to_dict(const Told& told) {
  py::dict facts;
  facts["reason"] = told.change ? py::object(py::str(std::string(reason_name(told.change->reason))))
                                : py::object(py::none());
  facts["missed"] = told.change && told.change->missed;
  facts["inferred"] = told.change && told.change->inferred
                          ? py::object(py::str(std::string(state_name(*told.change->inferred))))
                          : py::object(py::none());
  facts["is_over"] = told.is_over;
  facts["is_reached"] = told.is_reached;
  facts["stops"] = told.stops.has_value();
  facts["next"] = seconds_of(told.next);
  facts["known_end"] = seconds_of(told.known_end);
  return facts;
}

}  // namespace

void bind_watch_inspection(py::module_& module) {
  module.def(
      "inspect_follow",
      [](const std::vector<std::tuple<double, double, py::object>>& looks,
         const std::vector<std::string>& until, bool waits, bool counters, bool expiry,
         double shortest, std::optional<double> every, double chance,
         const std::optional<py::object>& resumed) {
        const FollowRules rules = rules_of(until, waits, counters, expiry, shortest, every);
        Followed followed("ping", "s-1", rules);
        if (resumed && !resumed->is_none()) {
          followed.resume(*value_of<Session>(resumed->ptr()), std::nullopt);
        }
        py::typing::List<py::dict> all;
        for (const auto& [begun, ended, answer] : looks) {
          const LookTime look{
              .begun = at(begun), .ended = at(ended), .wall = Timestamp{}, .chance = chance};
          const Session* const session = value_of<Session>(answer.ptr());
          all.append(to_dict(
              session != nullptr
                  ? followed.see(rules, *session, look)
                  : followed.fail(rules, Error(kind_of(answer.cast<std::string>()), "Failed."),
                                  look)));
        }
        return all;
      },
      py::arg("looks"), py::kw_only(), py::arg("until"), py::arg("waits") = false,
      py::arg("counters") = false, py::arg("expiry") = false, py::arg("shortest") = 1.0,
      py::arg("every") = py::none(), py::arg("chance") = 0.5, py::arg("resumed") = py::none(),
      "Return what looks at a session tell: (begun, ended, a Session or an error's name).");
  module.def(
      "inspect_watch_plan",
      [](const std::vector<double>& dues, double repeat, double rate, double opens, double until,
         double step) {
        std::deque<Due> looks(dues.size());
        WatchPlan plan;
        if (rate > 0) plan.set_rate(rate, at(0));
        for (std::size_t i = 0; i < dues.size(); ++i) plan.plan(looks[i], at(dues[i]));
        py::typing::List<py::tuple> made;
        for (double now = 0; now <= until;) {
          const double lag = Seconds(plan.lag(at(now))).count();
          if (Due* const due = plan.take(at(now), at(opens))) {
            std::size_t number = 0;
            while (&looks[number] != due) ++number;
            made.append(py::make_tuple(now, number, lag));
            if (repeat > 0) plan.plan(*due, at(now + repeat));
            continue;
          }
          const double next = seconds_of(plan.next(at(now), at(opens)));
          if (next < 0) break;
          now = step > 0 ? now + step : next;
        }
        return made;
      },
      py::arg("dues"), py::kw_only(), py::arg("repeat") = 0.0, py::arg("rate") = 0.0,
      py::arg("opens") = -1.0, py::arg("until") = 100.0, py::arg("step") = 0.0,
      "Return when looks are made: (time, number, lag) of each. `step` is how late who asks is.");
  module.def(
      "inspect_heed",
      [](const py::object& seen, double seen_at, bool is_alive, double now, double planned,
         bool counters, double shortest, std::optional<double> every) {
        const FollowRules rules = rules_of({}, false, counters, false, shortest, every);
        Followed followed("ping", "s-1", rules);
        const LookTime look{
            .begun = at(seen_at), .ended = at(seen_at), .wall = Timestamp{}, .chance = 0.5};
        if (const Session* const session = value_of<Session>(seen.ptr())) {
          followed.see(rules, *session, look);
        } else if (!seen.is_none()) {
          followed.fail(rules, Error(kind_of(seen.cast<std::string>()), "Failed."), look);
        }
        return seconds_of(followed.heed(rules, is_alive, at(now), at(planned)));
      },
      py::arg("seen"), py::kw_only(), py::arg("seen_at") = 0.0, py::arg("is_alive"), py::arg("now"),
      py::arg("planned"), py::arg("counters") = false, py::arg("shortest") = 1.0,
      py::arg("every") = py::none(),
      "Return when the look after an event is: `seen` is a Session, an error's name or None.");
  module.def(
      "inspect_hints",
      [](const std::vector<std::tuple<double, std::string>>& steps, double asked) {
        HintPlan hints;
        py::typing::List<py::tuple> losses;
        for (const auto& [now, what] : steps) {
          if (what == "open") {
            hints.note_open(at(now));
          } else if (what == "bytes") {
            hints.note_bytes(at(now));
          } else {
            std::optional<Error> error;
            if (what != "end") error = Error(kind_of(what), "Failed.");
            const auto loss = hints.lose(error, Seconds(asked), at(now), 0);
            losses.append(py::make_tuple(
                loss.again ? py::object(py::float_(seconds_of(*loss.again) - now)) : py::none(),
                loss.is_told));
          }
        }
        return losses;
      },
      py::arg("steps"), py::kw_only(), py::arg("asked") = 0.0,
      "Return (wait, is_told) of each loss of a stream: (time, open, bytes, end or an error).");
}

}  // namespace sessionvitals::python
