#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/client/arrow.h"
#include "sessionvitals/client/bulk.h"

namespace sessionvitals {

/// Outcomes as columns, for programs that bill or count: Arrow's layout, which
/// pandas, polars, DuckDB and others read without a copy. One row an outcome, in
/// the order they were added; what a vendor did not say is null, never zero.
///
///     id, provider, state, provider_state: text      live: bool
///     expires_at: timestamp of microseconds, UTC
///     time_remaining_milliseconds, duration_seconds, uploaded_bytes, downloaded_bytes: int64
///     error: text, the name of the error's class     error_message: text
///
/// `state` and `live` are null where there is an error. Safe to use from several threads at once.
class OutcomeTable {
 public:
  /// `provider` is what the column of that name says.
  explicit OutcomeTable(std::string_view provider);
  ~OutcomeTable();
  OutcomeTable(OutcomeTable&&) noexcept;
  OutcomeTable& operator=(OutcomeTable&&) noexcept;

  void add(const Outcome& outcome) { add(outcome.id, outcome.session); }
  void add(std::string_view id, const Result<Session>& session);
  void add(const std::vector<Outcome>& outcomes);

  /// How many rows there are.
  std::size_t size() const;

  /// Returns the columns' names, in their order.
  static const std::vector<std::string_view>& column_names();

  /// Writes the type of a row (Arrow's struct) to `out`, which its owner must
  /// release.
  static void export_schema(ArrowSchema* out);

  /// Writes a stream of the rows there are now to `out`, which its owner must
  /// release. What it gives lives on without the table.
  void export_stream(ArrowArrayStream* out);

 private:
  struct Batch;
  struct Exporter;

  void add_row(std::string_view id, const Result<Session>& answer);

  std::string provider_;
  std::unique_ptr<std::mutex> mutex_;                  // of the next two
  std::vector<std::shared_ptr<const Batch>> batches_;  // full, or exported
  std::unique_ptr<Batch> filling_;
};

}  // namespace sessionvitals
