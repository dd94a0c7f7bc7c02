#include "wire/codec.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "wire/chunked.h"

namespace mock {

namespace {

// The library's own bound on a request line, past which it would answer 414. elizaOS's server takes
// one as long as a head may be. [wire]
constexpr std::size_t kMostLine = 8192;

// The methods that the library takes, in both of its versions.
constexpr std::array<std::string_view, 9> kMethods{"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                                   "CONNECT", "OPTIONS", "TRACE", "PATCH"};

// A head in memory, as the library wants to read it; what it writes is thrown away.
class HeadStream final : public httplib::Stream {
 public:
  explicit HeadStream(std::string_view bytes) : bytes_(bytes) {}

  bool is_readable() const override { return true; }
#ifdef CPPHTTPLIB_VERSION_NUM
  bool wait_readable() const override { return true; }
  bool wait_writable() const override { return true; }
  time_t duration() const override { return 0; }
  const char* buffered_data(size_t& size) const override {
    size = bytes_.size();
    return bytes_.data();
  }
  void consume_buffered(size_t size) override { bytes_.remove_prefix(size); }
#else
  bool is_writable() const override { return true; }
#endif
  ssize_t read(char* data, size_t size) override {
    size = std::min(size, bytes_.size());
    std::memcpy(data, bytes_.data(), size);
    bytes_.remove_prefix(size);
    return size == 0 ? -1 : static_cast<ssize_t>(size);
  }
  ssize_t write(const char*, size_t size) override { return static_cast<ssize_t>(size); }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return -1; }

 private:
  std::string_view bytes_;
};

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 0x7f && std::strchr("\"(),/:;<=>?@[\\]{}", c) == nullptr;
  });
}

bool is_method(std::string_view text) {
  return is_token(text) && std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

// Of a request line without its method; nothing unless it is followed by one word.
std::string_view target_of(std::string_view rest) {
  const std::size_t end = rest.find(' ', 1);
  if (end == std::string_view::npos || rest.rfind(' ') != end) return {};
  return rest.substr(1, end - 1);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The header lines of a head that ends with an empty line; false when one is malformed.
bool read_lines(std::string_view head, std::vector<Header>& headers) {
  size_t at = head.find("\r\n") + 2;
  while (at + 2 < head.size()) {
    const size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    at = end + 2;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
    const std::string_view value = trimmed(line.substr(colon + 1));
    const auto is_control = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; };
    if (std::ranges::any_of(value, is_control)) return false;
    headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
  }
  return true;
}

bool has_token(const std::string* value, std::string_view wanted) {
  for (std::string_view rest = value != nullptr ? *value : std::string_view(); !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    if (equals_ignoring_case(trimmed(rest.substr(0, comma)), wanted)) return true;
    rest.remove_prefix(std::min(rest.size(), comma + 1));
  }
  return false;
}

// How the body is framed; nothing when the head contradicts itself.
struct Framing {
  bool chunked = false;
  size_t length = 0;
};

std::optional<Framing> framing_of(const Request& request) {
  Framing framing;
  int lengths = 0;
  for (const Header& header : request.headers) {
    if (equals_ignoring_case(header.name, "content-length")) {
      const char* end = header.value.data() + header.value.size();
      const auto read = std::from_chars(header.value.data(), end, framing.length);
      if (++lengths > 1 || read.ec != std::errc() || read.ptr != end) return std::nullopt;
    } else if (equals_ignoring_case(header.name, "transfer-encoding")) {
      if (framing.chunked || !equals_ignoring_case(header.value, "chunked")) return std::nullopt;
      framing.chunked = true;
    }
  }
  if (framing.chunked && lengths > 0) return std::nullopt;
  return framing;
}

Decoded refused(int http_status) {
  return {.outcome = Decoded::Outcome::refused, .http_status = http_status};
}

}  // namespace

class Codec::Library : public httplib::Server {
 public:
  Library() {
    set_pre_routing_handler([this](const httplib::Request& read, httplib::Response& response) {
      request_->method = read.method;
      request_->target = read.target;
      request_->keep_alive = read.version != "HTTP/1.0";
      accepted_ = true;
      response.status = 204;  // written to nowhere
      return HandlerResponse::Handled;
    });
  }

