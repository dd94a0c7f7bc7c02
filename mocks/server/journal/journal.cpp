#include "journal/journal.h"

#include <algorithm>
#include <cstring>

namespace mock {

namespace {

// More than one space may hold of the process's budget: half, so that a flood in one leaves the
// others theirs.
constexpr std::size_t kShareOfOne = 2;

void pack(std::string& texts, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  texts.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
}

std::string unpack(std::string_view& texts) {
  std::uint32_t size = 0;
  std::memcpy(&size, texts.data(), sizeof size);
  std::string text(texts.substr(sizeof size, size));
  texts.remove_prefix(sizeof size + size);
  return text;
}

}  // namespace

void Journal::record(const Entry& entry) {
  Packed packed{.number = entry.number,
                .at = entry.at,
                .provider = entry.provider,
                .operation = entry.operation,
                .rule = entry.rule,
                .http_status = entry.http_status,
                .truncated = entry.truncated,
                .answer_truncated = entry.answer.truncated,
                .headers = static_cast<std::uint16_t>(entry.headers.size()),
                .duration = static_cast<std::uint32_t>(
                    std::clamp<std::int64_t>(entry.duration, 0, UINT32_MAX)),
                .texts = {}};
  std::size_t size = 64 + entry.target.size() + entry.session_id.size() + entry.body.size() +
                     entry.answer.body.size();
  for (const auto* headers : {&entry.headers, &entry.answer.headers}) {
    for (const Header& header : *headers) size += 8 + header.name.size() + header.value.size();
  }
  packed.texts.reserve(size);
  for (const std::string* text : {&entry.method, &entry.target, &entry.session_id, &entry.fault,
                                  &entry.body, &entry.answer.body}) {
    pack(packed.texts, *text);
  }
  for (const auto* headers : {&entry.headers, &entry.answer.headers}) {
    for (const Header& header : *headers) {
      pack(packed.texts, header.name);
      pack(packed.texts, header.value);
    }
  }
  bytes_ += packed.bytes();
  budget_->used += packed.bytes();
  entries_.push_back(std::move(packed));
  ++seen_;
  ++recorded_;
  Counter& counter = counters_[{entry.provider, entry.operation, entry.http_status}];
  ++counter.seen;
  ++counter.kept;
  while (bytes_ > budget_->max / kShareOfOne) evict_oldest();
}

void Journal::evict_oldest() {
  const Packed& oldest = entries_.front();
  evicted_below_ = std::max(evicted_below_, oldest.number + 1);
  --counters_[{oldest.provider, oldest.operation, oldest.http_status}].kept;
  bytes_ -= oldest.bytes();
  budget_->used -= oldest.bytes();
  entries_.pop_front();
}

void Journal::shrink_to(std::size_t bytes) {
  while (bytes_ > bytes && !entries_.empty()) evict_oldest();
}

void Journal::clear() {
  budget_->used -= bytes_;
  bytes_ = 0;
  seen_ = 0;
  ++clears_;
  evicted_below_ = 0;
  entries_.clear();
  counters_.clear();
}

Entry Journal::entry(std::size_t index) const {
  const Packed& packed = entries_[index];
  std::string_view texts = packed.texts;
  Entry entry;
  entry.number = packed.number;
  entry.at = packed.at;
  entry.provider = packed.provider;
  entry.operation = packed.operation;
  entry.rule = packed.rule;
  entry.http_status = packed.http_status;
  entry.truncated = packed.truncated;
  entry.answer.truncated = packed.answer_truncated;
  entry.duration = packed.duration;
  for (std::string* text : {&entry.method, &entry.target, &entry.session_id, &entry.fault,
                            &entry.body, &entry.answer.body}) {
    *text = unpack(texts);
  }
  while (!texts.empty()) {
    std::string name = unpack(texts);
    auto& headers = entry.headers.size() < packed.headers ? entry.headers : entry.answer.headers;
    headers.push_back({std::move(name), unpack(texts)});
  }
  return entry;
}

Count Journal::count(const Criteria& criteria) const {
  Count count;
  const bool exact = criteria.is_counted();
  for (const auto& [key, counter] : counters_) {
    Entry like;
    like.provider = std::get<0>(key);
    like.operation = std::get<1>(key);
    like.http_status = std::get<2>(key);
    Criteria counted;
    for (const auto& field : criteria.fields) {
      if (Criteria{.fields = {field}, .since = {}}.is_counted()) counted.fields.push_back(field);
    }
    if (!matches(like, counted)) continue;
    if (exact) count.found += counter.seen;
    if (!exact) count.evicted += counter.seen - counter.kept;
  }
  if (exact) return count;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (matches(entry(i), criteria)) ++count.found;
  }
  // With `since`, what was dropped may not have been meant at all.
  if (criteria.since && evicted_below_ <= *criteria.since) count.evicted = 0;
  return count;
}

Json Journal::counters() const {
  Json list = Json::array();
  for (const auto& [key, counter] : counters_) {
    const auto& [provider, operation, http_status] = key;
    list.push_back({{"provider", provider.empty() ? Json(nullptr) : Json(provider)},
                    {"operation", operation.empty() ? Json(nullptr) : Json(operation)},
                    {"http_status", http_status},
                    {"count", counter.seen}});
  }
  return list;
}

}  // namespace mock
