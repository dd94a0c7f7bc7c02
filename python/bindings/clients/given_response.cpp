// A response as the pure parsers take it; the other arguments are in arguments.cpp.
#include <cstring>
#include <utility>

#include "clients/arguments.h"

namespace sessionvitals::python {

namespace {

// Half as dear as assign(), which allows for a text that is a part of the target. Most texts are as
// long as those of the answer before.
void copy(const void* data, Py_ssize_t size, std::string& target) {
  const auto count = static_cast<std::size_t>(size);
  if (count == target.size()) {
    std::memcpy(target.data(), data, count);
  } else {
    target.clear();
    target.append(static_cast<const char*>(data), count);
  }
}

void read_header_text(const py::handle& text, std::string& target) {
  const bool is_str = PyUnicode_Check(text.ptr()) != 0;
  if (is_str && PyUnicode_IS_COMPACT_ASCII(text.ptr())) {
    return copy(PyUnicode_DATA(text.ptr()), PyUnicode_GET_LENGTH(text.ptr()), target);
  }
  if (PyBytes_Check(text.ptr()) != 0) {
    return copy(PyBytes_AS_STRING(text.ptr()), PyBytes_GET_SIZE(text.ptr()), target);
  }
  if (!is_str) raise_wrong_type("The header", text, "str or bytes");
  // Header values are bytes that most libraries hand out as Latin-1.
  const auto bytes =
      py::reinterpret_steal<py::bytes>(PyUnicode_AsEncodedString(text.ptr(), "latin-1", "replace"));
  if (!bytes) throw py::error_already_set();
  target = bytes;
}

// The memory that the last response of this thread was read into. That of a larger one is freed.
thread_local std::unique_ptr<Response> spare_response;
constexpr std::size_t kMaxSpareBody = std::size_t{16} * 1024;
constexpr std::size_t kMaxSpareHeaders = 32;
constexpr std::size_t kMaxSpareHeader = 1024;

// What no answer may leave behind: personal data, a credential.
void wipe(std::string& text) { std::memset(text.data(), 0, text.size()); }

int to_http_status(const GivenInt& given) {
  constexpr const char* kInstead = "the answer's, an int from 100 to 999";
  if (PyLong_Check(given.ptr()) == 0) raise_wrong_type("The HTTP status", given, kInstead);
  int overflow = 0;
  const long status = PyLong_AsLongAndOverflow(given.ptr(), &overflow);
  if (overflow == 0 && status >= 100 && status <= 999) return static_cast<int>(status);
  raise(Error(ErrorKind::configuration_error,
              std::string("The HTTP status is out of range: pass ") + kInstead + "."));
}

}  // namespace

GivenResponse::GivenResponse(const GivenInt& http_status, const py::object& headers,
                             const GivenBytes& body)
    : spare_(spare_response) {
  if (PyBytes_Check(body.ptr()) == 0) raise_wrong_type("The body", body, "the answer's, as bytes");
  // Taken, as what is asked for the headers may parse a response itself.
  response_ = std::exchange(spare_, nullptr);
  if (!response_) response_ = std::make_unique<Response>();
  response_->http_status = to_http_status(http_status);
  copy(PyBytes_AS_STRING(body.ptr()), PyBytes_GET_SIZE(body.ptr()), response_->body);
  std::size_t count = 0;
  if (PyList_CheckExact(headers.ptr()) != 0) {
    // Which may grow or shrink meanwhile.
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(headers.ptr()); ++i) {
      read_pair(py::reinterpret_borrow<py::object>(PyList_GET_ITEM(headers.ptr(), i)), count++);
    }
  } else {
    const bool is_mapping = py::hasattr(headers, "items");
    for (const auto& item : is_mapping ? py::object(headers.attr("items")()) : headers) {
      read_pair(item, count++);
    }
  }
  response_->headers.resize(count);
}

GivenResponse::~GivenResponse() {
  if (!response_) return;
  bool is_small =
      response_->body.size() <= kMaxSpareBody && response_->headers.capacity() <= kMaxSpareHeaders;
  for (Header& header : response_->headers) {
    wipe(header.value);
    is_small &= header.name.size() <= kMaxSpareHeader && header.value.size() <= kMaxSpareHeader;
  }
  wipe(response_->body);
  if (is_small) spare_ = std::move(response_);
}

void GivenResponse::read_pair(const py::handle& item, std::size_t place) {
  if (response_->headers.size() == place) response_->headers.emplace_back();
  Header& header = response_->headers[place];
  if (PyTuple_CheckExact(item.ptr()) != 0 && PyTuple_GET_SIZE(item.ptr()) == 2) {
    read_header_text(PyTuple_GET_ITEM(item.ptr(), 0), header.name);
    read_header_text(PyTuple_GET_ITEM(item.ptr(), 1), header.value);
    return;
  }
  // Not by a cast, whose complaint would quote the pair.
  const bool is_pair = PyTuple_Check(item.ptr()) != 0 || PyList_Check(item.ptr()) != 0;
  if (!is_pair || PySequence_Size(item.ptr()) != 2) {
    raise_wrong_type("The header", item, "pairs of a name and a value, or a mapping");
  }
  const auto pair = py::reinterpret_borrow<py::sequence>(item);
  read_header_text(py::object(pair[0]), header.name);
  read_header_text(py::object(pair[1]), header.value);
}

}  // namespace sessionvitals::python
