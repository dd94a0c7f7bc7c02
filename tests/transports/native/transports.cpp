#include "transports.h"

#include <sessionvitals/transports/httplib_transport.h>

#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

using namespace sessionvitals;

namespace {

/// Adds a header to each attempt over the library's own connections.
class Signed : public Transport {
 public:
  explicit Signed(std::shared_ptr<const Transport> inner) : inner_(std::move(inner)) {}

  Result<Response> send(const std::string& origin, const Request& request, const Context& context,
                        Attempt& attempt) const override {
    Request with_signature = request;
    with_signature.headers.push_back({"X-Signature", "signed"});
    return inner_->send(origin, with_signature, context, attempt);
  }

 private:
  const std::shared_ptr<const Transport> inner_;
};

class Throws : public Transport {
 public:
  Result<Response> send(const std::string&, const Request&, const Context&,
                        Attempt&) const override {
    throw std::runtime_error("the sky fell");
  }
};

/// Answers without a network: a body of 1 MiB and a byte.
class Huge : public Transport {
 public:
  Result<Response> send(const std::string&, const Request&, const Context&,
                        Attempt&) const override {
    return Response{200, {}, std::string(kDefaultBodyLimit + 1, 'x')};
  }
};

}  // namespace

std::shared_ptr<const Transport> transport_named(const std::string& name,
                                                 const std::string& ca_file) {
  if (name == "own") return nullptr;
  if (name == "wrapped") return std::make_shared<Signed>(default_transport({.ca_file = ca_file}));
  if (name == "throws") return std::make_shared<Throws>();
  if (name == "huge") return std::make_shared<Huge>();
  if (name == "httplib") {
    return std::make_shared<HttplibTransport>([ca_file](httplib::Client& client) {
      if (!ca_file.empty()) client.set_ca_cert_path(ca_file.c_str());
    });
  }
  std::cerr << "no transport has the name " << name << '\n';
  std::exit(2);
}
