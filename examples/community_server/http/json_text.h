// SPDX-License-Identifier: Apache-2.0
//
// JsonText: JSON as text, written from its beginning to its end. For the
// answers that are asked for most: a Json, which is a tree of copies, takes ten
// times as long. What is written is what Text makes of that tree.
//
//   JsonText json;
//   json.BeginObject();
//   json.Add("member", member);
//   json.Key("lines");
//   ...
//   json.EndObject();
//   call.AnswerText(std::move(json).Take());
#ifndef COMMUNITY_HTTP_JSON_TEXT_H_
#define COMMUNITY_HTTP_JSON_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace community {

// Knows no grammar: who begins something ends it, and a value in an object
// comes after its key.
class JsonText {
 public:
  JsonText() : text_(kMostUsual, ' ') {}

  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }

  void Key(std::string_view name);
  // One that a program has spelled out, without quotes in it.
  template <size_t kSize>
  void Key(const char (&name)[kSize]) {
    Quote({name, kSize - 1}, ":");
    is_first_ = true;
  }

  // What is not UTF-8 is replaced, as in Text.
  void Value(std::string_view text);
  void Value(const char* text) { Value(std::string_view(text)); }
  void Value(bool is_so) { Write(is_so ? "true" : "false", ""); }
  void Value(int64_t number);
  void Value(int number) { Value(int64_t{number}); }
  void Value(std::nullptr_t) { Write("null", ""); }
  template <typename T>
  void Value(const std::optional<T>& value) {
    value.has_value() ? Value(*value) : Value(nullptr);
  }

  // A member of the object that was begun last.
  template <typename T>
  void Add(std::string_view name, const T& value) {
    Key(name);
    Value(value);
  }
  template <size_t kSize, typename T>
  void Add(const char (&name)[kSize], const T& value) {
    Key(name);
    Value(value);
  }

  std::string Take() && {
    text_.resize(size_);
    return std::move(text_);
  }

 private:
  static constexpr size_t kMostUsual = 4096;

  void Open(char bracket);
  void Close(char bracket);
  // What may stand there as it is, and what stands behind it.
  void Quote(std::string_view text, std::string_view behind);
  void Write(std::string_view word, std::string_view behind);
  // Where to write so many bytes, behind a comma if there has to be one, and
  // where they ended.
  char* Begin(size_t most);
  void End(const char* to);

  std::string text_;      // room for more than there is
  size_t size_ = 0;       // of what there is
  bool is_first_ = true;  // of what was begun last, or after a key
};

}  // namespace community

#endif  // COMMUNITY_HTTP_JSON_TEXT_H_
