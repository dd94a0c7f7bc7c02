#include "journal/keep.h"

#include <algorithm>

namespace mock {

namespace {

// The most of a body that is kept.
constexpr std::size_t kMaxKept = 4096;

// `target` is the request's without its secrets: a 501 repeats it.
KeptAnswer kept_answer(const Request& request, const std::string& target, const Answer& answer,
                       Secrets secrets) {
  KeptAnswer kept;
  kept.headers.reserve(answer.headers.size());
  for (const Header& header : answer.headers) {
    kept.headers.push_back({header.name, redacted_text(header.value, secrets)});
  }
  kept.body = redacted_text(answer.body, secrets);
  if (answer.http_status == 501) kept.body = replaced(kept.body, request.target, target);
  kept.truncated = answer.goes_on() || kept.body.size() > kMaxKept;
  kept.body.resize(std::min(kept.body.size(), kMaxKept));
  return kept;
}

}  // namespace

void keep_messages(Entry& entry, const Request& request, const Answer* answer, Secrets secrets) {
  entry.method = request.method;
  entry.target = redacted_target(request.target, secrets);
  entry.headers.reserve(request.headers.size());
  for (const Header& header : request.headers) {
    entry.headers.push_back({header.name, redacted_header(header.name, header.value, secrets)});
  }
  entry.truncated = request.body.size() > kMaxKept;
  // Cut after the secrets are out: a cut through one would hide it from the search.
  if (!request.body.empty()) {
    entry.body = redacted_body(request.body, secrets);
    entry.body.resize(std::min(entry.body.size(), kMaxKept));
  }
  if (answer != nullptr) entry.answer = kept_answer(request, entry.target, *answer, secrets);
}

}  // namespace mock
