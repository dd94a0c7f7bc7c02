// What the journal keeps of the requests to vendors.
#include <utility>

#include "journal/keep.h"
#include "journal/redact.h"
#include "mock.h"
#include "vendor_request.h"

namespace mock {

void Mock::record_once(VendorRequest& pending, const Call& call, const RouteFound& found,
                       const Answer& answer, bool answered) {
  if (!std::exchange(pending.is_recorded, true)) record(pending, call, found, answer, answered);
}

void Mock::record_lost(VendorRequest& pending, const Request& request, const std::string& name) {
  Space* space = spaces_.find(name);
  if (space == nullptr) return;
  const Target target = parse_target(request.target);
  const RouteFound found = find_route(request.method, target.path, space);
  record_once(pending, call_of(pending, request, *space, target, found), found, Answer{}, false);
}

void Mock::record(const VendorRequest& pending, const Call& call, const RouteFound& found,
                  const Answer& answer, bool answered) {
  const Request& request = call.request;
  std::vector<std::string_view> secrets = secrets_in(call.space.keys);
  secrets.push_back(options_.access.token);
  std::vector<std::string> sent;
  if (pending.fault) {
    sent = secrets_sent(request);
    secrets.insert(secrets.end(), sent.begin(), sent.end());
  }
  Entry entry;
  entry.number = pending.number;
  entry.at = call.now;
  if (found.route != nullptr) {
    entry.provider = found.vendor->name();
    entry.operation = found.route->operation;
  }
  entry.rule = answer.rule;
  entry.http_status = answered ? answer.http_status : 0;
  entry.session_id = redacted_text(call.id, secrets);
  if (pending.fault) entry.fault = label_of(*pending.fault);
  keep_messages(entry, request, answered ? &answer : nullptr, secrets);
  entry.duration = monotonic_now() - pending.source.asked_at;
  if (pending.fault && pending.fault->after) entry.duration += pending.delay;
  call.space.journal.record(entry);
  spaces_.bound_journals();
  changed_ = true;
}

}  // namespace mock
