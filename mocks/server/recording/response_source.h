// Answers that do not come from a vendor's state machine: from a real server while recording, from
// a recording while replaying.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "options.h"
#include "recording/recording.h"
#include "sandbox/space.h"
#include "wire/application.h"

namespace mock {

struct UpstreamRequest;

/// What a source keeps of a request between the attempts to answer it.
struct SourceState {
  std::int64_t asked_at = 0;  // monotonic milliseconds of the first attempt
  std::shared_ptr<UpstreamRequest> under_way = nullptr;
};

class ResponseSource {
 public:
  virtual ~ResponseSource() = default;
  /// Nothing: not yet. Ask again after a change.
  virtual std::optional<Answer> answer(const Request& request, const Target& target,
                                       const RouteFound& found, Space& space,
                                       SourceState& state) = 0;
  /// Readable when a waiting answer may have arrived; below 0 when none ever waits.
  virtual int wake_up() const { return -1; }
  /// Empties the descriptor; whether there was anything in it.
  virtual bool drain() { return false; }
  /// Keeps what there is to keep. Gives what is wrong, or nothing.
  virtual std::string finish() { return ""; }
};

/// Asks the real server of --record, and records into the file of --to when finished. Null with
/// `problem` set when the URL is none or a file cannot be used.
std::unique_ptr<ResponseSource> make_recorder(const Options& options, std::string& problem);

/// Answers from a recording. Null with `problem` set when the file is none.
std::unique_ptr<ResponseSource> make_replayer(const std::string& file, std::string& problem);

}  // namespace mock
