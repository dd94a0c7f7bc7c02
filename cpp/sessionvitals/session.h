#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/report.h"
#include "sessionvitals/timestamp.h"

namespace sessionvitals {

/// What a session is doing, in the one vocabulary all providers are read into.
enum class SessionState {
  active,     // running now: serve, bill, talk
  pending,    // accepted, not started
  ended,      // finished, for whatever reason
  expired,    // finished by running out of time
  not_found,  // the provider knows no such session
  denied,     // the provider says no, and does not say why
  unknown,    // a word we do not know yet; Session::provider_state has it
};

/// Returns the state's name, as it is spelled above.
std::string_view state_name(SessionState state);

/// A JSON value kept as the text it came as: whatever its depth and content, it
/// cannot cost the answer that it is part of.
struct JsonText {
  std::string json;

  bool operator==(const JsonText&) const = default;
};

/// A member that our reading of a contract does not know, kept as the JSON text
/// it came as.
struct ExtraMember {
  std::string name;
  std::string json;

  bool operator==(const ExtraMember&) const = default;
};

/// What every vendor's own answer has in common, so that a Session can carry
/// one without naming it.
struct Detail {
  std::vector<ExtraMember> extra;          // in the order received
  std::shared_ptr<const CallReport> call;  // nullptr for what a pure parse returns

  Detail() = default;
  Detail(const Detail&) = default;
  Detail& operator=(const Detail&) = default;
  Detail(Detail&&) = default;
  Detail& operator=(Detail&&) = default;
  virtual ~Detail() = default;

  /// Replaces the secret by "[redacted]" in what the vendor wrote for people to
  /// read; what it says of the session is left as it is.
  virtual void redact(std::string_view /*secret*/) {}
};

/// Any provider's answer about one session. Only `provider`, `id` and `state`
/// are always there: what the vendor did not say is absent, never zero.
struct Session {
  std::string provider;
  std::string id;
  SessionState state = SessionState::unknown;
  std::string provider_state;  // the vendor's own word, verbatim; empty if it used none
  std::optional<Timestamp> expires_at;
  std::optional<std::chrono::milliseconds> time_remaining;  // never below 0
  std::optional<std::chrono::seconds> duration;
  std::optional<std::int64_t> uploaded_bytes;
  std::optional<std::int64_t> downloaded_bytes;
  std::string hint;  // what to check if the state surprises; empty most of the time
  std::shared_ptr<const Detail> detail;    // the vendor-typed answer; nullptr where there is none
  std::shared_ptr<const CallReport> call;  // nullptr for what a pure parse returns

  /// True while the session may be used: its state is active.
  bool live() const { return state == SessionState::active; }

  /// The vendor-typed answer if it is a T, otherwise nullptr.
  template <class T>
  const T* detail_as() const {
    return dynamic_cast<const T*>(detail.get());
  }
};

}  // namespace sessionvitals
