#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sessionvitals/client/bulk.h"

namespace sessionvitals {

/// A BulkProbe in a thread of its own, for callers who must not wait. All
/// members may be called from any thread, and none blocks.
class BulkThread {
 public:
  /// `on_ready` is called in the bulk's thread when outcomes are there to be
  /// taken and none were before, and at the end.
  BulkThread(const Client& client, const BulkOptions& options, std::function<void()> on_ready);

  /// Cancels what is left and ends the thread.
  ~BulkThread();
  BulkThread(const BulkThread&) = delete;
  BulkThread& operator=(const BulkThread&) = delete;

  /// What is wrong with the options, if anything is.
  const Error* configuration_error() const;

  /// How many more ids it takes before some outcomes must be taken.
  std::size_t room() const;

  /// See BulkProbe::keep().
  void keep(std::vector<std::string> ids);

  void add(std::vector<std::string> ids);
  void add_failed(std::string id, Error error);
  void finish();
  std::vector<Outcome> take();

  /// True once it is finished and every outcome has been taken.
  bool is_done() const;
  bool is_over() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sessionvitals
