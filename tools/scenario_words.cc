// SPDX-License-Identifier: Apache-2.0
//
// See scenario_words.h.
#include "scenario_words.h"

#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/utf8.h"

namespace loyalty::command {
namespace {

constexpr size_t kMostLineBytes = size_t{1} << 20;
constexpr int kMostNested = 32;  // as deep as an event may be

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool IsNameByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         c == '.' || c == '-';
}

class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  WordsOfLine Split() {
    if (!IsText()) return std::move(result_);
    while (result_.fault.empty()) {
      while (at_ < line_.size() && IsBlank(line_[at_])) Advance();
      if (at_ == line_.size() || line_[at_] == '#') break;
      TakeWord();
    }
    return std::move(result_);
  }

 private:
  bool IsText() {
    if (line_.size() > kMostLineBytes) {
      Fault(1, "the line is longer than 1 MiB", "Split it up.");
    } else if (const size_t nul = line_.find('\0');
               nul != std::string_view::npos) {
      Fault(static_cast<int>(nul) + 1, "there is a NUL character",
            "A scenario is plain text; was it saved as UTF-16?");
    } else if (!base::IsUtf8(line_)) {
      Fault(1, "the line is not valid UTF-8", "Save the file as UTF-8.");
    }
    return result_.fault.empty();
  }

  void Fault(int column, std::string what, std::string advice) {
    result_.fault = std::move(what);
    result_.fault_column = column;
    result_.advice = std::move(advice);
  }

  // Columns count code points.
  void Advance() {
    ++at_;
    while (at_ < line_.size() && (line_[at_] & 0xC0) == 0x80) ++at_;
    ++column_;
  }

  void TakeWord() {
    const size_t begin = at_;
    Word word{.column = column_, .value_column = column_};
    TakeName(word);
    word.value_column = column_;
    const char first = at_ < line_.size() ? line_[at_] : ' ';
    if (first == '"') {
      TakeString(word);
    } else if (!word.name.empty() && (first == '[' || first == '{')) {
      TakeJson(word);
    } else {
      const size_t value = at_;
      while (at_ < line_.size() && !IsBlank(line_[at_])) Advance();
      word.text = line_.substr(value, at_ - value);
    }
    if (!result_.fault.empty()) return;
    if (at_ < line_.size() && !IsBlank(line_[at_])) {
      return Fault(column_, "there is no blank behind the closing quote",
                   "Put a blank there, or a backslash before a quote that "
                   "belongs to the text.");
    }
    word.written = line_.substr(begin, at_ - begin);
    result_.words.push_back(std::move(word));
  }

  // Moves behind "name=", if that is there. A '+' may stand before the name.
  void TakeName(Word& word) {
    size_t end = at_ + (line_[at_] == '+' ? 1 : 0);
    const size_t letters = end;
    while (end < line_.size() && IsNameByte(line_[end])) ++end;
    if (end == letters || end == line_.size() || line_[end] != '=') return;
    word.name = line_.substr(at_, end - at_);
    while (at_ <= end) Advance();
  }

  // To behind the closing quote; false without one.
  bool SkipString() {
    Advance();
    while (at_ < line_.size() && line_[at_] != '"') {
      if (line_[at_] == '\\') Advance();
      if (at_ < line_.size()) Advance();
    }
    if (at_ == line_.size()) return false;
    Advance();
    return true;
  }

  void TakeString(Word& word) {
    const size_t begin = at_;
    word.form = Word::Form::kString;
    if (!SkipString()) {
      return Fault(word.value_column, "the text has no closing quote",
                   "Texts in quotes are JSON strings, on one line.");
    }
    const auto json =
        nlohmann::json::parse(line_.substr(begin, at_ - begin), nullptr, false);
    if (!json.is_string()) {
      return Fault(word.value_column, "this is no JSON string",
                   "Write a backslash as \\\\ and a quote as \\\".");
    }
    word.text = json.get<std::string>();
  }

  void TakeJson(Word& word) {
    const size_t begin = at_;
    word.form = Word::Form::kJson;
    int depth = 0;
    do {
      if (at_ == line_.size()) {
        return Fault(word.value_column, "the list or object is not closed",
                     "It is JSON, on one line.");
      }
      const char c = line_[at_];
      if (c == '[' || c == '{') ++depth;
      if (c == ']' || c == '}') --depth;
      if (depth > kMostNested) {
        return Fault(column_, "it is nested deeper than 32", "");
      }
      if (c != '"') {
        Advance();
      } else if (!SkipString()) {
        return Fault(word.value_column, "a text in it has no closing quote",
                     "It is JSON, on one line.");
      }
    } while (depth > 0);
    word.text = line_.substr(begin, at_ - begin);
    if (!nlohmann::json::accept(word.text)) {
      Fault(word.value_column, "this is no JSON",
            "Lists are written [1,2] or [\"a\",\"b\"].");
    }
  }

  std::string_view line_;
  size_t at_ = 0;
  int column_ = 1;
  WordsOfLine result_;
};

bool NeedsQuotes(const std::string& word) {
  if (word.empty() || word.front() == '#' || word.front() == '"') return true;
  for (const char c : word) {
    if (IsBlank(c) || static_cast<unsigned char>(c) < 0x20) return true;
  }
  return false;
}

}  // namespace

WordsOfLine SplitLine(std::string_view line) { return Splitter(line).Split(); }

const std::string& Whole(const Word& word) {
  return word.name.empty() ? word.text : word.written;
}

bool IsNobody(const Word& word) { return word.written == "-"; }

std::string Joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    line += NeedsQuotes(word)
                ? nlohmann::json(word).dump(
                      -1, ' ', false, nlohmann::json::error_handler_t::replace)
                : word;
  }
  return line;
}

}  // namespace loyalty::command
