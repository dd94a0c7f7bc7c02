#include "mock.h"

#include <algorithm>
#include <utility>

#include "admin/admin.h"
#include "browser/browser.h"
#include "faults/stream.h"
#include "own_answers.h"
#include "vendor_request.h"

namespace mock {

namespace {

constexpr Rule kNoRoute{"mock: no vendor documents this call", "mock", "mocks/README.md"};
constexpr Rule kNoRoom{"mock: the spaces hold as much as they may", "mock", "mocks/README.md"};
constexpr Rule kScripted{"mock: a scripted fault", "mock", "mocks/README.md"};

// What a reader of the events may leave unread before it is dropped.
constexpr std::size_t kMaxUnread = 256 * 1024;

// At its first call, a handler is behind what its vendor refuses whatever the operation.
Answer handle(Call& call, const Vendor& vendor) {
  if (call.progress.stage == 0) {
    if (auto refused = vendor.refuse(call)) {
      return refused->http_status == 501 ? not_implemented(*refused->rule, refused->reason, "")
                                         : std::move(*refused);
    }
  }
  Answer answer = vendor.finish(call, call.route.answer(call));
  return answer.http_status == 501 ? not_implemented(*answer.rule, answer.reason, "") : answer;
}

// When to ask again for something that is to happen at a virtual time, in monotonic milliseconds.
std::int64_t real_time_of(Time until, const Clock& clock) {
  constexpr Time kMaxWait = 60000;  // a clock that stands still is moved by a change
  const Time left = clock.is_frozen() ? kMaxWait : until - clock.now();
  return monotonic_now() + std::clamp<Time>(left, 1, kMaxWait);
}

// A reason may quote the request's own words, and a header holds visible ASCII only.
std::string as_header(std::string text) {
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

}  // namespace

Mock::Mock(const MockOptions& options)
    : options_(options),
      spaces_(options.seed, options.max_spaces, options.sandbox_bytes, options.journal_bytes) {
  spaces_.open("default");
}

bool Mock::changed() { return std::exchange(changed_, false); }

std::optional<WirePlan> Mock::on_accept() {
  Space& space = *spaces_.open("default");
  if (space.faults.empty()) return std::nullopt;
  const auto fault = space.faults.take_for_connection();
  if (!fault) return std::nullopt;
  Random random(space.seed(), "connection", space.connections++);
  WirePlan plan = apply_fault(*fault, "", false, random);
  plan.steps.insert(plan.steps.begin(), {delay_of(*fault, random), ""});
  return plan;
}

WirePlan Mock::refuse(int http_status) {
  WirePlan plan;
  plan.steps.push_back({0, refusal_bytes(http_status)});
  plan.ending = WirePlan::Ending::close;
  return plan;
}

std::string_view Mock::date_at(Time now) {
  if (now / 1000 != date_second_) {
    date_second_ = now / 1000;
    date_ = http_date(now);
  }
  return date_;
}

WirePlan Mock::plan(const Request& request, const Answer& answer, Time now) {
  const bool close = !request.keep_alive;
  WirePlan plan;
  plan.steps.push_back({0, to_bytes(answer, request.method == "HEAD", close, date_at(now))});
  plan.ending = close ? WirePlan::Ending::close : WirePlan::Ending::keep;
  return plan;
}

Reply Mock::answer(const Request& request, RequestState& state) {
  const Target target = parse_target(request.target);
  if (is_admin(target.path)) return answer_admin_call(request, target, state);
  if (is_browser_path(target.path)) return answer_browser_call(request, target, state);
  const bool is_first = state.pending == nullptr;
  Space* space = is_first ? spaces_.open(target.space) : spaces_.find(target.space);
  if (space == nullptr && !is_first) {  // it was dropped meanwhile, and is not made anew
    return {.plan = {.steps = {}, .ending = WirePlan::Ending::close}};
  }
  if (space == nullptr) return {plan(request, too_many_spaces(spaces_.most()), real_now())};
  return answer_vendor(request, *space, target, state);
}

Reply Mock::answer_admin_call(const Request& request, const Target& target, RequestState& state) {
  AdminReply reply;
  if (auto stopped = check_access(options_.access, request, target)) {
    reply.answer = std::move(*stopped);
  } else {
    // A read changes nothing: a space that is not there yet is shown as it would be, and not made.
    const bool is_read = request.method == "GET" || request.method == "HEAD";
    std::unique_ptr<Space> unopened;
    Space* space = is_read ? spaces_.find(target.space) : spaces_.open(target.space);
    if (space == nullptr && is_read) {
      unopened = spaces_.make(target.space);
      space = unopened.get();
    }
    if (space == nullptr) {
      reply.answer = too_many_spaces(spaces_.most());
    } else {
      reply = answer_admin(*this, *space, request, target, state);
      // A clock that moved, for instance: an answer that waits may be due.
      if (!is_read) note_change();
    }
  }
  if (reply.wait_until) return {{}, reply.wait_until, reply.wait_for_change};
  add_security_headers(options_.access, request, reply.answer);
  WirePlan plan = next_piece(request, reply.answer, real_now());
  if (reply.answer.goes_on()) plan.max_unread = kMaxUnread;
  return {std::move(plan)};
}

Reply Mock::answer_vendor(const Request& request, Space& space, const Target& target,
                          RequestState& state) {
  const RouteFound found = find_route(request.method, target.path, &space);
  const bool is_first = state.pending == nullptr;
  if (is_first) state.pending = std::make_unique<VendorRequest>(space, state.asked_at);
  auto& pending = static_cast<VendorRequest&>(*state.pending);
  Call call = call_of(pending, request, space, target, found);
  if (source_ != nullptr) return answer_from_source(pending, call, target, found);
  if (is_first && found.route != nullptr && !space.faults.empty()) {
    pending.fault = space.faults.take(found.vendor->name(), call.route.operation, call.id);
    if (pending.fault) pending.delay = delay_of(*pending.fault, pending.random);
    if (pending.fault && pending.fault->events)
      pending.stream_fault = std::make_unique<StreamFault>(*pending.fault);
    if (pending.delay > 0 && !pending.fault->after) {
      pending.on_lost = [this, &pending, asked = request, name = space.name()] {
        record_lost(pending, asked, name);
      };
      return {{}, state.asked_at + pending.delay, false};
    }
  }
  pending.on_lost = nullptr;
  pending.progress.wait_until.reset();
  const Answer answer = answer_to(pending, call, found);
  if (const auto until = pending.progress.wait_until) {
    // It has arrived, and had its effect: whoever waits for the request need not wait for the
    // answer.
    record_once(pending, call, found, answer, true);
    return {{}, real_time_of(*until, space.clock), true};
  }
  WirePlan plan = plan_harmed(pending, request, answer, call.now);
  pending.is_begun = true;
  // A call may have changed what an open stream tells.
  if (is_first && pending.progress.stream == nullptr && space.streams.use_count() > 1)
    note_change();
  bool answered = false;
  for (const WirePlan::Step& step : plan.steps) answered |= !step.bytes.empty();
  if (pending.fault && pending.fault->kind == FaultKind::garbage) answered = false;
  record_once(pending, call, found, answer, answered);
  return {std::move(plan)};
}

Call Mock::call_of(VendorRequest& pending, const Request& request, Space& space,
                   const Target& target, const RouteFound& found) {
  static constexpr Route kNone{};
  auto id = percent_decoded(found.id);
  return {.request = request,
          .route = found.route != nullptr ? *found.route : kNone,
          .id = id ? std::move(*id) : std::string(found.id),
          .id_as_sent = found.id,
          .bad_escape = !id,
          .query = target.query,
          .space = space,
          .now = space.clock.now(),
          .random = pending.random,
          .progress = pending.progress};
}

WirePlan Mock::next_piece(const Request& request, const Answer& answer, Time now) {
  WirePlan plan = this->plan(request, answer, now);
  if (answer.goes_on()) plan.ending = WirePlan::Ending::more;
  return plan;
}

WirePlan Mock::plan_harmed(VendorRequest& pending, const Request& request, const Answer& answer,
                           Time now) {
  if (pending.stream_fault == nullptr || answer.piece == Piece::whole) {
    return pending.is_begun ? next_piece(request, answer, now)
                            : plan_with_fault(pending, request, answer, now);
  }
  Answer piece = answer;
  const auto ending = pending.stream_fault->harm(piece);
  WirePlan plan = next_piece(request, piece, now);
  if (!pending.is_begun && pending.fault->after && pending.delay > 0) {
    plan.steps.insert(plan.steps.begin(), {pending.delay, ""});
  }
  if (ending) {
    plan.ending = *ending;
    plan.stall = pending.fault->stall;
  }
  return plan;
}

WirePlan Mock::plan_with_fault(VendorRequest& pending, const Request& request, const Answer& answer,
                               Time now) {
  if (!pending.fault || pending.stream_fault != nullptr) return next_piece(request, answer, now);
  const bool close = !request.keep_alive && !answer.goes_on();
  std::string bytes = to_bytes(answer, request.method == "HEAD", close, date_at(now));
  if (is_interim(*pending.fault)) bytes.insert(0, interim_bytes(*pending.fault));
  WirePlan plan = apply_fault(*pending.fault, std::move(bytes), close, pending.random);
  if (pending.fault->after && pending.delay > 0) {
    plan.steps.insert(plan.steps.begin(), {pending.delay, ""});
  }
  if (answer.goes_on() && plan.ending == WirePlan::Ending::keep) {
    plan.ending = WirePlan::Ending::more;
  }
  return plan;
}

Reply Mock::answer_from_source(VendorRequest& pending, const Call& call, const Target& target,
                               const RouteFound& found) {
  const auto answer = source_->answer(call.request, target, found, call.space, pending.source);
  // The change wakes it; a second is for the answer that never arrives.
  if (!answer) return {{}, monotonic_now() + 1000, true};
  record(pending, call, found, *answer, true);
  return {plan(call.request, *answer, call.now)};
}

// The vendor's answer, or the one that a fault puts in its place.
Answer Mock::answer_to(VendorRequest& pending, Call& call, const RouteFound& found) {
  if (found.route == nullptr && is_front_page(call.request)) {
    return front_page_answer(call.space.name());
  }
  if (found.route == nullptr) {
    std::string reason = "no source knows " + call.request.method + " " + call.request.target;
    const bool has_bad_name = parse_target(call.request.target).path.starts_with("/~");
    if (has_bad_name) reason.append("; ").append(Spaces::kNameRule);
    return not_implemented(kNoRoute, as_header(std::move(reason)), found.nearest);
  }
  // A fault that gives an answer of its own needs no handler.
  if (call.route.answer == nullptr && (!pending.fault || needs_vendor(*pending.fault))) {
    return not_implemented(*call.route.rule, std::string(call.route.rule->text), "");
  }
  if (!pending.fault) return ask_vendor(pending, call, *found.vendor);
  const Fault& fault = *pending.fault;
  Answer answer;
  if (needs_vendor(fault)) answer = ask_vendor(pending, call, *found.vendor);
  if (fault.http_status != 0 && !is_interim(fault)) {
    answer = found.vendor->scripted(call, fault.http_status);
    pending.progress.wait_until.reset();
    if (fault.body) {
      answer.headers.clear();
      answer.body = *fault.body;
      answer.rule = &kScripted;
    }
    for (const Header& header : fault.headers) {
      std::erase_if(answer.headers, [&](const Header& theirs) {
        return equals_ignoring_case(theirs.name, header.name);
      });
    }
    answer.headers.insert(answer.headers.end(), fault.headers.begin(), fault.headers.end());
  }
  if (!pending.is_begun) answer.headers.push_back({"X-Sessionvitals-Mock-Fault", label_of(fault)});
  return answer;
}

Answer Mock::ask_vendor(VendorRequest& pending, Call& call, const Vendor& vendor) try {
  if (!std::exchange(pending.is_admitted, true)) {
    if (auto refused = vendor.refuse_uncounted(call)) return std::move(*refused);
    pending.limit = call.space.limits.count(vendor.name(), call.now);
    if (pending.limit && pending.limit->exceeded) {
      Answer answer = vendor.limited(call, *pending.limit);
      vendor.add_limit_headers(answer, *pending.limit);
      return answer;
    }
  }
  Answer answer = handle(call, vendor);
  if (pending.limit) vendor.add_limit_headers(answer, *pending.limit);
  return answer;
} catch (const BadRequest& refusal) {
  // No vendor has such a bound.
  return not_implemented(kNoRoom, refusal.what(), "");
}

}  // namespace mock
