// What each kind of fault does to an answer's bytes.
#include <algorithm>

#include "faults/faults.h"

namespace mock {

namespace {

using Ending = WirePlan::Ending;

// The same bytes with another Content-Length.
std::string with_length(std::string bytes, std::int64_t by) {
  static constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t head = bytes.find("\r\n\r\n");
  const std::size_t at = bytes.find(kName);
  const std::int64_t body = static_cast<std::int64_t>(bytes.size() - head) - 4;
  const std::string length = std::to_string(std::max<std::int64_t>(0, body + by));
  if (at == std::string::npos || at > head) {
    return bytes.insert(head, std::string(kName) + length);
  }
  const std::size_t value = at + kName.size();
  return bytes.replace(value, bytes.find("\r\n", value) - value, length);
}

std::string drawn_garbage(std::int64_t count, Random& random) {
  std::string bytes;
  while (std::ssize(bytes) < count) bytes += static_cast<char>(random.next() & 255);
  // By chance it must never be the start of an answer.
  if (!bytes.empty()) bytes[0] = '\x7f';
  return bytes;
}

std::string first(std::string bytes, std::int64_t count) {
  bytes.resize(std::min(bytes.size(), static_cast<std::size_t>(count)));
  return bytes;
}

}  // namespace

bool is_interim(const Fault& fault) {
  return fault.http_status >= 100 && fault.http_status < 200 && fault.http_status != 101;
}

std::string interim_bytes(const Fault& fault) {
  std::string bytes = "HTTP/1.1 " + std::to_string(fault.http_status) + " ";
  bytes.append(reason_phrase(fault.http_status)).append("\r\n");
  for (const Header& header : fault.headers) {
    bytes.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  return bytes += "\r\n";
}

bool needs_vendor(const Fault& fault) {
  if (fault.events) return true;
  switch (fault.kind) {
    case FaultKind::status:
      // An interim answer is followed by the true one.
      return fault.after || is_interim(fault);
    case FaultKind::reset:
    case FaultKind::garbage:
      return fault.after;
    case FaultKind::close:
      return fault.after || fault.during;
    case FaultKind::stall:
      return fault.after || fault.bytes > 0;
    default:
      return true;
  }
}

std::int64_t delay_of(const Fault& fault, Random& random) {
  if (fault.kind != FaultKind::jitter) return fault.delay;
  const auto span = static_cast<double>(fault.delay_most - fault.delay);
  return fault.delay + static_cast<std::int64_t>(span * random.fraction());
}

WirePlan apply_fault(const Fault& fault, std::string bytes, bool close, Random& random) {
  WirePlan plan;
  plan.ending = close ? Ending::close : Ending::keep;
  const auto send = [&](std::string what) {
    if (!what.empty()) plan.steps.push_back({0, std::move(what)});
  };
  switch (fault.kind) {
    case FaultKind::ok:
    case FaultKind::status:
    case FaultKind::delay:
    case FaultKind::jitter:
    case FaultKind::duplicate:  // the events of a stream are harmed before they are bytes
    case FaultKind::reorder:
    case FaultKind::drop_event:
    case FaultKind::bad_line:
    case FaultKind::big_event:
      send(std::move(bytes));
      break;
    case FaultKind::reset:
      plan.ending = Ending::reset;
      break;
    case FaultKind::close:
      if (fault.during) send(first(bytes, std::ssize(bytes) / 2));
      plan.ending = Ending::close;
      break;
    case FaultKind::cut:
      send(first(std::move(bytes), fault.bytes));
      plan.ending = fault.ending.value_or(Ending::close);
      break;
    case FaultKind::dribble:
      send(std::move(bytes));
      plan.piece = static_cast<std::size_t>(fault.bytes);
      plan.every = fault.every;
      break;
    case FaultKind::garbage:
      send(fault.raw.empty() ? drawn_garbage(fault.bytes, random) : fault.raw);
      plan.ending = fault.ending.value_or(Ending::close);
      break;
    case FaultKind::wrong_length:
      send(with_length(std::move(bytes), fault.by));
      plan.ending = fault.ending.value_or(Ending::close);
      break;
    case FaultKind::stall:
      send(first(std::move(bytes), fault.bytes));
      plan.ending = Ending::stall;
      plan.stall = fault.stall;
      break;
  }
  return plan;
}

}  // namespace mock
