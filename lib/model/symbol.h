// SPDX-License-Identifier: Apache-2.0
//
// Symbol: a name of a program, kept once for the whole process, so that copying
// and comparing it costs what a pointer does. For names that programs declare;
// making one takes a lock, and its text is never freed.
#ifndef LOYALTY_LIB_MODEL_SYMBOL_H_
#define LOYALTY_LIB_MODEL_SYMBOL_H_

#include <compare>
#include <string>
#include <string_view>

namespace loyalty::model {

// Thread-safe.
class Symbol {
 public:
  Symbol() : Symbol(std::string_view()) {}
  // NOLINTBEGIN(google-explicit-constructor): it is that text.
  Symbol(std::string_view text) : text_(Keep(text)) {}
  Symbol(const std::string& text) : Symbol(std::string_view(text)) {}
  Symbol(const char* text) : Symbol(std::string_view(text)) {}
  // NOLINTEND(google-explicit-constructor)

  const std::string& text() const { return *text_; }

  friend bool operator==(Symbol a, Symbol b) { return a.text_ == b.text_; }
  // By their texts: the same everywhere.
  friend std::strong_ordering operator<=>(Symbol a, Symbol b) {
    if (a.text_ == b.text_) return std::strong_ordering::equal;
    return *a.text_ <=> *b.text_;
  }
  template <typename H>
  friend H AbslHashValue(H h, Symbol symbol) {
    return H::combine(std::move(h), symbol.text_);
  }

 private:
  static const std::string* Keep(std::string_view text);

  const std::string* text_;
};

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_SYMBOL_H_
