// A client that is all cpp-httplib: httplib_client ORIGIN CA_FILE HEADER_NAME HEADER_VALUE
// WAY METHOD PATH [BODY], where WAY is
//
//   once     one request
//   chunked  its body in chunks of 7 bytes
//   kept     three requests over one connection
//
// Writes a line for each answer: the status, whether the connection was kept, the body.
#include <httplib.h>

#include <algorithm>
#include <iostream>
#include <string>

namespace {

constexpr std::size_t kChunk = 7;

httplib::Result ask(httplib::Client& client, const std::string& way, const httplib::Request& asked,
                    const std::string& body) {
  if (way != "chunked") {
    httplib::Request request = asked;
    request.body = body;
    return client.send(request);
  }
  const auto provide = [&body](std::size_t offset, httplib::DataSink& sink) {
    const std::size_t size = std::min(kChunk, body.size() - offset);
    if (size > 0) sink.write(body.data() + offset, size);
    if (offset + size == body.size()) sink.done();
    return true;
  };
  return client.Post(asked.path, asked.headers, provide, "application/json");
}

}  // namespace

int main(int count, char** arguments) {
  httplib::Client client(arguments[1]);
  if (*arguments[2] != '\0') client.set_ca_cert_path(arguments[2]);
  const std::string way = arguments[5];
  client.set_keep_alive(way == "kept");
  httplib::Request request;
  request.method = arguments[6];
  request.path = arguments[7];
  if (*arguments[3] != '\0') request.headers.emplace(arguments[3], arguments[4]);
  const std::string body = count > 8 ? arguments[8] : "";
  if (!body.empty() && way != "chunked") {
    request.headers.emplace("Content-Type", "application/json");
  }
  for (int left = way == "kept" ? 3 : 1; left > 0; --left) {
    const httplib::Result result = ask(client, way, request, body);
    if (!result) {
      std::cerr << httplib::to_string(result.error()) << '\n';
      return 1;
    }
    std::string line = result->body;
    std::erase(line, '\n');
    const bool is_kept = client.is_socket_open() != 0;
    std::cout << result->status << (is_kept ? " kept " : " closed ") << line << '\n';
  }
}
