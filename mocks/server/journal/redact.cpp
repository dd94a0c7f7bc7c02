#include "journal/redact.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "journal/assignments.h"
#include "values/json.h"
#include "values/text.h"

namespace mock {

namespace {

constexpr std::size_t npos = std::string_view::npos;

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~+/=%").find(c) != npos;
}

std::size_t token_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_token_character(text[at])) ++at;
  return at;
}

// The credentials of Bearer, Basic and their like.
std::string without_credentials(std::string_view text) {
  static constexpr std::array<std::string_view, 5> kSchemes{"bearer", "basic", "token", "apikey",
                                                            "digest"};
  std::string kept;
  std::size_t done = 0;
  for (std::size_t space = text.find(' '); space != npos; space = text.find(' ', space + 1)) {
    const bool is_scheme = std::ranges::any_of(kSchemes, [&](std::string_view scheme) {
      return space >= done + scheme.size() &&
             equals_ignoring_case(text.substr(space - scheme.size(), scheme.size()), scheme);
    });
    const std::size_t end = token_end(text, space + 1);
    if (!is_scheme || end == space + 1) continue;
    kept.append(text.substr(done, space + 1 - done)).append(kRedacted);
    done = end;
    space = end - 1;
  }
  return kept.append(text.substr(done));
}

// JSON Web Tokens: the base64 of {" begins each.
std::string without_jwts(std::string_view text) {
  constexpr std::string_view kBegin = "eyJ";
  std::string kept;
  std::size_t done = 0;
  std::size_t end = 0;
  for (std::size_t at = text.find(kBegin); at != npos; at = text.find(kBegin, end)) {
    end = token_end(text, at);
    if (text.substr(at, end - at).find('.') == npos) continue;
    kept.append(text.substr(done, at - done)).append(kRedacted);
    done = end;
  }
  return kept.append(text.substr(done));
}

// The user and password of http://user:password@host.
std::string without_users(std::string_view text) {
  constexpr std::string_view kBegin = "://";
  std::string kept;
  std::size_t done = 0;
  for (std::size_t at = text.find(kBegin); at != npos; at = text.find(kBegin, at + 1)) {
    const std::size_t host = at + kBegin.size();
    const std::size_t end = text.find_first_of("/?# \"'<>\r\n", host);
    const std::string_view authority = text.substr(host, std::min(end, text.size()) - host);
    const std::size_t mark = authority.rfind('@');
    if (mark == npos || host < done) continue;
    kept.append(text.substr(done, host - done)).append(kRedacted);
    done = host + mark;
  }
  return kept.append(text.substr(done));
}

// Private keys in PEM, the whole of each.
std::string without_private_keys(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kEnd = "-----END ";
  constexpr std::string_view kKey = "PRIVATE KEY-----";
  std::string kept;
  std::size_t done = 0;
  for (std::size_t at = text.find(kBegin); at != npos; at = text.find(kBegin, at + 1)) {
    const std::size_t label = at + kBegin.size();
    if (at < done || text.substr(label, text.find("-----", label) + 5 - label).find(kKey) == npos) {
      continue;
    }
    const std::size_t end = text.find(kEnd, label);
    const std::size_t last = end == npos ? npos : text.find(kKey, end);
    kept.append(text.substr(done, at - done)).append(kRedacted);
    done = last == npos ? text.size() : last + kKey.size();
  }
  return kept.append(text.substr(done));
}

// The text without percent escapes, and where in the text each of its characters begins.
struct Unescaped {
  std::string text;
  std::vector<std::uint32_t> places;
};

Unescaped unescaped(std::string_view text) {
  Unescaped plain;
  for (std::size_t at = 0; at < text.size();) {
    plain.places.push_back(static_cast<std::uint32_t>(at));
    const auto decoded = text[at] == '%' ? percent_decoded(text.substr(at, 3)) : std::nullopt;
    const bool is_escape = decoded && decoded->size() == 1;
    plain.text += is_escape ? (*decoded)[0] : text[at];
    at += is_escape ? 3 : 1;
  }
  plain.places.push_back(static_cast<std::uint32_t>(text.size()));
  return plain;
}

