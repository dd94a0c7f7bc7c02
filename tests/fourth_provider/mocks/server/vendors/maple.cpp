// GET /trees/{id}, X-Maple-Key: KEY
//   200  {"sap":"frozen|running"}
//   401, 404  (no body)
#include "vendors/maple.h"

#include <array>

#include "sandbox/space.h"

namespace mock {

namespace {

constexpr Rule kSap{"maple: 200, the tree's sap", "mock", "none"};
constexpr Rule kUnknown{"maple: 404, no such tree", "mock", "none"};
constexpr Rule kWrongKey{"maple: 401, X-Maple-Key is not the key", "mock", "none"};

Answer sap(Call& call);

constexpr std::array kRoutes{Route{"sap", "GET", "/trees/{id}", &kSap, sap}};
constexpr std::array<std::string_view, 2> kStates{"frozen", "running"};

Answer bare(int http_status, const Rule& rule) {
  return {.http_status = http_status, .headers = {}, .body = "", .rule = &rule, .reason = ""};
}

Answer sap(Call& call) {
  Session* session = call.space.sessions(*maple()).find(call.id);
  if (session == nullptr) return bare(404, kUnknown);
  Answer answer = bare(200, *call.route.rule);
  answer.body = "{\"sap\":";
  append_quoted(answer.body, session->timeline.at(call.now).state);
  answer.body += "}";
  return answer;
}

class Maple final : public Vendor {
 public:
  std::string_view name() const override { return "maple"; }
  ClientSettings client_settings() const override {
    return {
        .base_path = "", .base_url_variable = "MAPLE_BASE_URL", .key_variable = "MAPLE_API_KEY"};
  }
  std::optional<std::string> default_key() const override { return "maple-sandbox-key"; }
  std::span<const Route> routes() const override { return kRoutes; }
  std::span<const std::string_view> states() const override { return kStates; }

  std::unique_ptr<Session> create(std::string id, Timeline timeline) const override {
    return std::make_unique<Session>(std::move(id), std::move(timeline));
  }
  void read(Session&, Members&, Time) const override {}
  void show(Session&, Json&, Time) const override {}

  Answer scripted(Call&, int http_status) const override { return bare(http_status, kSap); }

  std::optional<Answer> refuse(Call& call) const override {
    const std::string* key = call.request.header("X-Maple-Key");
    if (key != nullptr && *key == "maple-sandbox-key") return std::nullopt;
    return bare(401, kWrongKey);
  }
};

}  // namespace

const Vendor* maple() {
  static const Maple kMaple;
  return &kMaple;
}

}  // namespace mock
