#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "sessionvitals/client/client.h"

namespace sessionvitals {

/// What became of one id.
struct Outcome {
  std::string id;
  Result<Session> session;
};

struct BulkOptions {
  std::size_t concurrency = 64;  // calls in flight at once; 1 to 4096
  bool ordered = false;          // outcomes in the order of the ids, not of their coming
  CallOptions call = {};         // its deadline is one for all ids together
};

/// Probes many sessions at once, from the caller's thread:
///
///     BulkProbe bulk(client, {.concurrency = 64});
///     while (!bulk.is_done()) {
///       while (bulk.room() > 0 && more()) bulk.add(next_id());
///       if (!more()) bulk.finish();
///       for (Outcome& outcome : bulk.take()) use(outcome);
///     }
///
/// Never holds more than a window of ids and outcomes. Equal ids that are in it
/// at the same time are asked once, and those named to keep() once at all.
/// Belongs to one thread at a time.
class BulkProbe {
 public:
  BulkProbe(const Client& client, const BulkOptions& options);
  ~BulkProbe();
  BulkProbe(BulkProbe&&) noexcept;
  BulkProbe& operator=(BulkProbe&&) noexcept;

  /// How many more ids it takes before some outcomes must be taken.
  std::size_t room() const;

  /// Says which ids will be added more than once: the answer to the first is
  /// kept, and serves the others too, however late they come. Before add().
  void keep(std::vector<std::string> ids);

  /// Takes ids. One that cannot be asked for fails alone.
  void add(std::string id);
  void add(std::vector<std::string> ids);

  /// Takes an id that the caller could not even read as one.
  void add_failed(std::string id, Error error);

  /// Says that no more ids will come.
  void finish();

  /// Waits until some outcomes are there and returns them; returns nothing once
  /// all that was added has been returned. At the deadline, and when cancelled,
  /// all that is left fails with that.
  std::vector<Outcome> take();

  /// Has the present take(), or the next one that would wait, return with what
  /// there is. From any thread.
  void wake() const;

  /// True while nothing that was added is left to be taken.
  bool is_empty() const;

  /// True once it is finished and every outcome has been taken.
  bool is_done() const;

  /// What is wrong with the options, if anything is: what every id fails with.
  const Error* configuration_error() const;

  /// True once the deadline has passed or the cancel has come: ids that are
  /// added now are not asked any more.
  bool is_over() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sessionvitals
