// bench_raw PORT CALLS [tls]: sends a request and receives the answer, again and
// again over one connection, and prints the median in microseconds. No HTTP is
// read: this is what the sockets, or OpenSSL, cost by themselves.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

int main(int count, char** words) {
  if (count < 3) return 2;
  const std::string_view request =
      "GET /customer/v2/sessions/s-4711/status HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      "Accept: application/json\r\nAuthorization: ping-sandbox-key\r\nUser-Agent: raw\r\n\r\n";
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(words[1])));
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 1;
  SSL* tls = nullptr;
  if (count > 3) {
    tls = SSL_new(SSL_CTX_new(TLS_client_method()));
    SSL_set_fd(tls, socket);
    if (SSL_connect(tls) != 1) return 1;
  }
  std::array<char, 4096> bytes;
  std::vector<double> times(static_cast<std::size_t>(std::atoi(words[2])));
  for (double& time : times) {
    const auto begun = std::chrono::steady_clock::now();
    if (tls != nullptr) {
      SSL_write(tls, request.data(), static_cast<int>(request.size()));
      if (SSL_read(tls, bytes.data(), bytes.size()) <= 0) return 1;
    } else {
      ::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
      if (::recv(socket, bytes.data(), bytes.size(), 0) <= 0) return 1;
    }
    time =
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begun).count();
  }
  std::sort(times.begin(), times.end());
  std::printf("{\"p50\": %.3f}\n", times[times.size() / 2]);
}
