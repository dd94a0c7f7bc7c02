// --replay: each space plays the recording from its beginning.
#include "recording/response_source.h"
#include "sandbox/files.h"

namespace mock {

namespace {

constexpr Rule kReplayed{"mock: replayed from a recording", "mock", "mocks/README.md"};
constexpr Rule kNotRecorded{"mock: the recording has no such request", "mock", "mocks/README.md"};

class Replayer final : public ResponseSource {
 public:
  explicit Replayer(Recording recording) : recording_(std::move(recording)) {}

  std::optional<Answer> answer(const Request& request, const Target& target,
                               const RouteFound& found, Space& space, SourceState&) override {
    const Exchange* exchange = recording_.next(request, target, found, space.replayed);
    if (exchange == nullptr) {
      const Json body = {
          {"error",
           {{"code", "not_recorded"},
            {"message", "the recording has no " + request.method + " of this target"}}}};
      return Answer{.http_status = 501,
                    .headers = {{"Content-Type", "application/json"}},
                    .body = to_text(body) + "\n",
                    .rule = &kNotRecorded};
    }
    return Answer{.http_status = exchange->http_status,
                  .headers = exchange->headers,
                  .body = recording_.body_for(*exchange, found),
                  .rule = &kReplayed};
  }

 private:
  Recording recording_;
};

}  // namespace

std::unique_ptr<ResponseSource> make_replayer(const std::string& file, std::string& problem) {
  const auto text = read_file(file);
  if (!text) {
    problem = file + ": cannot be read";
    return nullptr;
  }
  try {
    return std::make_unique<Replayer>(Recording::parse(*text));
  } catch (const BadRequest& refusal) {
    problem = file + ":" + std::to_string(line_of(*text, refusal)) + ": " + refusal.what();
    return nullptr;
  }
}

}  // namespace mock
