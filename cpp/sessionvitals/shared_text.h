#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace sessionvitals {

/// Text that never changes and that copies share, in eight bytes: thousands of reports
/// name the same origin. Reads as a std::string_view. Copies may be made and dropped in
/// any thread.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string_view text) : held_(text.empty() ? nullptr : make(text)) {}
  SharedText(const std::string& text) : SharedText(std::string_view(text)) {}
  SharedText(const char* text) : SharedText(std::string_view(text)) {}

  /// The same for text of static storage, which is kept once for the whole process.
  static SharedText of_static(std::string_view text);

  SharedText(const SharedText& other) : held_(other.held_) {
    if (held_ != nullptr && !held_->is_kept()) {
      held_->count.fetch_add(1, std::memory_order_relaxed);
    }
  }
  SharedText(SharedText&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  SharedText& operator=(const SharedText& other) { return *this = SharedText(other); }
  SharedText& operator=(SharedText&& other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~SharedText() { drop(held_); }

  std::string_view view() const {
    if (held_ == nullptr) return {};
    return {reinterpret_cast<const char*>(held_ + 1), held_->size};
  }
  operator std::string_view() const { return view(); }
  std::string str() const { return std::string(view()); }
  bool empty() const { return held_ == nullptr; }

  friend bool operator==(const SharedText& left, const SharedText& right) {
    return left.held_ == right.held_ || left.view() == right.view();
  }
  template <class Text>
  requires std::convertible_to<const Text&, std::string_view>
  friend bool operator==(const SharedText& left, const Text& right) {
    return left.view() == std::string_view(right);
  }
  friend std::ostream& operator<<(std::ostream& stream, const SharedText& text) {
    return stream << text.view();
  }

 private:
  struct Held {                                                      // the characters follow
    static constexpr std::uint32_t kKept = std::uint32_t{1} << 31U;  // for ever: nobody counts

    std::atomic<std::uint32_t> count;
    std::uint32_t size;

    bool is_kept() const { return (count.load(std::memory_order_relaxed) & kKept) != 0; }
  };
  static Held* make(std::string_view text);
  static void drop(Held* held);

  Held* held_ = nullptr;
};

}  // namespace sessionvitals
