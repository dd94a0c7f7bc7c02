#include "faults/stream.h"

#include <algorithm>

namespace mock {

namespace {

// A line of the stream stays below the 64 KiB that readers may have as their limit.
constexpr std::int64_t kMaxLine = 32768;

// The first block and the blank line that ends it; all of it when there is none.
std::string_view first_block(std::string_view body) {
  const std::size_t end = body.find("\n\n");
  return end == std::string_view::npos ? body : body.substr(0, end + 2);
}

// A block without data, such as a comment or `retry:`, is no event.
bool is_event(std::string_view block) {
  return block.starts_with("data:") || block.find("\ndata:") != std::string_view::npos;
}

// The same event with so many spaces more, which mean nothing in JSON, in its data.
std::string padded(std::string_view event, std::int64_t spaces) {
  event.remove_suffix(event.ends_with("\n\n") ? 1 : 0);
  std::string text(event);
  for (; spaces > 0; spaces -= kMaxLine) {
    text.append("data: ").append(static_cast<std::size_t>(std::min(spaces, kMaxLine)), ' ');
    text.append("\n");
  }
  return text.append("\n");
}

}  // namespace

bool StreamFault::is_ended() const {
  const FaultKind kind = fault_.kind;
  return events_ >= *fault_.events &&
         (kind == FaultKind::cut || kind == FaultKind::reset || kind == FaultKind::stall);
}

std::optional<WirePlan::Ending> StreamFault::harm(Answer& piece) {
  std::string body;
  std::string_view rest = piece.body;
  while (true) {
    if (is_ended()) break;
    if (fault_.kind == FaultKind::bad_line && events_ == *fault_.events && !is_done_) {
      body.append(fault_.raw.empty() ? "data: {\"id\": " : fault_.raw).append("\n\n");
      is_done_ = true;
    }
    if (rest.empty()) break;
    const std::string_view block = first_block(rest);
    rest.remove_prefix(block.size());
    if (is_event(block)) {
      add(block, body);
    } else {
      body.append(block);
    }
  }
  if (piece.piece == Piece::last) body.append(std::exchange(held_, {}));
  piece.body = std::move(body);
  if (!is_ended()) return std::nullopt;
  if (piece.piece == Piece::last) piece.piece = Piece::next;  // without the end of the body
  if (fault_.kind == FaultKind::reset) return WirePlan::Ending::reset;
  if (fault_.kind == FaultKind::stall) return WirePlan::Ending::stall;
  return fault_.ending.value_or(WirePlan::Ending::close);
}

void StreamFault::add(std::string_view event, std::string& body) {
  const bool is_meant = events_++ == *fault_.events;
  if (is_meant && fault_.kind == FaultKind::drop_event) return;
  if (is_meant && fault_.kind == FaultKind::reorder) {
    held_ = event;
    return;
  }
  if (is_meant && fault_.kind == FaultKind::big_event) {
    body.append(padded(event, fault_.bytes));
    return;
  }
  body.append(event);
  if (is_meant && fault_.kind == FaultKind::duplicate) body.append(event);
  body.append(std::exchange(held_, {}));
}

}  // namespace mock
