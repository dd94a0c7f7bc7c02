// Faults as a script: what goes wrong with the requests to come, in which order, for whom.
// Values and bookkeeping; what each does on the wire is in fault_wire.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "values/budget.h"
#include "values/http.h"
#include "values/json.h"
#include "values/random.h"
#include "wire/wire_plan.h"

namespace mock {

enum class FaultKind {
  ok,            // nothing goes wrong; takes its place in the script
  status,        // another answer than the vendor's
  delay,         // the vendor's answer, late
  jitter,        // the vendor's answer, late by a seeded draw
  reset,         // RST instead of an answer
  close,         // FIN instead of an answer, or in its midst
  cut,           // FIN or RST after so many bytes
  dribble,       // the answer in small pieces
  garbage,       // bytes that are not HTTP
  wrong_length,  // a Content-Length that is not the body's
  stall,         // the connection stays open and says nothing more
  // Of a stream only:
  duplicate,   // an event twice
  reorder,     // an event behind the next one
  drop_event,  // without an event
  bad_line,    // a line between two events that is none of the vendor's
  big_event,   // an event with more data
};

struct Fault {
  FaultKind kind = FaultKind::ok;
  std::int64_t times = 1;       // 0: for ever
  bool after = false;           // after the side effect; before it, the vendor is not asked at all
  std::int64_t delay = 0;       // milliseconds before anything is sent
  std::int64_t delay_most = 0;  // jitter: the delay is drawn from `delay` up to this
  int http_status = 0;          // status; also gives cut, dribble, ... another answer to harm
  std::vector<Header> headers;
  std::optional<std::string> body;
  // cut, stall: sent before; dribble: a piece; garbage: how many; big_event: added
  std::int64_t bytes = 0;
  std::optional<std::int64_t> events;      // set: harms a stream only, after so many of its events
  std::int64_t every = 0;                  // dribble: milliseconds between the pieces
  std::int64_t by = 10;                    // wrong_length: added to the true length
  std::int64_t stall = 0;                  // milliseconds; 0: as long as the client stays
  bool during = false;                     // close: half-way instead of before
  std::string raw;                         // garbage, bad_line: these bytes instead of its own
  std::optional<WirePlan::Ending> ending;  // cut, wrong_length: how it ends
};

/// As a script spells it: "503", "cut", "wrong-length".
std::string label_of(const Fault& fault);

/// Whether some fault has that label.
bool is_fault_label(std::string_view text);

/// Which requests a script is for; what is empty matches all.
struct FaultScope {
  std::string provider;
  std::string operation;
  std::string session_id;
  bool connect = false;  // for connections as they are accepted, TLS or not, not for requests
};

struct FaultScript {
  std::int64_t id = 0;
  FaultScope scope;
  std::vector<Fault> faults;
  std::size_t next = 0;
  std::int64_t fired_of_next = 0;
  std::int64_t fired = 0;

  bool is_over() const { return next == faults.size(); }
  /// About how much memory it takes.
  std::size_t bytes() const;
};

class Faults {
 public:
  /// `budget` is what the sessions and faults of all spaces share.
  explicit Faults(Budget& budget) : budget_(&budget) {}
  ~Faults() { clear(); }
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  /// Throws BadRequest (409) when there are too many to be fired, or the budget is used up.
  FaultScript& add(FaultScope scope, std::vector<Fault> faults);
  bool remove(std::int64_t id);
  void clear();
  /// Both must have the same budget.
  void swap(Faults& other) { scripts_.swap(other.scripts_); }
  bool empty() const { return scripts_.empty(); }
  const std::vector<FaultScript>& scripts() const { return scripts_; }
  /// How often a fault of each kind was met, also by scripts that are gone.
  const std::map<std::string, std::uint64_t>& fired() const { return fired_; }
  /// Differs after something was added, removed or fired.
  std::uint64_t fingerprint() const;

  /// The fault that this request meets, taken from the oldest script that is for it and not over.
  std::optional<Fault> take(std::string_view provider, std::string_view operation,
                            std::string_view session_id);
  std::optional<Fault> take_for_connection();

 private:
  std::optional<Fault> take_from(FaultScript& script);
  template <typename Predicate>
  std::size_t erase(Predicate is_meant);

  Budget* budget_;
  std::vector<FaultScript> scripts_;
  std::int64_t next_id_ = 1;
  std::map<std::string, std::uint64_t> fired_;  // by label_of()
};

/// "503*2, reset, ok". Throws BadRequest that quotes the part that is wrong; `member` is where the
/// script stands in the whole input.
std::vector<Fault> parse_fault_script(const std::string& script, const std::string& member);

/// The body of POST /__admin/faults: {"script":..} or {"faults":[..]}, "scope", "when".
struct FaultRequest {
  FaultScope scope;
  std::vector<Fault> faults;
};
FaultRequest read_faults(const Json& json, const std::string& path);
Json to_json(const FaultScript& script);
/// What read_faults() makes the faults of that are still to come.
Json to_request(const FaultScript& script);

/// Whether the vendor is asked at all.
bool needs_vendor(const Fault& fault);

/// Whether it is an interim answer (1xx) before the true one, and the bytes of that.
bool is_interim(const Fault& fault);
std::string interim_bytes(const Fault& fault);

/// Harms an answer that is already bytes. `close` is what the request asked for anyway.
WirePlan apply_fault(const Fault& fault, std::string bytes, bool close, Random& random);

/// The delay to keep, in milliseconds, drawn where it is a matter of chance.
std::int64_t delay_of(const Fault& fault, Random& random);

}  // namespace mock
