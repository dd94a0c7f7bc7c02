#include "sessionvitals/engine/http/codec.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>

#include "sessionvitals/engine/fork.h"

#ifndef SESSIONVITALS_VERSION
#define SESSIONVITALS_VERSION "0.1.0"
#endif

namespace sessionvitals::engine {
namespace {

constexpr std::string_view kMarker = "/@target@";

/// A stream over memory: collects what is written, and reads a few pieces of
/// text one after the other. The library never finds it empty before its end.
class MemoryStream final : public httplib::Stream {
 public:
  std::string written;
  bool keeps_written = false;
  std::array<std::string_view, 3> pieces;

  void rewind() { at_ = 0; }

  bool is_readable() const override { return true; }
  // Both versions' pure virtuals; those that a version does not have are plain
  // functions there, hence no `override`.
#ifdef CPPHTTPLIB_VERSION_NUM
  bool wait_readable() const override { return true; }
  bool wait_writable() const override { return true; }
  time_t duration() const override { return 0; }
#else
  bool is_writable() const override { return true; }
#endif

  ssize_t read(char* bytes, std::size_t size) override {
    while (at_ < pieces.size() && pieces[at_].empty()) ++at_;
    if (at_ == pieces.size()) return 0;
    const std::size_t here = std::min(size, pieces[at_].size());
    std::memcpy(bytes, pieces[at_].data(), here);
    pieces[at_].remove_prefix(here);
    return static_cast<ssize_t>(here);
  }

  ssize_t write(const char* bytes, std::size_t size) override {
    if (keeps_written) written.append(bytes, size);
    return static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

 private:
  std::size_t at_ = 0;
};

/// The library's client without a socket: gives us its protected codec.
class Codec final : public httplib::ClientImpl {
 public:
  // Neither is ever resolved or connected to.
  Codec() : ClientImpl("localhost", 80) {
    set_decompress(false);
    set_follow_location(false);
    set_keep_alive(true);
    question_.method = "GET";
    question_.path.assign(1, '/');  // GCC 12 warns of a plain one (its bug 105651)
    // With these it adds none of its own, each time anew.
    for (const char* name : {"Host", "Accept", "User-Agent"}) question_.headers.emplace(name, "x");
  }

  /// Returns what the library writes for the request, or nothing if it refuses.
  std::string encode(httplib::Request& request) {
    const NoForkHere guard;
    MemoryStream stream;
    stream.keeps_written = true;
    httplib::Response ignored;
    httplib::Error error = httplib::Error::Success;
    // There is no response to read, so that it fails after it has written.
    process_request(stream, request, ignored, false, error);
    return std::move(stream.written);
  }

  /// Returns whether the library took the pieces for one whole response.
  bool decode(MemoryStream& stream, httplib::Response& response) {
    const NoForkHere guard;
    httplib::Error error = httplib::Error::Success;
    return process_request(stream, question_, response, false, error);
  }

