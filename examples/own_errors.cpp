// Tells apart what can go wrong, for a paywall that must never give content away by mistake:
//
//     own_errors reader-1
#include <sessionvitals/client/tiun_client.h>

#include <iostream>

namespace {

using sessionvitals::Error;
using sessionvitals::ErrorKind;

/// What a reader is told when tiun gave no answer.
std::string page_for(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::configuration_error:
    case ErrorKind::authentication_error:
      return "503: our own mistake, a person must look: " + error.message();
    case ErrorKind::rate_limit_error:
    case ErrorKind::server_error:
    case ErrorKind::transport_error:
    case ErrorKind::deadline_exceeded:
      return "503: try again in a minute";
    default:
      return "503: " + error.message();
  }
}

void log(const Error& error) {
  std::cerr << class_name(error.kind()) << ": " << error.message() << '\n';
  if (!error.call()) return;  // nothing was sent
  for (const sessionvitals::Attempt& attempt : error.call()->attempts) {
    std::cerr << "  " << phase_name(attempt.phase) << ' ' << attempt.http_status << ' '
              << attempt.duration.count() << " us " << attempt.error << '\n';
  }
}

}  // namespace

int main(int count, char** arguments) {
  const sessionvitals::TiunClient tiun;  // the key is in TIUN_ACCESS_TOKEN
  const auto verdict = tiun.verify(count > 1 ? arguments[1] : "");
  if (!verdict) {
    log(verdict.error());
    std::cout << page_for(verdict.error()) << '\n';
    return 1;
  }
  std::cout << (verdict->valid ? "200: the article" : "402: please subscribe") << '\n';
}
