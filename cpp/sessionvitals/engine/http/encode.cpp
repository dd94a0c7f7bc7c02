#include "sessionvitals/engine/http/encode.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "sessionvitals/engine/http/head.h"

#ifndef SESSIONVITALS_VERSION
#define SESSIONVITALS_VERSION "0.1.0"
#endif

namespace sessionvitals::engine {
namespace {

// RFC 9112 s3: servers should take a request line of 8000 bytes.
constexpr std::size_t kMaxTarget = 8000;
constexpr std::string_view kUserAgent = "sessionvitals/" SESSIONVITALS_VERSION;

Error refuse(const std::string& what) {
  return {ErrorKind::configuration_error, "The request cannot be sent: " + what + "."};
}

std::optional<Error> check_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return refuse("its target does not begin with '/'");
  if (target.size() > kMaxTarget) return refuse("its target is longer than 8000 bytes");
  if (!std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
    return refuse("its target has a character in it that is not percent-encoded");
  }
  return std::nullopt;
}

std::optional<Error> check_header(const Header& header) {
  if (!is_token(header.name)) {
    return refuse("the header name \"" + shown(header.name) + "\" is not a token");
  }
  if (has_control_character(header.value)) {
    return refuse("the value of the header \"" + header.name +
                  "\" has a line break or another control character in it");
  }
  return std::nullopt;
}

std::optional<Error> check(const Request& request) {
  if (!is_token(request.method)) return refuse("its method is not a token");
  for (const Header& header : request.headers) {
    if (auto error = check_header(header)) return error;
  }
  return check_target(request.target);
}

/// RFC 9110 s8.6: a length of 0 is said where the method gives a body a meaning.
bool says_length(const Request& request) {
  return !request.body.empty() || request.method == "PATCH" || request.method == "POST" ||
         request.method == "PUT";
}

/// Writes to room that is known to be large enough.
class Writer {
 public:
  explicit Writer(char* room) : at_(room) {}

  Writer& put(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }

  void put_field(std::string_view name, std::string_view value) {
    put(name).put(": ").put(value).put("\r\n");
  }

  const char* at() const { return at_; }

 private:
  char* at_;
};

/// Returns room enough for the request on the wire.
std::size_t room_for(const Request& request, const Destination& destination) {
  constexpr std::size_t kWordsOfOurs = 256;  // field names, agent, length, spaces, line breaks
  std::size_t size = kWordsOfOurs + request.method.size() + destination.target_prefix.size() +
                     request.target.size() + destination.host.size() +
                     destination.proxy_authorization.size() + request.body.size();
  for (const Header& header : request.headers) {
    size += header.name.size() + std::string_view(": \r\n").size() + header.value.size();
  }
  return size;
}

}  // namespace

std::optional<Error> append_request(const Request& request, const Destination& destination,
                                    std::string& wire) {
  if (auto error = check(request)) return error;
  const std::size_t begin = wire.size();
  wire.resize(begin + room_for(request, destination));
  Writer writer(wire.data() + begin);
  writer.put(request.method).put(" ").put(destination.target_prefix).put(request.target);
  writer.put(" HTTP/1.1\r\n");
  writer.put_field("Host", destination.host);
  if (!destination.proxy_authorization.empty()) {
    writer.put_field("Proxy-Authorization", destination.proxy_authorization);
  }
  bool names_agent = false;
  for (const Header& header : request.headers) {
    switch (header.name.size()) {  // most names cost no comparison
      case 4:
        if (equals_ignoring_case(header.name, "Host")) continue;
        break;
      case 10:
        names_agent = names_agent || equals_ignoring_case(header.name, "User-Agent");
        break;
      case 14:
        if (equals_ignoring_case(header.name, "Content-Length")) continue;
        break;
      default:
        break;
    }
    writer.put_field(header.name, header.value);
  }
  if (!names_agent) writer.put_field("User-Agent", kUserAgent);
  if (says_length(request)) {
    writer.put_field("Content-Length", std::to_string(request.body.size()));
  }
  writer.put("\r\n").put(request.body);
  wire.resize(static_cast<std::size_t>(writer.at() - wire.data()));
  return std::nullopt;
}

Result<Request> complete_request(Request request, const std::string& target_prefix) {
  if (auto error = check(request)) return *std::move(error);
  request.target.insert(0, target_prefix);
  std::erase_if(request.headers, [](const Header& header) {
    return equals_ignoring_case(header.name, "Host") ||
           equals_ignoring_case(header.name, "Content-Length");
  });
  if (find_header(request.headers, "User-Agent") == nullptr) {
    request.headers.push_back({"User-Agent", std::string(kUserAgent)});
  }
  return request;
}

}  // namespace sessionvitals::engine
