// What came in, and what was answered: entries within a bound of bytes, and counters that never
// forget. Asked how often something came, it says yes, no, or that it cannot know any more.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "values/budget.h"
#include "values/http.h"
#include "values/json.h"

namespace mock {

struct Route;

/// What was answered. Of secrets the space's own keys are taken out; those that only their name
/// gives away are by to_json(), because few answers are ever looked at.
struct KeptAnswer {
  std::vector<Header> headers;
  std::string body;
  bool truncated = false;  // the body kept is only its beginning
};

/// One request and its answer, secrets already taken out.
struct Entry {
  std::uint64_t number = 0;   // of the request in its space, from 0
  Time at = 0;                // virtual
  std::string_view provider;  // empty: no vendor has such a route
  std::string_view operation;
  const Rule* rule = nullptr;
  int http_status = 0;     // 0: nothing was answered
  bool truncated = false;  // the body kept is only its beginning
  std::string method;
  std::string target;
  std::string session_id;
  std::string fault;
  std::vector<Header> headers;
  std::string body;
  std::int64_t duration = 0;  // real milliseconds until the answer was ready
  KeptAnswer answer = {};     // empty when nothing was answered
};

/// Which requests are meant; what is not set matches all.
struct Criteria {
  /// Field names as in an entry's JSON, and header.NAME; the wanted text.
  std::vector<std::pair<std::string, std::string>> fields;
  std::optional<std::uint64_t> since;  // an entry's number

  /// Nothing but what the counters are kept by.
  bool is_counted() const;
};

struct Count {
  std::uint64_t found = 0;    // at least so many came
  std::uint64_t evicted = 0;  // so many more may have been meant
};

class Journal {
 public:
  /// `budget` is what all journals of the process share.
  explicit Journal(Budget& budget) : budget_(&budget) {}
  ~Journal() { clear(); }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void record(const Entry& entry);
  /// Drops the oldest entries until at most so many bytes are held.
  void shrink_to(std::size_t bytes);
  void clear();

  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return entries_.size(); }
  std::uint64_t seen() const { return seen_; }
  std::uint64_t evicted() const { return seen_ - entries_.size(); }
  /// How many entries came so far, whatever was cleared since. They come in the order of their
  /// answers, which need not be that of their numbers.
  std::uint64_t recorded() const { return recorded_; }
  /// How often it was cleared.
  std::uint64_t clears() const { return clears_; }
  Entry entry(std::size_t index) const;

  Count count(const Criteria& criteria) const;
  Json counters() const;

  struct Counter {
    std::uint64_t seen = 0;
    std::uint64_t kept = 0;
  };
  using CounterKey = std::tuple<std::string_view, std::string_view, int>;
  /// By provider, operation and the answer's status (0: none), since it was cleared last.
  const std::map<CounterKey, Counter>& counted() const { return counters_; }

 private:
  struct Packed {
    std::uint64_t number;
    Time at;
    std::string_view provider;
    std::string_view operation;
    const Rule* rule;
    int http_status;
    bool truncated;
    bool answer_truncated;
    std::uint16_t headers;  // of the request; those of the answer follow them
    std::uint32_t duration;
    std::string texts;  // the other fields, each after its length

    std::size_t bytes() const { return sizeof(Packed) + texts.capacity(); }
  };

  void evict_oldest();

  Budget* budget_;
  std::deque<Packed> entries_;
  std::map<CounterKey, Counter> counters_;
  std::size_t bytes_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t recorded_ = 0;
  std::uint64_t clears_ = 0;
  std::uint64_t evicted_below_ = 0;  // every evicted entry's number is less
};

/// Whether an entry is meant; each field that differs is added to `differences` when given.
bool matches(const Entry& entry, const Criteria& criteria, Json* differences = nullptr);

Json to_json(const Entry& entry);

}  // namespace mock
