#include "greeting.h"

#include <unistd.h>

#include "values/text.h"
#include "vendors/vendor.h"

namespace mock {

namespace {

// In single quotes, where a shell expands nothing.
std::string in_quotes(std::string_view text) {
  std::string literal = "'";
  return literal.append(replaced(text, "'", "'\\''")).append("'");
}

void append_export(std::string& lines, std::string_view name, std::string_view value) {
  lines.append("export ").append(name).append("=").append(in_quotes(value)).append("\n");
}

}  // namespace

std::string url_of(const Options& options, std::uint16_t port) {
  const std::string& host = options.host;
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (options.tls ? "https://" : "http://") + (is_ipv6 ? "[" + host + "]" : host) + ":" +
         std::to_string(port);
}

std::string ready_line(const Options& options, std::uint16_t port, const Keys& keys,
                       const TlsServer* tls) {
  const std::string url = url_of(options, port);
  Json base_urls = Json::object();
  Json accepted = Json::object();
  for (const Vendor* vendor : vendors()) {
    base_urls[vendor->name()] = url + std::string(vendor->client_settings().base_path);
    const auto& key = keys.accepted.find(vendor->name())->second;
    accepted[vendor->name()] = key ? Json(*key) : Json(nullptr);
  }
  Json ready = {{"event", "ready"},
                {"url", url},
                {"port", port},
                {"pid", getpid()},
                {"seed", options.seed},
                {"version", version()},
                {"base_urls", std::move(base_urls)},
                {"keys", std::move(accepted)}};
  if (options.has_dashboard()) ready["dashboard"] = url + "/__admin/";
  if (tls != nullptr) ready["ca_file"] = tls->ca_file();
  return to_text(ready);
}

std::string shell_environment(const std::string& url, const Keys& keys) {
  std::string lines;
  for (const Vendor* vendor : vendors()) {
    const ClientSettings settings = vendor->client_settings();
    append_export(lines, settings.base_url_variable, url + std::string(settings.base_path));
    if (const auto& key = keys.accepted.find(vendor->name())->second) {
      append_export(lines, settings.key_variable, *key);
    } else {
      lines.append("unset ").append(settings.key_variable).append("\n");
    }
  }
  return lines;
}

std::string front_page(std::string_view space) {
  std::string page = "sessionvitals-mock ";
  page.append(version()).append(", space ").append(space).append("\n\nBase paths:\n");
  for (const Vendor* vendor : vendors()) {
    const std::string_view path = vendor->client_settings().base_path;
    page.append("  ").append(vendor->name()).append("  ");
    page.append(path.empty() ? "/" : path).append("\n");
  }
  page +=
      "\nGET /__admin/            the admin interface; in a browser, its page\n"
      "GET /__admin/operations  the vendors' operations\n"
      "GET /~NAME/              another space, made on first use\n"
      "\nThe guide is mocks/README.md.\n";
  return page;
}

std::string_view version() { return SESSIONVITALS_VERSION; }

}  // namespace mock
