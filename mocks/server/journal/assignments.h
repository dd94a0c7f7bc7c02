// Secrets by the names that stand before them, in text of whatever form: a=b&c=d, {"a": "b"} that
// is cut or broken, a: b, <a>b</a>, and the parts of a multipart form.
#pragma once

#include <string>
#include <string_view>

namespace mock {

/// `text` with [redacted] for each value whose name is a secret's. Linear in the text.
std::string without_assigned(std::string_view text);

/// A multipart/form-data body with [redacted] for each part whose name is a secret's.
std::string without_secret_parts(std::string_view body);

}  // namespace mock
