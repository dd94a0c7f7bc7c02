// One session of one vendor, and the store that keeps them by id.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sandbox/timeline.h"
#include "values/budget.h"

namespace mock {

/// What all vendors' sessions have; a vendor's file derives its own.
struct Session {
  Session(std::string its_id, Timeline its_timeline)
      : id(std::move(its_id)), timeline(std::move(its_timeline)) {}
  Session(const Session&) = default;
  Session& operator=(const Session&) = delete;
  virtual ~Session() = default;
  virtual std::unique_ptr<Session> clone() const { return std::make_unique<Session>(*this); }
  /// About how much memory it takes, its place in a store included.
  virtual std::size_t bytes() const;

  std::string id;
  Timeline timeline;
  std::uint64_t order = 0;  // by which a list is sorted: first stored, first shown
};

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

class SessionStore {
 public:
  /// `budget` is what the stores of all spaces share.
  explicit SessionStore(Budget& budget) : budget_(&budget) {}
  ~SessionStore() { clear(); }
  SessionStore(SessionStore&& other) noexcept;
  SessionStore& operator=(SessionStore&& other) noexcept;

  Session* find(std::string_view id) const;
  /// Stores it; one with the same id is replaced and its place in the order kept. Throws BadRequest
  /// when the budget is used up.
  Session& put(std::unique_ptr<Session> session);
  /// Counts what one of its sessions is about to grow by. Throws BadRequest when the budget is used
  /// up.
  void add_bytes(const Session& session, std::size_t bytes);
  bool remove(std::string_view id);
  void clear();
  std::size_t size() const { return sessions_.size(); }
  /// How often a session was stored or removed.
  std::uint64_t changes() const { return changes_; }
  /// The first stored comes first; at most so many.
  std::vector<Session*> in_order(std::size_t most = SIZE_MAX) const;

 private:
  struct Stored {
    std::unique_ptr<Session> session;
    std::size_t bytes = 0;
  };

  Budget* budget_;
  std::size_t bytes_ = 0;
  std::unordered_map<std::string, Stored, StringHash, std::equal_to<>> sessions_;
  std::uint64_t next_order_ = 0;
  std::uint64_t changes_ = 0;
};

}  // namespace mock
