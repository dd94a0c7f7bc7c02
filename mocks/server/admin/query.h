// Numbers in the query of an admin call.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "values/json.h"
#include "values/text.h"

namespace mock {

/// The member's number; nothing when the query has none. Throws BadRequest when it is none or out
/// of range.
template <typename Number>
std::optional<Number> number_in(std::string_view query, std::string_view name, Number least,
                                Number most) {
  const auto text = query_value(query, name);
  if (!text) return std::nullopt;
  Number number{};
  const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool good = !text->empty() && read.ec == std::errc() &&
                    read.ptr == text->data() + text->size() && number >= least && number <= most;
  if (!good) {
    throw BadRequest(std::string(name), "must be a number of at least " + std::to_string(least) +
                                            " and at most " + std::to_string(most));
  }
  return number;
}

}  // namespace mock
