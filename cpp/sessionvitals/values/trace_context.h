#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/http.h"

/// W3C Trace Context, by which a request says what it is part of. Private to the library.
namespace sessionvitals {

/// Returns true for version 00: "00-", 32 digits, "-", 16 digits, "-", 2 digits; all of
/// them hexadecimal and lower case.
inline bool is_traceparent(std::string_view text) {
  constexpr std::string_view kShape = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
  return std::ranges::equal(text, kShape, [](char given, char wanted) {
    if (wanted != 'x') return given == wanted;
    return (given >= '0' && given <= '9') || (given >= 'a' && given <= 'f');
  });
}

/// Returns what is wrong with the two headers' values, of which each may be empty.
inline std::optional<std::string> problem_with_trace_context(std::string_view traceparent,
                                                             std::string_view tracestate) {
  if (!traceparent.empty() && !is_traceparent(traceparent)) {
    return "traceparent is none of W3C Trace Context, version 00.";
  }
  const auto is_sendable = [](char c) { return c >= ' ' && c <= '~'; };
  if (tracestate.size() > 512 || !std::ranges::all_of(tracestate, is_sendable)) {
    return "tracestate must be at most 512 visible ASCII characters and spaces.";
  }
  return std::nullopt;
}

/// Returns the headers that say so; none without a traceparent.
inline std::vector<Header> trace_headers(const std::string& traceparent,
                                         const std::string& tracestate) {
  std::vector<Header> headers;
  if (traceparent.empty()) return headers;
  headers.push_back({"traceparent", traceparent});
  if (!tracestate.empty()) headers.push_back({"tracestate", tracestate});
  return headers;
}

}  // namespace sessionvitals
