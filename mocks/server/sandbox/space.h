// A space: one sandbox, whole, with nothing shared with the others. http://HOST:PORT/~NAME/ is the
// space NAME; without the prefix it is the space `default`.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "browser/settings.h"
#include "faults/faults.h"
#include "journal/journal.h"
#include "sandbox/account.h"
#include "sandbox/clock.h"
#include "sandbox/rate_limits.h"
#include "sandbox/session.h"
#include "sandbox/settings.h"
#include "vendors/vendor.h"

namespace mock {

/// What a scenario fills: everything of a space but what happened in it.
struct Sandbox {
  /// `budget` is what the sandboxes of all spaces share.
  explicit Sandbox(Budget& budget);

  SessionStore& sessions(const Vendor& vendor) { return stores[index_of(vendor)]; }
  std::size_t session_count() const;

  Clock clock;
  Keys keys;
  Dialect dialect;
  Agent agent;
  Account account;
  Browser browser;
  RateLimits limits;
  std::vector<SessionStore> stores;  // by vendor
};

class Space : public Sandbox {
 public:
  Space(std::string name, std::uint64_t seed, Budget& sandboxes, Budget& journals);

  const std::string& name() const { return name_; }
  /// Which of the spaces made so far it is, from 1; 0 before its first use.
  std::uint64_t order = 0;
  std::uint64_t seed() const { return seed_; }

  Faults faults;
  Journal journal;
  std::uint64_t requests = 0;     // to the vendors' paths, from the first on
  std::uint64_t connections = 0;  // that met a fault
  // Shared by every stream that is open and may have news of what a vendor's call changes.
  std::shared_ptr<const char> streams = std::make_shared<const char>();
  Time started_at;                              // virtual
  std::map<std::string, std::size_t> replayed;  // by request, how often; see recording.h

 private:
  std::string name_;
  std::uint64_t seed_;
};

/// Every space there is. They come to be on first use; their number is bounded.
class Spaces {
 public:
  /// The bytes bound what the sandboxes, and what the journals, of all spaces hold together.
  Spaces(std::uint64_t seed, std::size_t most, std::size_t sandbox_bytes, std::size_t journal_bytes)
      : seed_(seed),
        max_(most),
        sandboxes_{.max = sandbox_bytes},
        journals_{.max = journal_bytes} {}

  /// The space of that name, made when it is new; null when there are too many already.
  Space* open(std::string_view name);
  Space* find(std::string_view name) const;
  /// A space of that name as it is before its first use, which is not one of these.
  std::unique_ptr<Space> make(std::string_view name);
  bool remove(std::string_view name);
  std::size_t size() const { return spaces_.size(); }
  std::size_t most() const { return max_; }
  std::vector<Space*> in_order() const;
  Budget& sandbox_budget() { return sandboxes_; }
  /// How often a space was made or removed.
  std::uint64_t changes() const { return changes_; }

  /// Keeps all journals together within their bound, by shortening the longest.
  void bound_journals();

  static bool is_name(std::string_view name);
  static constexpr std::string_view kNameRule =
      "the name of a space has 1 to 64 of A-Z, a-z, 0-9, -, _ and .";

 private:
  std::uint64_t seed_;
  std::size_t max_;
  Budget sandboxes_;
  Budget journals_;
  std::map<std::string, std::unique_ptr<Space>, std::less<>> spaces_;
  std::uint64_t changes_ = 0;
};

}  // namespace mock
