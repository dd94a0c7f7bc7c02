// Adds something to every attempt, here a line on stderr: a transport around the library's own.
#include <sessionvitals/client/eliza_client.h>
#include <sessionvitals/transport.h>

#include <iostream>
#include <memory>

namespace {

using namespace sessionvitals;

class Noted : public Transport {
 public:
  Result<Response> send(const std::string& origin, const Request& request, const Context& context,
                        Attempt& attempt) const override {
    std::cerr << request.method << ' ' << origin << request.target << '\n';
    return inner_->send(origin, request, context, attempt);
  }

 private:
  std::shared_ptr<const Transport> inner_ = default_transport();
};

}  // namespace

int main() {
  const ElizaClient eliza({.custom_transport = std::make_shared<Noted>()});
  const auto session = eliza.get_session("chat-1");  // at ELIZA_BASE_URL
  if (!session) {
    std::cerr << session.error().message() << '\n';
    return 1;
  }
  std::cout << session->session_id << '\n';
}