  // True when the library accepts the request line, CR LF included; its parts are then in
  // `request`. It knows some methods only; any other is read as if it were a GET, since who has no
  // route for it can say so better. A target too long for it is read as if it were "/".
  bool accepts(std::string_view line, Request& request) {
    const std::string_view method = line.substr(0, line.find(' '));
    const std::string_view rest = line.substr(method.size());
    const bool is_strange = is_method(method) && !std::ranges::count(kMethods, method);
    const std::string_view target = line.size() > kMostLine ? target_of(rest) : std::string_view();
    request_ = &request;
    accepted_ = false;
    head_.assign(is_strange ? "GET" : method).append(target.empty() ? "" : " /");
    head_.append(rest.substr(target.empty() ? 0 : target.size() + 1)).append("\r\n");
    HeadStream stream(head_);
    run(stream);
    if (accepted_ && is_strange) request.method = method;
    if (accepted_ && !target.empty()) request.target = target;
    return accepted_;
  }

 private:
  // A template, so that the call of the other version of the library is never looked at.
  template <typename Stream>
  void run(Stream& stream) {
    bool closed = false;
    // As if closing: the answer to nowhere then spares itself a Keep-Alive header.
    if constexpr (requires { this->process_request(stream, true, closed, nullptr); }) {
      this->process_request(stream, true, closed, nullptr);
    } else {
      this->process_request(stream, nowhere_, 0, nowhere_, 0, true, closed, nullptr);
    }
  }

  Request* request_ = nullptr;
  bool accepted_ = false;
  std::string head_;
  const std::string nowhere_;
};

Codec::Codec() : library_(std::make_unique<Library>()) {}
Codec::~Codec() = default;

Decoded Codec::decode(std::string_view bytes, Request& request) {
  const size_t end = bytes.substr(0, kMostHead).find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() >= kMostHead) return refused(431);
    // What cannot become a request is refused at once, not after a time-out.
    const bool hopeless = !bytes.empty() && (bytes[0] < 'A' || bytes[0] > 'Z') && bytes[0] != '\r';
    return hopeless ? refused(400) : Decoded{};
  }
  const std::string_view head = bytes.substr(0, end + 4);
  request.headers.clear();
  request.headers.reserve(8);
  if (!read_lines(head, request.headers)) return refused(400);
  const size_t line = head.find("\r\n") + 2;
  if (!library_->accepts(head.substr(0, line), request)) return refused(400);
  // RFC 9112 s3.2: HTTP/1.1 needs a Host. A target is ASCII; Node and most others refuse the rest.
  if (request.keep_alive && request.header("host") == nullptr) return refused(400);
  if (std::ranges::any_of(request.target, [](char c) { return c < 0; })) return refused(400);
  const auto framing = framing_of(request);
  if (!framing) return refused(400);
  const std::string* connection = request.header("connection");
  request.keep_alive =
      request.keep_alive ? !has_token(connection, "close") : has_token(connection, "keep-alive");
  const std::string_view rest = bytes.substr(head.size());
  Decoded decoded;
  decoded.wants_continue = has_token(request.header("expect"), "100-continue");
  if (framing->chunked) {
    const Chunks chunks = read_chunks(rest, kMostBody, request.body);
    if (chunks.outcome == Chunks::Outcome::malformed) return refused(400);
    if (chunks.outcome == Chunks::Outcome::too_long) return refused(413);
    if (chunks.outcome == Chunks::Outcome::need_more) return decoded;
    decoded.used = head.size() + chunks.used;
  } else {
    if (framing->length > kMostBody) return refused(413);
    decoded.needed = head.size() + framing->length;
    if (rest.size() < framing->length) return decoded;
    request.body.assign(rest.substr(0, framing->length));
    decoded.used = head.size() + framing->length;
  }
  decoded.outcome = Decoded::Outcome::complete;
  return decoded;
}

}  // namespace mock
