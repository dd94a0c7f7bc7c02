#include "values/http.h"

#include <array>
#include <charconv>
#include <utility>

namespace mock {

namespace {

void append_header(std::string& bytes, std::string_view name, std::string_view value) {
  bytes.append(name).append(": ").append(value).append("\r\n");
}

// These statuses have no body and no length (RFC 9110 s8.6).
bool is_bodiless(int http_status) {
  return http_status < 200 || http_status == 204 || http_status == 304;
}

void append_chunk(std::string& bytes, std::string_view data) {
  if (data.empty()) return;  // an empty chunk would be the end
  std::array<char, 16> size;
  const auto written = std::to_chars(size.data(), size.data() + size.size(), data.size(), 16);
  bytes.append(size.data(), written.ptr).append("\r\n").append(data).append("\r\n");
}

}  // namespace

const std::string* Request::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (equals_ignoring_case(header.name, name)) return &header.value;
  }
  return nullptr;
}

std::string_view reason_phrase(int http_status) {
  static constexpr std::array<std::pair<int, std::string_view>, 32> kPhrases{{
      {100, "Continue"},
      {101, "Switching Protocols"},
      {102, "Processing"},
      {103, "Early Hints"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  }};
  for (const auto& [code, phrase] : kPhrases) {
    if (code == http_status) return phrase;
  }
  return "Status";
}

std::string to_bytes(const Answer& answer, bool head_only, bool close, std::string_view date) {
  std::string bytes;
  if (answer.piece == Piece::next || answer.piece == Piece::last) {
    append_chunk(bytes, answer.body);
    if (answer.piece == Piece::last) bytes.append("0\r\n\r\n");
    return bytes;
  }
  bytes.reserve(384 + answer.body.size());
  bytes.append("HTTP/1.1 ").append(std::to_string(answer.http_status)).append(" ");
  bytes.append(reason_phrase(answer.http_status)).append("\r\n");
  // A fault may say these in its own way, and then nobody says them a second time.
  bool has_length = false;
  bool has_date = false;
  for (const Header& header : answer.headers) {
    append_header(bytes, header.name, header.value);
    has_length = has_length || equals_ignoring_case(header.name, "content-length") ||
                 equals_ignoring_case(header.name, "transfer-encoding");
    has_date = has_date || equals_ignoring_case(header.name, "date");
  }
  if (answer.rule != nullptr) {
    bytes.append("X-Sessionvitals-Mock-Rule: ").append(answer.rule->text);
    bytes.append(" [").append(answer.rule->provenance).append("] ");
    bytes.append(answer.rule->source).append("\r\n");
  }
  if (!answer.reason.empty()) append_header(bytes, "X-Sessionvitals-Mock-Reason", answer.reason);
  if (!has_date) append_header(bytes, "Date", date);
  const bool is_stream = answer.piece == Piece::first;
  if (!has_length && !is_bodiless(answer.http_status)) {
    if (is_stream) {
      append_header(bytes, "Transfer-Encoding", "chunked");
    } else {
      append_header(bytes, "Content-Length", std::to_string(answer.body.size()));
    }
  }
  if (close) append_header(bytes, "Connection", "close");
  bytes.append("\r\n");
  if (head_only || is_bodiless(answer.http_status)) return bytes;
  if (is_stream) {
    append_chunk(bytes, answer.body);
  } else {
    bytes.append(answer.body);
  }
  return bytes;
}

}  // namespace mock
