// Answers to vendors' paths that are the mock's own: 501 for what no source says, refusals of
// what is no request, and its front page.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "values/http.h"

namespace mock {

/// 501, which no vendor answers, so that no client takes it for an answer of theirs. The body has
/// the reason where each vendor's clients look for one: in `error`, or in `detail`. `nearest` is a
/// route in words, or empty.
Answer not_implemented(const Rule& rule, const std::string& reason, const std::string& nearest);

Answer too_many_spaces(std::size_t most);

/// The answer, as bytes, to what is no request or too large a one: only for the latter with words.
std::string refusal_bytes(int http_status);

/// Whether it is GET or HEAD of the space's root.
bool is_front_page(const Request& request);
Answer front_page_answer(std::string_view space);

}  // namespace mock
