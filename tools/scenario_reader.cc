// SPDX-License-Identifier: Apache-2.0
//
// See scenario_reader.h.
#include "scenario_reader.h"

#include <algorithm>
#include <utility>

#include "output.h"
#include "scenario_words.h"

namespace loyalty::command {
namespace {

// A byte order mark, and the ends of lines as Windows has them, say nothing.
std::vector<std::string> SourceLines(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

class ScenarioReader {
 public:
  ScenarioReader(Scenario& scenario, Findings& findings)
      : scenario_(scenario), findings_(findings) {}

  void Read() {
    for (at_ = 0; at_ < scenario_.source.size(); ++at_) {
      const std::string& source = scenario_.source[at_];
      WordsOfLine line = SplitLine(source);
      if (!line.fault.empty()) {
        findings_.Error(number(), line.fault_column, line.fault, line.advice);
        // What is under it is not under the line before.
        if (!IsIndented(source)) under_what_ = Under::kFaulty;
      } else if (!line.words.empty()) {
        Take({.number = number(), .words = std::move(line.words)},
             IsIndented(source));
      }
    }
  }

 private:
  // What an indented line would stand under.
  enum class Under { kNothing, kBlock, kFaulty };

  int number() const { return static_cast<int>(at_) + 1; }

  static bool IsIndented(const std::string& source) {
    return !source.empty() && (source[0] == ' ' || source[0] == '\t');
  }

  void Take(Line line, bool is_indented) {
    if (is_indented) return TakeIndented(std::move(line));
    if (Whole(line.words.front()) == "program") {
      under_what_ = Under::kNothing;
      return TakeProgram(std::move(line));
    }
    under_what_ = Under::kBlock;
    const bool has_program = Whole(line.words.front()) == "switch" &&
                             line.words.back().written == "<<";
    scenario_.blocks.push_back({.head = std::move(line)});
    if (has_program) {
      Block& block = scenario_.blocks.back();
      block.program_text = InlineText(block.head, block.head.words.back());
    }
  }

  void TakeIndented(Line line) {
    if (under_what_ == Under::kBlock) {
      scenario_.blocks.back().under.push_back(std::move(line));
    } else if (under_what_ == Under::kNothing) {
      findings_.Error(line.number, line.words.front().column,
                      "this is indented, and there is no event above it",
                      "Indented lines say what should come of the event above "
                      "them; begin other lines at the margin.");
    }
  }

  void TakeProgram(Line line) {
    if (line.words.size() != 2) {
      findings_.Error(line.number, line.words.front().column,
                      "program takes one file",
                      "Write  program FILE , or  program <<  and, below the "
                      "text of the program,  >>");
      return;
    }
    const bool comes_again = scenario_.program_line.has_value();
    if (comes_again || !scenario_.blocks.empty()) {
      findings_.Error(line.number, line.words.front().column,
                      comes_again ? "there is a program already"
                                  : "the program comes behind an event",
                      "A scenario has one program, before its first event.");
    }
    const bool is_inline = line.words[1].written == "<<";
    if (!comes_again) scenario_.program_line = line;
    if (is_inline) scenario_.program_text = InlineText(line, line.words[1]);
  }

  // Empty lines stand for what is above it, so that what the program's reader
  // says of a line is true of this file.
  std::optional<std::string> InlineText(const Line& line, const Word& begins) {
    std::string program(static_cast<size_t>(line.number), '\n');
    for (++at_; at_ < scenario_.source.size(); ++at_) {
      const std::string& source = scenario_.source[at_];
      const size_t first = source.find_first_not_of(" \t");
      if (first != std::string::npos &&
          source.find_last_not_of(" \t") == first + 1 &&
          source.compare(first, 2, ">>") == 0) {
        return program;
      }
      program += source;
      program += '\n';
    }
    findings_.Error(line.number, begins.column,
                    "the program that begins here has no end",
                    "Close it with  >>  on a line of its own.");
    return std::nullopt;
  }

  Scenario& scenario_;
  Findings& findings_;
  size_t at_ = 0;
  Under under_what_ = Under::kNothing;
};

}  // namespace

void Findings::Add(Diagnostic::Severity severity, int line, int column,
                   std::string message, std::string advice) {
  constexpr size_t kMostShown = 160;
  // As of a program: a file that is no scenario at all has enough to say.
  constexpr size_t kMostFindings = 100;
  has_errors_ |= severity == Diagnostic::Severity::kError;
  if (all_.size() > kMostFindings) return;
  if (all_.size() == kMostFindings) {
    message = "there is more to say; the rest is left out";
    advice = "";
  }
  Diagnostic diagnostic{.severity = severity,
                        .file = scenario_.file,
                        .line = line,
                        .column = column,
                        .message = std::move(message),
                        .advice = std::move(advice),
                        .excerpt = {}};
  const auto at = static_cast<size_t>(line) - 1;
  if (line > 0 && at < scenario_.source.size() &&
      scenario_.source[at].size() <= kMostShown) {
    std::string shown = scenario_.source[at];
    std::replace(shown.begin(), shown.end(), '\t', ' ');
    const std::string indent(static_cast<size_t>(std::max(column, 1)) - 1, ' ');
    diagnostic.excerpt = "  " + shown + "\n  " + indent + "^";
  }
  all_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Findings::Sorted() const {
  std::vector<Diagnostic> sorted = all_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::pair(a.line, a.column) <
                            std::pair(b.line, b.column);
                   });
  return sorted;
}

void ReadScenario(std::string_view text, Scenario& scenario,
                  Findings& findings) {
  scenario.source = SourceLines(text);
  ScenarioReader(scenario, findings).Read();
}

}  // namespace loyalty::command
