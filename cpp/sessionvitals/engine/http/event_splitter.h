#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sessionvitals/engine/http/head.h"
#include "sessionvitals/server_sent_event.h"

/// Splits the body of a text/event-stream into its events (WHATWG HTML s9.2.6), while
/// its bytes are still coming. Pure. An event that is not ended by an empty line
/// is no event: what a cut stream leaves behind is dropped.
namespace sessionvitals::engine {

class EventSplitter {
 public:
  /// The bounds of the data of one event, which may be one line, as JSON's always are; and of a
  /// line, comments included.
  static constexpr std::size_t kMaxEvent = std::size_t{1024} * 1024;
  static constexpr std::size_t kMaxLine = kMaxEvent + std::size_t{1024};

  /// There is no further event in the bytes so far; all of them were taken.
  struct NeedData {};
  using Item = std::variant<NeedData, ServerSentEvent, Violation>;

  /// Returns the next event, and takes what it was made of off the front of
  /// `bytes`. A violation, for a line or an event past its bound, is the last item.
  Item next(std::string_view& bytes);

  /// Before the first bytes: the id that holds until the stream gives another, of an earlier stream
  /// that this one goes on from.
  void resume(const std::string& last_event_id) { event_.id = last_event_id_ = last_event_id; }

  /// The id that holds after the last empty line; one of an event that is not whole does not count.
  const std::string& last_event_id() const { return last_event_id_; }

  /// How long the server asks its clients to wait before they connect again.
  const std::optional<std::chrono::milliseconds>& retry() const { return retry_; }

 private:
  bool take_line(std::string_view& bytes);
  void read_field(std::string_view line);
  void read_retry(std::string_view value);
  ServerSentEvent dispatch();

  std::string line_;       // the line in hand, as far as it has come
  bool is_first_ = true;   // the line in hand may begin with a byte order mark
  bool after_cr_ = false;  // a line feed that comes next belongs to the line before
  bool has_data_ = false;  // the event in hand has a line of data, perhaps an empty one
  ServerSentEvent event_;  // in hand; its id stays for those that follow
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> retry_;
};

}  // namespace sessionvitals::engine
