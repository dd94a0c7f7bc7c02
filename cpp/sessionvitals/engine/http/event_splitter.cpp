#include "sessionvitals/engine/http/event_splitter.h"

#include <charconv>
#include <cstdint>
#include <utility>

namespace sessionvitals::engine {

/// Adds bytes to the line in hand, its end excluded. Returns true if it is whole.
bool EventSplitter::take_line(std::string_view& bytes) {
  if (after_cr_ && !bytes.empty()) {
    if (bytes.front() == '\n') bytes.remove_prefix(1);
    after_cr_ = false;
  }
  const std::size_t end = bytes.find_first_of("\r\n");
  line_.append(bytes.substr(0, end));
  if (end == std::string_view::npos) {
    bytes = {};
    return false;
  }
  after_cr_ = bytes[end] == '\r';
  bytes.remove_prefix(end + 1);
  return true;
}

void EventSplitter::read_retry(std::string_view value) {
  std::int64_t milliseconds = 0;
  const char* const end = value.data() + value.size();
  const auto [stopped, problem] = std::from_chars(value.data(), end, milliseconds);
  // Digits alone: from_chars would take a minus sign as well.
  if (problem != std::errc() || stopped != end || value.front() == '-') return;
  retry_ = std::chrono::milliseconds(milliseconds);
}

void EventSplitter::read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0) return;  // a comment
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) event_.id = value;
  } else if (name == "retry") {
    read_retry(value);
  }
}

ServerSentEvent EventSplitter::dispatch() {
  ServerSentEvent event = std::move(event_);
  if (event.type.empty()) event.type = "message";
  event_ = {.type = {}, .data = {}, .id = event.id};
  has_data_ = false;
  return event;
}

EventSplitter::Item EventSplitter::next(std::string_view& bytes) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  for (;;) {
    const bool is_whole = take_line(bytes);
    if (line_.size() > kMaxLine)
      return Violation{"", "an event stream's line of at most 1 MiB", "more"};
    if (!is_whole) return NeedData{};
    std::string_view line = line_;
    if (std::exchange(is_first_, false) && line.starts_with(kByteOrderMark)) {
      line.remove_prefix(kByteOrderMark.size());
    }
    const bool is_end = line.empty();
    read_field(line);
    line_.clear();
    if (event_.data.size() > kMaxEvent)
      return Violation{"", "an event of at most 1 MiB", "a longer one"};
    if (!is_end) continue;
    last_event_id_ = event_.id;
    if (has_data_) return dispatch();
    event_.type.clear();
  }
}

}  // namespace sessionvitals::engine
