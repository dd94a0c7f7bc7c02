#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sessionvitals/errors.h"

/// Writing JSON text: UTF-8, without white space, members in the order in which
/// they are written. Private to providers/.
namespace sessionvitals::providers {

/// What cannot be sent is recorded, with the member that it stands in: text that
/// is not UTF-8 (a lone surrogate, for one) or has a NUL, a number that is not
/// finite, JSON text that is none.
class JsonWriter {
 public:
  void write_null() { append("null"); }
  void write(bool value) { append(value ? "true" : "false"); }
  void write(std::int64_t value);
  void write(double value);
  void write(std::string_view text);
  void write_json(std::string_view json);  // one JSON value, as it stands

  void begin_object() { open('{'); }
  void write_name(std::string_view name);  // of the member whose value comes next
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  /// The text, or a ConfigurationError that names the first member that cannot be sent.
  Result<std::string> finish() &&;

 private:
  void append(std::string_view value);
  void append_string(std::string_view text);
  void open(char opening);
  void close(char closing);
  void refuse(std::string_view problem);

  std::string text_;
  bool needs_comma_ = false;
  std::string name_;  // of the member that was begun last
  std::optional<Error> error_;
};

}  // namespace sessionvitals::providers