std::string without_escaped(std::string_view text, std::string_view secret) {
  const Unescaped plain = unescaped(text);
  std::string kept;
  std::size_t done = 0;
  for (std::size_t at = plain.text.find(secret); at != npos;
       at = plain.text.find(secret, at + secret.size())) {
    kept.append(text.substr(done, plain.places[at] - done)).append(kRedacted);
    done = plain.places[at + secret.size()];
  }
  return kept.append(text.substr(done));
}

// By every rule that needs no structure.
std::string without_plain_secrets(std::string_view text, Secrets secrets) {
  std::string kept(text);
  if (kept.find("PRIVATE KEY-----") != npos) kept = without_private_keys(kept);
  kept = without_assigned(kept);
  if (kept.find(' ') != npos) kept = without_credentials(kept);
  if (kept.find("eyJ") != npos) kept = without_jwts(kept);
  if (kept.find("://") != npos) kept = without_users(kept);
  return redacted_text(kept, secrets);
}

// The same, and values of a query or a form that say a secret once they are decoded: a form may
// carry JSON, "payload=%7B%22token%22...".
std::string without_secrets(std::string_view text, Secrets secrets) {
  const std::string plain = without_plain_secrets(text, secrets);
  if (plain.find('%') == npos) return plain;
  constexpr std::string_view kEnds = "&;, \r\n\t\"'<>";
  std::string kept;
  std::size_t done = 0;
  for (std::size_t sign = plain.find('='); sign != npos; sign = plain.find('=', done)) {
    const std::size_t begin = sign + 1;
    const std::size_t end = std::min(plain.find_first_of(kEnds, begin), plain.size());
    const std::string_view value = std::string_view(plain).substr(begin, end - begin);
    kept.append(plain, done, begin - done);
    const std::string decoded = value.find('%') == npos ? "" : unescaped(value).text;
    const bool is_secret = without_plain_secrets(decoded, secrets) != decoded;
    kept.append(is_secret ? kRedacted : value);
    done = end;
  }
  return kept.append(plain, done);
}

// Whether anything was taken out of a JSON value.
bool redact_members(Json& json, Secrets secrets) {
  bool changed = false;
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    std::string kept = without_secrets(text, secrets);
    changed = kept != text;
    if (changed) json = std::move(kept);
  } else if (json.is_object()) {
    for (auto& [name, value] : json.items()) {
      if (is_secret_name(name) && !value.is_null()) {
        value = kRedacted;
        changed = true;
      } else {
        changed |= redact_members(value, secrets);
      }
    }
  } else if (json.is_array()) {
    for (Json& element : json) changed |= redact_members(element, secrets);
  }
  return changed;
}

// Adds the texts of a JSON value: all of them, or those under a secret's name.
void add_secrets(const Json& json, bool all, std::vector<std::string>& secrets) {
  if (json.is_string() && all) secrets.push_back(json.get<std::string>());
  if (json.is_object()) {
    for (const auto& [name, value] : json.items()) {
      add_secrets(value, all || is_secret_name(name), secrets);
    }
  } else if (json.is_array()) {
    for (const Json& element : json) add_secrets(element, all, secrets);
  }
}

// What in a name says that its value is a secret: `any` in any place, and `word` as a word of its
// own: sessionSig and X-Amz-Sig have the word sig, design has not. Ping's configuration of a
// session has the credentials of its tunnel.
struct SecretPart {
  std::string_view text;
  enum { any, word } where;
};

constexpr std::array kSecretParts{
    SecretPart{"auth", SecretPart::any},       SecretPart{"key", SecretPart::any},
    SecretPart{"token", SecretPart::any},      SecretPart{"secret", SecretPart::any},
    SecretPart{"cookie", SecretPart::any},     SecretPart{"passw", SecretPart::any},
    SecretPart{"pwd", SecretPart::any},        SecretPart{"signature", SecretPart::any},
    SecretPart{"jwt", SecretPart::any},        SecretPart{"bearer", SecretPart::any},
    SecretPart{"passphrase", SecretPart::any}, SecretPart{"credential", SecretPart::any},
    SecretPart{"csrf", SecretPart::any},       SecretPart{"xsrf", SecretPart::any},
    SecretPart{"assertion", SecretPart::any},  SecretPart{"mnemonic", SecretPart::any},
    SecretPart{"sig", SecretPart::word},       SecretPart{"pass", SecretPart::word},
    SecretPart{"pin", SecretPart::word},       SecretPart{"otp", SecretPart::word},
    SecretPart{"hmac", SecretPart::word},      SecretPart{"configuration", SecretPart::word},
    SecretPart{"sas", SecretPart::word},       SecretPart{"verifier", SecretPart::word}};

