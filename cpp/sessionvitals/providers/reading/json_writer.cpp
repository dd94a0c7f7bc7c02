#include "sessionvitals/providers/reading/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "sessionvitals/providers/reading/json_reader.h"
#include "sessionvitals/values/utf8.h"

namespace sessionvitals::providers {

namespace {

// The shortest digits that are read back as the same number.
template <class Number>
std::string to_digits(Number number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return {digits.data(), end};
}

bool is_json(std::string_view json) {
  JsonReader reader(json);
  std::string_view value;
  return reader.type() != JsonType::none && reader.skip_unread(value) && reader.finish();
}

}  // namespace

void JsonWriter::write(std::int64_t value) { append(to_digits(value)); }

void JsonWriter::write(double value) {
  if (!std::isfinite(value)) refuse("is not a finite number, and JSON has no other");
  append(to_digits(value));
}

void JsonWriter::write(std::string_view text) {
  append("");
  append_string(text);
}

void JsonWriter::write_json(std::string_view json) {
  if (!is_json(json) || !is_utf8(json)) refuse("is not JSON");
  append(json);
}

void JsonWriter::write_name(std::string_view name) {
  name_ = name;
  append("");
  append_string(name);
  text_ += ':';
  needs_comma_ = false;
}

Result<std::string> JsonWriter::finish() && {
  if (error_) return *std::move(error_);
  return std::move(text_);
}

void JsonWriter::append(std::string_view value) {
  if (needs_comma_) text_ += ',';
  text_ += value;
  needs_comma_ = true;
}

void JsonWriter::append_string(std::string_view text) {
  constexpr std::string_view kHexadecimal = "0123456789abcdef";
  if (!is_utf8(text)) refuse("is not valid UTF-8 text (it may have a lone surrogate)");
  if (text.find('\0') != std::string_view::npos) refuse("has a NUL character");
  text_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      text_.append(1, '\\').append(1, c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      text_.append("\\u00").append(1, static_cast<char>('0' + (c >> 4)));
      text_ += kHexadecimal[static_cast<unsigned char>(c) & 0x0fU];
    } else {
      text_ += c;
    }
  }
  text_ += '"';
}

void JsonWriter::open(char opening) {
  append({&opening, 1});
  needs_comma_ = false;
}

void JsonWriter::close(char closing) {
  text_ += closing;
  needs_comma_ = true;
}

void JsonWriter::refuse(std::string_view problem) {
  if (error_) return;
  const std::string what = name_.empty() ? "The value" : '"' + name_ + '"';
  error_ = Error(ErrorKind::configuration_error,
                 what + " " + std::string(problem) + ": nothing was sent.");
}

}  // namespace sessionvitals::providers
