// What the mock asks of a vendor. A vendor is one file or folder: its routes, each with the
// function that answers it, and how one of its sessions is seeded, shown and changed.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/session.h"
#include "values/http.h"
#include "values/json.h"
#include "values/random.h"

namespace mock {

class Space;
struct LimitState;

struct Call;

/// One of a vendor's operations. Adding one is a line in the vendor's table and its handler.
struct Route {
  std::string_view operation;
  std::string_view method;
  std::string_view path;              // with {id} or the like for what a request names
  const Rule* rule = nullptr;         // what a success follows; or why there is no handler
  Answer (*answer)(Call&) = nullptr;  // null: documented by the vendor, not played here
};

/// How far an operation has come that answers later or in pieces. Its handler is called again, with
/// what it left here, when `wait_until` is over or something changed in the space.
struct Progress {
  int stage = 0;  // 0 at the first call; the handler's own
  Json data = nullptr;
  std::optional<Time> wait_until = std::nullopt;  // virtual; set: there is nothing to send yet
  std::shared_ptr<const char> stream = nullptr;   // Space::streams, of one that has news of calls
};

/// A request that has found its route, as its handler gets it.
struct Call {
  const Request& request;
  const Route& route;
  std::string id;  // percent-decoded; empty when the route has none
  std::string_view id_as_sent;
  bool bad_escape;         // the id's percent escapes are malformed
  std::string_view query;  // without the question mark
  Space& space;
  Time now;
  Random& random;
  Progress& progress;
};

/// How clients are led to a vendor.
struct ClientSettings {
  std::string_view base_path;  // what its base URL has behind the host
  std::string_view base_url_variable;
  std::string_view key_variable;
};

class Vendor {
 public:
  virtual ~Vendor() = default;

  virtual std::string_view name() const = 0;
  virtual ClientSettings client_settings() const = 0;
  /// The key a new space accepts; nothing when none is asked for.
  virtual std::optional<std::string> default_key() const = 0;
  virtual std::span<const Route> routes() const = 0;
  /// The words a session's state can have.
  virtual std::span<const std::string_view> states() const = 0;

  /// A new session, its vendor's members not yet read.
  virtual std::unique_ptr<Session> create(std::string id, Timeline timeline) const = 0;
  /// Reads the vendor's own members, when seeding and when changing. Throws BadRequest.
  virtual void read(Session& session, Members& members, Time now) const = 0;
  /// Adds the vendor's own members, as read() takes them and as they are now.
  virtual void show(Session& session, Json& json, Time now) const = 0;
  /// Takes out of what show() added all that read() does not take.
  virtual void leave_seed(Json&) const {}

  /// Whether its paths match in any case, and with a slash at their end.
  virtual bool case_insensitive_routes(const Space&) const { return false; }
  /// What the vendor refuses before its rate limit counts the request; else nothing.
  virtual std::optional<Answer> refuse_uncounted(Call&) const { return std::nullopt; }
  /// What the vendor refuses whatever the operation: a wrong key, a malformed id; else nothing.
  virtual std::optional<Answer> refuse(Call& call) const = 0;
  /// What the vendor's server does to every answer of its handlers.
  virtual Answer finish(const Call&, Answer answer) const { return answer; }
  /// Whether the vendor documents a rate limit.
  virtual bool has_rate_limit() const { return false; }
  /// The refusal when the limit is used up, and the headers that every answer then carries.
  virtual Answer limited(Call&, const LimitState&) const { return {}; }
  virtual void add_limit_headers(Answer&, const LimitState&) const {}

  /// An answer of that status in the vendor's own form, as a fault script asks for it.
  virtual Answer scripted(Call& call, int http_status) const = 0;
};

/// Every vendor played, in the order in which they are shown. A new one is a line here and a file.
std::span<const Vendor* const> vendors();

/// Throws BadRequest, naming the vendors there are.
const Vendor& vendor_named(std::string_view name, const std::string& member);

/// Whether some vendor has an operation of that name.
bool is_operation(std::string_view name);
std::size_t index_of(const Vendor& vendor);

}  // namespace mock
