// SPDX-License-Identifier: Apache-2.0
//
// A line of a scenario as words. They stand between blanks; one that begins
// with '"', or whose value does, is a JSON string, and a value that begins with
// '[' or '{' is a JSON list or object. A '#' that begins a word ends the line.
#ifndef LOYALTY_TOOLS_SCENARIO_WORDS_H_
#define LOYALTY_TOOLS_SCENARIO_WORDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "scenario.h"

namespace loyalty::command {

struct WordsOfLine {
  std::vector<Word> words = {};
  // What is wrong, if anything is, where, and what to do about it.
  std::string fault = {};
  int fault_column = 0;
  std::string advice = {};
};

WordsOfLine SplitLine(std::string_view line);

// The word where no NAME=VALUE is meant: an id may hold a '='.
const std::string& Whole(const Word& word);

// Is it '-', which stands for nobody? "-" in quotes is a member of that name.
bool IsNobody(const Word& word);

// `words` as a line again, those that need it in quotes.
std::string Joined(const std::vector<std::string>& words);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_WORDS_H_