// The parts that begin with a character, in either case, as bits: every name of every request that
// is kept is looked through.
constexpr auto kSecretPartsBy = [] {
  std::array<std::uint32_t, 256> parts{};
  for (std::size_t i = 0; i < kSecretParts.size(); ++i) {
    const auto first = static_cast<unsigned char>(kSecretParts[i].text[0]);
    parts[first] |= std::uint32_t{1} << i;
    parts[first - 'a' + 'A'] |= std::uint32_t{1} << i;
  }
  return parts;
}();

bool is_word(std::string_view name, std::size_t at, std::size_t size) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_letter = [&](char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); };
  const bool begins =
      at == 0 || !is_letter(name[at - 1]) || (is_upper(name[at]) && !is_upper(name[at - 1]));
  const std::size_t end = at + size;
  const bool ends = end == name.size() || !is_letter(name[end]) ||
                    (is_upper(name[end]) && !is_upper(name[end - 1]));
  return begins && ends;
}

// The author of a message is no secret; an authorization is one.
bool is_author(std::string_view name, std::size_t at) {
  const auto begins = [&](std::string_view word) {
    return equals_ignoring_case(name.substr(at, word.size()), word);
  };
  return begins("author") && !begins("authoriz") && !begins("authoris");
}

// Of a path and its query.
std::string redacted_path(std::string_view target, Secrets secrets) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  std::string kept = redacted_text(target.substr(0, mark), secrets);
  if (mark < target.size()) kept += without_secrets(target.substr(mark), secrets);
  return kept;
}

}  // namespace

bool is_secret_name(std::string_view name) {
  for (std::size_t at = 0; at < name.size(); ++at) {
    std::uint32_t parts = kSecretPartsBy[static_cast<unsigned char>(name[at])];
    for (; parts != 0; parts &= parts - 1) {
      const auto& [text, where] = kSecretParts[static_cast<std::size_t>(std::countr_zero(parts))];
      if (!equals_ignoring_case(name.substr(at, text.size()), text)) continue;
      if (where == SecretPart::word && !is_word(name, at, text.size())) continue;
      if (!is_author(name, at)) return true;
    }
  }
  return false;
}

std::vector<std::string> secrets_sent(const Request& request) {
  std::vector<std::string> secrets;
  for (const Header& header : request.headers) {
    if (!is_secret_name(header.name)) continue;
    secrets.push_back(header.value);
    // Bearer and its like: the credentials alone, too.
    const std::size_t space = header.value.rfind(' ');
    if (space != npos) secrets.push_back(header.value.substr(space + 1));
  }
  if (request.body.find_first_of("{[") == npos) return secrets;
  try {
    add_secrets(parse_json(request.body), false, secrets);
  } catch (const BadRequest&) {
    // Not JSON: redacted_body() goes by what its parts are called.
  }
  return secrets;
}

std::string redacted_header(std::string_view name, std::string_view value, Secrets secrets) {
  return is_secret_name(name) ? std::string(kRedacted) : without_secrets(value, secrets);
}

std::string redacted_text(std::string_view text, Secrets secrets) {
  constexpr std::size_t kMinLength = 4;
  std::string kept(text);
  const bool has_escapes = text.find('%') != npos;
  for (const std::string_view secret : secrets) {
    if (secret.size() < kMinLength || (!has_escapes && kept.find(secret) == npos)) continue;
    kept = has_escapes ? without_escaped(kept, secret) : replaced(kept, secret, kRedacted);
  }
  return kept;
}

std::string redacted_target(std::string_view target, Secrets secrets) {
  if (target.find("://") == npos) return redacted_path(target, secrets);
  return redacted_path(without_users(target), secrets);
}

std::string redacted_body(std::string_view body, Secrets secrets) {
  if (body.find_first_of("{[\"") != npos) {
    try {
      Json json = parse_json(body);
      // The name of a member may be a secret, too.
      return redacted_text(redact_members(json, secrets) ? to_text(json) : body, secrets);
    } catch (const BadRequest&) {
      // Not JSON, or broken: what its parts are called is all there is to go by.
    }
  }
  if (body.find("form-data") == npos) return without_secrets(body, secrets);
  return without_secrets(without_secret_parts(body), secrets);
}

}  // namespace mock
