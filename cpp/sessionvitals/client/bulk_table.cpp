#include "sessionvitals/client/bulk_table.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "sessionvitals/values/utf8.h"

namespace sessionvitals {

namespace {

// Rows of a batch: small enough for 32-bit offsets into its texts whatever the
// peers sent (an error's message is far below 32 KiB), large enough to cost nothing.
constexpr std::size_t kRowsOfBatch = 65536;

/// Which rows have a value: one bit a row, least significant first.
class Validity {
 public:
  void add(bool is_there) {
    if (size_ % 8 == 0) bits_.push_back(0);
    if (is_there) bits_.back() = static_cast<std::uint8_t>(bits_.back() | (1U << (size_ % 8)));
    nulls_ += is_there ? 0 : 1;
    ++size_;
  }
  const void* data() const { return bits_.data(); }
  std::int64_t nulls() const { return nulls_; }

 private:
  std::vector<std::uint8_t> bits_;
  std::size_t size_ = 0;
  std::int64_t nulls_ = 0;
};

/// A column of any type, as much of it as Arrow's buffers need.
struct Column {
  Validity validity;
  Validity bits;                         // of a bool
  std::vector<std::int64_t> numbers;     // of an int64 and a timestamp
  std::vector<std::int32_t> offsets{0};  // of a text, one more than rows
  std::string text;

  void add_text(std::optional<std::string_view> value) {
    validity.add(value.has_value());
    append_utf8(text, value.value_or(std::string_view()));
    offsets.push_back(static_cast<std::int32_t>(text.size()));
  }
  void add_number(std::optional<std::int64_t> value) {
    validity.add(value.has_value());
    numbers.push_back(value.value_or(0));
  }
  void add_bit(std::optional<bool> value) {
    validity.add(value.has_value());
    bits.add(value.value_or(false));
  }
};

enum class Kind { text, bit, number, time };

struct ColumnType {
  const char* name;
  Kind kind;
  bool can_be_null;
};

// The order of OutcomeTable::add.
constexpr std::array<ColumnType, 12> kColumns{{
    {"id", Kind::text, false},
    {"provider", Kind::text, false},
    {"state", Kind::text, true},
    {"provider_state", Kind::text, true},
    {"live", Kind::bit, true},
    {"expires_at", Kind::time, true},
    {"time_remaining_milliseconds", Kind::number, true},
    {"duration_seconds", Kind::number, true},
    {"uploaded_bytes", Kind::number, true},
    {"downloaded_bytes", Kind::number, true},
    {"error", Kind::text, true},
    {"error_message", Kind::text, true},
}};

const char* format_of(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "u";
    case Kind::bit:
      return "b";
    case Kind::time:
      return "tsu:UTC";
    case Kind::number:
      break;
  }
  return "l";
}

template <class Duration>
std::optional<std::int64_t> count_of(const std::optional<Duration>& duration) {
  if (!duration) return std::nullopt;
  return duration->count();
}

std::optional<std::string_view> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

// What the children of a schema or an array are kept in, each struct after its
// owner's own; a consumer may have moved a child away, and then it is not ours.
template <class Struct>
struct Family {
  std::array<Struct, kColumns.size()> children{};
  std::array<Struct*, kColumns.size()> pointers{};

  Family() {
    for (std::size_t i = 0; i < children.size(); ++i) pointers[i] = &children[i];
  }
  ~Family() {
    for (Struct& child : children) {
      if (child.release != nullptr) child.release(&child);
    }
  }
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;
};

}  // namespace

struct OutcomeTable::Batch {
  std::size_t rows = 0;
  std::array<Column, kColumns.size()> columns;
};

struct OutcomeTable::Exporter {
  struct ArrayHolder {
    std::shared_ptr<const Batch> batch;
    std::array<const void*, 3> buffers{};
    std::unique_ptr<Family<ArrowArray>> family = {};
  };
  struct Stream {
    std::vector<std::shared_ptr<const Batch>> batches;
    std::size_t next = 0;
  };

  static void export_column(const std::shared_ptr<const Batch>& batch, std::size_t index,
                            ArrowArray* out);
  static void export_batch(const std::shared_ptr<const Batch>& batch, ArrowArray* out);

  static void release_array(ArrowArray* array) {
    delete static_cast<ArrayHolder*>(array->private_data);
    array->release = nullptr;
  }
  static void release_schema(ArrowSchema* schema) {
    delete static_cast<Family<ArrowSchema>*>(schema->private_data);
    schema->release = nullptr;
  }
};

void OutcomeTable::Exporter::export_column(const std::shared_ptr<const Batch>& batch,
                                           std::size_t index, ArrowArray* out) {
  const Column& column = batch->columns[index];
  auto holder = std::make_unique<ArrayHolder>(ArrayHolder{batch});
  holder->buffers[0] = column.validity.nulls() == 0 ? nullptr : column.validity.data();
  switch (kColumns[index].kind) {
    case Kind::text:
      holder->buffers[1] = column.offsets.data();
      holder->buffers[2] = column.text.data();
      break;
    case Kind::bit:
      holder->buffers[1] = column.bits.data();
      break;
    case Kind::number:
    case Kind::time:
      holder->buffers[1] = column.numbers.data();
      break;
  }
  *out = ArrowArray{};
  out->length = static_cast<std::int64_t>(batch->rows);
  out->null_count = column.validity.nulls();
  out->n_buffers = kColumns[index].kind == Kind::text ? 3 : 2;
  out->buffers = holder->buffers.data();
  out->release = &release_array;
  out->private_data = holder.release();
}