 private:
  httplib::Request question_;  // it insists on writing one before it reads
};

/// One for each thread: it holds no state between calls, but is no value either.
Codec& codec_of_thread() {
  const NoForkHere guard;
  thread_local Codec codec;
  return codec;
}

Error refuse(const std::string& what) {
  return {ErrorKind::configuration_error, "The request cannot be sent: " + what + "."};
}

bool is_sendable_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

/// Returns what makes the headers unfit for the wire, if anything does. Never
/// shows a value, which may be a credential.
std::optional<Error> check_headers(const Request& request) {
  if (!is_token(request.method)) return refuse("its method is not a token");
  for (const Header& header : request.headers) {
    if (!is_token(header.name)) {
      return refuse("the header name \"" + shown(header.name) + "\" is not a token");
    }
    if (!is_sendable_value(header.value)) {
      return refuse("the value of the header \"" + header.name +
                    "\" has a line break or another control character in it");
    }
  }
  return std::nullopt;
}

/// Writes the head that the library is shown in place of the peer's. How long the
/// body is has been settled: what is not in chunks is shown as a body that goes
/// on to the end of the stream, which is where we end it.
void write_plain_head(const Head& head, std::string& text) {
  text.assign("HTTP/1.1 ");
  for (const int digit :
       {head.http_status / 100, head.http_status / 10 % 10, head.http_status % 10}) {
    text += static_cast<char>('0' + digit);
  }
  text += head.framing == Framing::chunked ? "\r\nTransfer-Encoding: chunked\r\n\r\n" : "\r\n\r\n";
}

}  // namespace

Result<EncodedRequest> encode_request(const Request& request, const std::string& host,
                                      const std::string& proxy_authorization) {
  if (auto error = check_headers(request)) return *std::move(error);
  httplib::Request theirs;
  theirs.method = request.method;
  theirs.path = std::string(kMarker);
  bool names_agent = false;
  for (const Header& header : request.headers) {
    // The library writes the length of the body itself, and the host is ours.
    if (equals_ignoring_case(header.name, "content-length")) continue;
    if (equals_ignoring_case(header.name, "host")) continue;
    names_agent = names_agent || equals_ignoring_case(header.name, "user-agent");
    theirs.headers.emplace(header.name, header.value);
  }
  theirs.headers.emplace("Host", host);
  if (!proxy_authorization.empty()) {
    theirs.headers.emplace("Proxy-Authorization", proxy_authorization);
  }
  if (!request.body.empty()) {
    // It is told of a body that comes later. Given one, it would copy it four times,
    // and a few megabytes would take longer than a deadline may pass.
    theirs.headers.emplace("Content-Length", std::to_string(request.body.size()));
    theirs.content_provider_ = [](std::size_t, std::size_t, httplib::DataSink&) { return true; };
  }
  if (!names_agent) theirs.headers.emplace("User-Agent", "sessionvitals/" SESSIONVITALS_VERSION);

  const std::string written = codec_of_thread().encode(theirs);
  const std::size_t at = written.find(kMarker);
  if (at == std::string::npos) return refuse("the HTTP library does not take its headers");
  return EncodedRequest{written.substr(0, at), written.substr(at + kMarker.size())};
}

std::optional<Error> check_target(std::string_view target) {
  // RFC 9112 s3: servers should take a request line of 8000 bytes.
  constexpr std::size_t kLongestTarget = 8000;
  if (target.empty() || target.front() != '/') return refuse("its target does not begin with '/'");
  if (target.size() > kLongestTarget) return refuse("its target is longer than 8000 bytes");
  if (!std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
    return refuse("its target has a character in it that is not percent-encoded");
  }
  return std::nullopt;
}

namespace {

/// Asks the library. Returns the body, decoded, or nothing if it does not take it.
std::optional<std::string> decode_by_library(const Head& head, std::string_view body) {
  std::string shown_head;
  write_plain_head(head, shown_head);
  MemoryStream stream;
  stream.pieces = {shown_head, body, head.framing == Framing::chunked ? "\r\n" : ""};
  httplib::Response theirs;
  if (!codec_of_thread().decode(stream, theirs)) return std::nullopt;
  if (theirs.status != head.http_status) return std::nullopt;
  if (head.framing != Framing::chunked && theirs.body != body) return std::nullopt;
  return std::move(theirs.body);
}

/// What the library has been asked before. A body that is not in chunks it gives
/// back as it is, so that its answer hangs on the status alone; asking it again
/// costs over a microsecond, a tenth of a call.
class KnownStatuses {
 public:
  bool has(int http_status) const { return known_[static_cast<std::size_t>(http_status)]; }
  void add(int http_status) { known_[static_cast<std::size_t>(http_status)] = true; }

 private:
  std::bitset<1000> known_;  // a status has three digits, see head.h
};

}  // namespace

std::optional<Response> decode_response(std::string_view buffer, const MessageReader& reader) {
  const Head& head = reader.head();
  const std::string_view body =
      buffer.substr(reader.body_begin(), reader.body_end() - reader.body_begin());
  Response response;
  response.http_status = head.http_status;
  thread_local KnownStatuses known;
  if (head.framing != Framing::chunked && known.has(head.http_status)) {
    response.body.assign(body);
  } else {
    std::optional<std::string> decoded = decode_by_library(head, body);
    if (!decoded) return std::nullopt;
    response.body = *std::move(decoded);
    if (head.framing != Framing::chunked) known.add(head.http_status);
  }
  response.headers.reserve(head.fields.size());
  for (const Field& field : head.fields) {
    response.headers.push_back({std::string(field.name), std::string(field.value)});
  }
  return response;
}

struct EncodingCache::Entries {
  struct Entry {
    std::string method;
    std::vector<Header> headers;
    std::size_t body_size;
    std::shared_ptr<const EncodedRequest> encoded;
  };
  // A transport is asked by the clients of one base URL; more credentials than
  // this at the same time and the oldest is written anew.
  static constexpr std::size_t kMost = 8;
  ForkSafeMutex mutex;
  std::vector<Entry> entries;
};

EncodingCache::EncodingCache(std::string host, std::string proxy_authorization)
    : host_(std::move(host)),
      proxy_authorization_(std::move(proxy_authorization)),
      entries_(std::make_unique<Entries>()) {}

EncodingCache::~EncodingCache() = default;

Result<std::shared_ptr<const EncodedRequest>> EncodingCache::find_or_encode(
    const Request& request) {
  {
    const std::lock_guard lock(entries_->mutex);
    for (const Entries::Entry& entry : entries_->entries) {
      if (entry.method == request.method && entry.headers == request.headers &&
          entry.body_size == request.body.size()) {
        return entry.encoded;
      }
    }
  }
  Result<EncodedRequest> encoded = encode_request(request, host_, proxy_authorization_);
  if (!encoded) return std::move(encoded).error();
  auto shared = std::make_shared<const EncodedRequest>(*std::move(encoded));
  const std::lock_guard lock(entries_->mutex);
  if (entries_->entries.size() == Entries::kMost) {
    entries_->entries.erase(entries_->entries.begin());
  }
  entries_->entries.push_back({request.method, request.headers, request.body.size(), shared});
  return shared;
}

std::string_view codec_version() { return CPPHTTPLIB_VERSION; }

}  // namespace sessionvitals::engine
