// SPDX-License-Identifier: Apache-2.0
//
// Symbol: a name of a program, kept once for the whole process, so that copying
// and comparing it costs what a pointer does. For names that programs declare;
// making one takes a lock, and its text is never freed.
#ifndef LOYALTY_LIB_MODEL_SYMBOL_H_
#define LOYALTY_LIB_MODEL_SYMBOL_H_

#include <compare>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace loyalty::model {

// Thread-safe.
class Symbol {
 public:
  Symbol() : kept_(Nothing()) {}
  // NOLINTBEGIN(google-explicit-constructor): it is that text.
  Symbol(std::string_view text) : kept_(Keep(text)) {}
  Symbol(const std::string& text) : Symbol(std::string_view(text)) {}
  Symbol(const char* text) : Symbol(std::string_view(text)) {}
  // NOLINTEND(google-explicit-constructor)

  const std::string& text() const { return kept_->text; }
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator const std::string&() const { return kept_->text; }
  bool empty() const { return kept_->text.empty(); }

  // Small, and its own in this process: for tables of what is known of symbols.
  uint32_t index() const { return kept_->index; }

  friend bool operator==(Symbol a, Symbol b) { return a.kept_ == b.kept_; }
  // Not the order of the alphabet, which costs more, but the same everywhere.
  friend std::strong_ordering operator<=>(Symbol a, Symbol b) {
    if (a.kept_ == b.kept_) return std::strong_ordering::equal;
    if (a.kept_->hash != b.kept_->hash) return a.kept_->hash <=> b.kept_->hash;
    return a.kept_->text <=> b.kept_->text;
  }
  template <typename H>
  friend H AbslHashValue(H h, Symbol symbol) {
    return H::combine(std::move(h), symbol.kept_);
  }

 private:
  struct Kept {
    std::string text;
    uint64_t hash;   // of the text, the same everywhere
    uint32_t index;  // from 0, in the order in which they were made
  };
  static const Kept* Keep(std::string_view text);
  // The empty text. Never destroyed, and here because there are many.
  static const Kept* Nothing() {
    static const auto* const nothing = new Kept{"", kHashOfNothing, 0};
    return nothing;
  }

  static constexpr uint64_t kHashOfNothing = 0xcbf29ce484222325;

  const Kept* kept_;
};

inline std::ostream& operator<<(std::ostream& out, Symbol symbol) {
  return out << symbol.text();
}

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_SYMBOL_H_