void OutcomeTable::Exporter::export_batch(const std::shared_ptr<const Batch>& batch,
                                          ArrowArray* out) {
  auto holder = std::make_unique<ArrayHolder>(ArrayHolder{batch});
  holder->family = std::make_unique<Family<ArrowArray>>();
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    export_column(batch, i, &holder->family->children[i]);
  }
  *out = ArrowArray{};
  out->length = static_cast<std::int64_t>(batch->rows);
  out->n_buffers = 1;  // of a struct: its validity, and all of ours are there
  out->buffers = holder->buffers.data();
  out->n_children = static_cast<std::int64_t>(kColumns.size());
  out->children = holder->family->pointers.data();
  out->release = &release_array;
  out->private_data = holder.release();
}

OutcomeTable::OutcomeTable(std::string_view provider)
    : provider_(provider), mutex_(std::make_unique<std::mutex>()) {}
OutcomeTable::~OutcomeTable() = default;
OutcomeTable::OutcomeTable(OutcomeTable&&) noexcept = default;
OutcomeTable& OutcomeTable::operator=(OutcomeTable&&) noexcept = default;

void OutcomeTable::add(std::string_view id, const Result<Session>& session) {
  const std::lock_guard lock(*mutex_);
  add_row(id, session);
}

void OutcomeTable::add(const std::vector<Outcome>& outcomes) {
  const std::lock_guard lock(*mutex_);
  for (const Outcome& outcome : outcomes) add_row(outcome.id, outcome.session);
}

void OutcomeTable::add_row(std::string_view id, const Result<Session>& answer) {
  if (!filling_) filling_ = std::make_unique<Batch>();
  auto& columns = filling_->columns;
  const Session* session = answer ? &*answer : nullptr;
  const Error* error = answer ? nullptr : &answer.error();
  const auto said = [&](auto Session::*member) {
    return session != nullptr ? count_of(session->*member) : std::nullopt;
  };
  std::optional<std::int64_t> expires_at;
  if (session != nullptr && session->expires_at) {
    expires_at = session->expires_at->time_since_epoch().count();
  }
  using Text = std::optional<std::string_view>;
  columns[0].add_text(id);
  columns[1].add_text(provider_);
  columns[2].add_text(session != nullptr ? Text(state_name(session->state)) : Text());
  columns[3].add_text(session != nullptr ? unless_empty(session->provider_state) : Text());
  columns[4].add_bit(session != nullptr ? std::optional(session->live()) : std::nullopt);
  columns[5].add_number(expires_at);
  columns[6].add_number(said(&Session::time_remaining));
  columns[7].add_number(said(&Session::duration));
  columns[8].add_number(session != nullptr ? session->uploaded_bytes : std::nullopt);
  columns[9].add_number(session != nullptr ? session->downloaded_bytes : std::nullopt);
  columns[10].add_text(error != nullptr ? Text(class_name(error->kind())) : Text());
  columns[11].add_text(error != nullptr ? Text(error->message()) : Text());
  if (++filling_->rows == kRowsOfBatch) batches_.push_back(std::move(filling_));
}

std::size_t OutcomeTable::size() const {
  const std::lock_guard lock(*mutex_);
  std::size_t rows = filling_ ? filling_->rows : 0;
  for (const auto& batch : batches_) rows += batch->rows;
  return rows;
}

const std::vector<std::string_view>& OutcomeTable::column_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> made;
    for (const ColumnType& column : kColumns) made.emplace_back(column.name);
    return made;
  }();
  return names;
}

void OutcomeTable::export_schema(ArrowSchema* out) {
  auto family = std::make_unique<Family<ArrowSchema>>();
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    ArrowSchema& child = family->children[i];
    child.format = format_of(kColumns[i].kind);
    child.name = kColumns[i].name;
    child.flags = kColumns[i].can_be_null ? ARROW_FLAG_NULLABLE : 0;
    child.release = &Exporter::release_schema;
  }
  *out = ArrowSchema{};
  out->format = "+s";
  out->name = "";
  out->n_children = static_cast<std::int64_t>(kColumns.size());
  out->children = family->pointers.data();
  out->release = &Exporter::release_schema;
  out->private_data = family.release();
}

void OutcomeTable::export_stream(ArrowArrayStream* out) {
  const std::lock_guard lock(*mutex_);
  if (filling_) batches_.push_back(std::move(filling_));
  *out = ArrowArrayStream{};
  out->get_schema = [](ArrowArrayStream*, ArrowSchema* schema) {
    export_schema(schema);
    return 0;
  };
  out->get_next = [](ArrowArrayStream* self, ArrowArray* array) {
    auto& stream = *static_cast<Exporter::Stream*>(self->private_data);
    *array = ArrowArray{};  // released already: the end
    if (stream.next < stream.batches.size()) {
      Exporter::export_batch(stream.batches[stream.next++], array);
    }
    return 0;
  };
  out->get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; };
  out->release = [](ArrowArrayStream* self) {
    delete static_cast<Exporter::Stream*>(self->private_data);
    self->release = nullptr;
  };
  out->private_data = new Exporter::Stream{batches_};
}

}  // namespace sessionvitals
