#include "own_answers.h"

#include "greeting.h"
#include "values/json.h"
#include "vendors/target.h"
#include "wire/request_parser.h"

namespace mock {

namespace {

constexpr Rule kFrontPage{"mock: its front page", "mock", "mocks/README.md"};
constexpr Rule kTooManySpaces{"mock: there are as many spaces as may be", "mock",
                              "mocks/README.md"};

}  // namespace

Answer not_implemented(const Rule& rule, const std::string& reason, const std::string& nearest) {
  const std::string message = nearest.empty() ? reason : reason + "; nearest: " + nearest;
  Json error = {{"code", "not_implemented"}, {"message", message}};
  if (!nearest.empty()) error["nearest"] = nearest;
  const Json body = {{"error", std::move(error)},
                     {"title", "Not Implemented"},
                     {"status", 501},
                     {"detail", message}};
  return {.http_status = 501,
          .headers = {{"Content-Type", "application/json"}},
          .body = to_text(body) + "\n",
          .rule = &rule,
          .reason = message};
}

Answer too_many_spaces(std::size_t most) {
  return not_implemented(kTooManySpaces,
                         "there are " + std::to_string(most) + " spaces, the most there may be",
                         "DELETE /__admin/spaces");
}

std::string refusal_bytes(int http_status) {
  std::string bytes = "HTTP/1.1 " + std::to_string(http_status) + " ";
  bytes.append(reason_phrase(http_status)).append("\r\nConnection: close\r\n");
  if (http_status != 413) return bytes += "\r\n";
  const std::string body =
      "A body may have at most " + std::to_string(kMaxBody / 1024 / 1024) + " MiB here.\n";
  bytes.append("Content-Type: text/plain\r\nContent-Length: ");
  return bytes.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
}

bool is_front_page(const Request& request) {
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  return is_read && parse_target(request.target).path == "/";
}

Answer front_page_answer(std::string_view space) {
  return {.http_status = 200,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = front_page(space),
          .rule = &kFrontPage};
}

}  // namespace mock
