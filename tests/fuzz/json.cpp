// JSON: our reader takes what nlohmann/json takes and finds the same in it, but for what it refuses
// on purpose; and what our writer has written, our reader reads.
#include <bit>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fuzz.h"
#include "sessionvitals/providers/reading/json_reader.h"
#include "sessionvitals/providers/reading/json_writer.h"

namespace {

using nlohmann::json;
using sessionvitals::providers::JsonReader;
using sessionvitals::providers::JsonType;
using sessionvitals::providers::JsonWriter;

/// All that a text says, one piece after the other.
using Trace = std::vector<std::string>;

std::string of_double(double value) {
  return "d" + std::to_string(std::bit_cast<std::uint64_t>(value));
}

class Witness final : public nlohmann::json_sax<json> {
 public:
  Trace trace;
  bool is_out_of_range = false;
  std::size_t deepest = 0;

  bool null() override { return add("null"); }
  bool boolean(bool value) override { return add(value ? "true" : "false"); }
  bool number_integer(std::int64_t value) override { return add("i" + std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) override {
    if (value > INT64_MAX) return add(of_double(static_cast<double>(value)));
    return add("i" + std::to_string(value));
  }
  bool number_float(double value, const std::string&) override { return add(of_double(value)); }
  bool string(std::string& value) override { return add("s" + value); }
  bool binary(json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open("{"); }
  bool key(std::string& value) override { return add("n" + value); }
  bool end_object() override { return close("}"); }
  bool start_array(std::size_t) override { return open("["); }
  bool end_array() override { return close("]"); }
  bool parse_error(std::size_t, const std::string&, const json::exception& error) override {
    is_out_of_range = error.id == 406;  // a number that no double holds
    return false;
  }

 private:
  bool add(std::string piece) {
    trace.push_back(std::move(piece));
    return true;
  }
  bool open(std::string piece) {
    deepest = std::max(deepest, ++depth_);
    return add(std::move(piece));
  }
  bool close(std::string piece) {
    --depth_;
    return add(std::move(piece));
  }

  std::size_t depth_ = 0;
};

bool walk(JsonReader& reader, Trace& trace) {
  std::string buffer;
  std::string_view text;
  switch (reader.type()) {
    case JsonType::none:
      return reader.fail("a value");
    case JsonType::null:
      trace.emplace_back("null");
      return reader.take_null() || reader.fail("null");
    case JsonType::boolean: {
      bool value = false;
      if (!reader.take_boolean(value)) return reader.fail("a boolean");
      trace.emplace_back(value ? "true" : "false");
      return true;
    }
    case JsonType::number: {
      std::int64_t integer = 0;
      double number = 0;
      if (reader.take_integer(integer)) {
        trace.push_back("i" + std::to_string(integer));
      } else if (reader.take_number(number)) {
        trace.push_back(of_double(number));
      } else {
        return reader.fail("a number");
      }
      return true;
    }
    case JsonType::string:
      if (!reader.read_string(text, buffer)) return false;
      trace.push_back("s" + std::string(text));
      return true;
    case JsonType::object:
      if (!reader.begin_object()) return false;
      trace.emplace_back("{");
      while (reader.has_more()) {
        if (!reader.read_name(text, buffer)) return false;
        trace.push_back("n" + std::string(text));
        if (!reader.read_colon() || !walk(reader, trace)) return false;
      }
      trace.emplace_back("}");
      return !reader.has_failed();
    case JsonType::array:
      if (!reader.begin_array()) return false;
      trace.emplace_back("[");
      while (reader.has_more()) {
        if (!walk(reader, trace)) return false;
      }
      trace.emplace_back("]");
      return !reader.has_failed();
  }
  return false;
}

std::optional<Trace> read(std::string_view text) {
  JsonReader reader(text);
  Trace trace;
  if (!walk(reader, trace) || !reader.finish()) {
    fuzz::require(reader.has_failed(), "a refusal says why");
    return std::nullopt;
  }
  return trace;
}

bool can_be_skipped(std::string_view text) {
  JsonReader reader(text);
  std::string_view skipped;
  return reader.skip(skipped) && reader.finish();
}

void check_against_the_witness(std::string_view text) {
  const std::optional<Trace> ours = read(text);
  fuzz::require(ours.has_value() == can_be_skipped(text), "skipping sees what reading sees");
  if (text.find('\0') != std::string_view::npos) {
    return;  // the witness takes it for the end
  }
  Witness witness;
  const bool is_taken = json::sax_parse(text, &witness);
  if (witness.is_out_of_range) return;
  if (is_taken && witness.deepest <= sessionvitals::providers::kMaxDepth) {
    fuzz::require(ours.has_value(), "what is JSON is read");
    fuzz::require(*ours == witness.trace, "and says the same");
  } else {
    fuzz::require(!ours, "what is no JSON, or too deep, is refused");
  }
}

void check_writing(std::string_view text) {
  JsonWriter writer;
  writer.begin_array();
  writer.write(text);
  writer.end_array();
  const auto written = std::move(writer).finish();
  if (!written) return;
  const std::optional<Trace> found = read(*written);
  fuzz::require(found && *found == Trace{"[", "s" + std::string(text), "]"},
                "what is written is read as it was");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // In a place of its own, so that a byte read past its end is seen.
  const std::vector<char> copy(data, data + size);
  const std::string_view text(copy.data(), copy.size());
  check_against_the_witness(text);
  check_writing(text);
  return 0;
}
