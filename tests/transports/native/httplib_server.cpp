// A server that is all cpp-httplib: httplib_server BODY [CERTIFICATE_AND_KEY]. Writes its port,
// and ends with its stdin. Every answer says from which port the connection came.
//
//   /plain/...    BODY, with its length
//   /chunked/...  BODY, in chunks of 7 bytes
//   /echo         the request's body
#include <httplib.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

namespace {

constexpr std::size_t kChunk = 7;

void add_routes(httplib::Server& server, const std::string& body) {
  server.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
    response.set_header("X-From-Port", std::to_string(request.remote_port));
    return httplib::Server::HandlerResponse::Unhandled;
  });
  server.Get("/plain/.*", [body](const httplib::Request&, httplib::Response& response) {
    response.set_content(body, "application/json");
  });
  server.Get("/chunked/.*", [body](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider(
        "application/json", [body](std::size_t offset, httplib::DataSink& sink) {
          const std::size_t size = std::min(kChunk, body.size() - offset);
          if (size > 0) sink.write(body.data() + offset, size);
          if (offset + size == body.size()) sink.done();
          return true;
        });
  });
  server.Post("/echo", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(request.body, request.get_header_value("Content-Type"));
  });
}

}  // namespace

int main(int count, char** arguments) {
  const auto server = count > 2 ? std::make_unique<httplib::SSLServer>(arguments[2], arguments[2])
                                : std::make_unique<httplib::Server>();
  add_routes(*server, arguments[1]);
  std::cout << server->bind_to_any_port("127.0.0.1") << std::endl;
  std::thread until_stdin_ends([&] {
    while (std::cin.get() != std::istream::traits_type::eof()) {
    }
    server->stop();
  });
  server->listen_after_bind();
  until_stdin_ends.join();
}
