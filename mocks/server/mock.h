// The mock itself: every space, and which part of it answers a request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "admin/access.h"
#include "recording/response_source.h"
#include "sandbox/space.h"
#include "vendors/target.h"
#include "wire/application.h"

namespace mock {

struct MockOptions {
  std::uint64_t seed = 0;
  std::size_t max_spaces = 4096;
  std::size_t sandbox_bytes = 512 * 1024 * 1024;  // sessions and faults of all spaces together
  std::size_t journal_bytes = 4 * 1024 * 1024;    // of all spaces together
  AdminAccess access = {.address = "127.0.0.1"};
  bool dashboard = true;  // its page and the events that it follows
};

class Mock final : public Application {
 public:
  explicit Mock(const MockOptions& options);

  Reply answer(const Request& request, RequestState& state) override;
  bool changed() override;
  std::optional<WirePlan> on_accept() override;
  WirePlan refuse(int http_status) override;
  void note_connections(std::size_t open) override { connections_ = open; }

  /// Has the source answer the vendors' calls from now on; it must outlive the mock.
  void use_source(ResponseSource& source) { source_ = &source; }
  /// Something happened outside that a waiting request may wait for.
  void note_change() { changed_ = true; }

  Spaces& spaces() { return spaces_; }
  /// How many readers of events there are.
  std::size_t& readers() { return readers_; }
  /// How many connections are open.
  std::size_t connections() const { return connections_; }
  /// When the mock started, by the machine's clock.
  Time started_at() const { return started_at_; }
  const MockOptions& options() const { return options_; }

 private:
  struct VendorRequest;

  Reply answer_admin_call(const Request& request, const Target& target, RequestState& state);
  Reply answer_browser_call(const Request& request, const Target& target,
                            const RequestState& state);
  Reply answer_vendor(const Request& request, Space& space, const Target& target,
                      RequestState& state);
  static Call call_of(VendorRequest& pending, const Request& request, Space& space,
                      const Target& target, const RouteFound& found);
  Answer ask_vendor(VendorRequest& pending, Call& call, const Vendor& vendor);
  Answer answer_to(VendorRequest& pending, Call& call, const RouteFound& found);
  Reply answer_from_source(VendorRequest& pending, const Call& call, const Target& target,
                           const RouteFound& found);
  WirePlan plan_harmed(VendorRequest& pending, const Request& request, const Answer& answer,
                       Time now);
  WirePlan plan_with_fault(VendorRequest& pending, const Request& request, const Answer& answer,
                           Time now);
  WirePlan next_piece(const Request& request, const Answer& answer, Time now);
  void record_once(VendorRequest& pending, const Call& call, const RouteFound& found,
                   const Answer& answer, bool answered);
  void record_lost(VendorRequest& pending, const Request& request, const std::string& space);
  void record(const VendorRequest& pending, const Call& call, const RouteFound& found,
              const Answer& answer, bool answered);
  std::string_view date_at(Time now);
  WirePlan plan(const Request& request, const Answer& answer, Time now);

  MockOptions options_;
  Spaces spaces_;
  ResponseSource* source_ = nullptr;
  bool changed_ = false;
  std::size_t readers_ = 0;
  std::size_t connections_ = 0;
  Time started_at_ = real_now();
  // The last HTTP date written, since a second has many answers.
  Time date_second_ = INT64_MIN;
  std::string date_;
};

}  // namespace mock
