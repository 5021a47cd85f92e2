// SPDX-License-Identifier: Apache-2.0
//
// Scenarios: what a community should come to, as text that its managers write.
// `loyalty test --help` has the grammar. The way of one through these files:
//
//   scenario_words    a line becomes words
//   scenario_reader   a file becomes a Scenario: lines, and what is under them
//   scenario_binding  with a program, a Script: events, and what is expected
//   scenario_player   plays it on one store, and tells what differed
//   scenario_runs     on every store, in batches and one by one, and compared
//   scenario_report   says it, for people and as JSON
#ifndef LOYALTY_TOOLS_SCENARIO_H_
#define LOYALTY_TOOLS_SCENARIO_H_

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "loyalty/catch_up.h"
#include "loyalty/event.h"
#include "loyalty/program.h"

namespace loyalty::command {

// ---- As it is written ----

struct Word {
  enum class Form {
    kPlain,   // as it stands
    kString,  // a JSON string, decoded in `text`
    kJson,    // a JSON list or object
  };
  Form form = Form::kPlain;
  std::string name = {};     // of NAME=VALUE, else empty
  std::string text = {};     // the value, or the whole word without a name
  std::string written = {};  // the word as it stands
  int column = 0;            // from 1, in code points
  int value_column = 0;      // where `text` begins
};

struct Line {
  int number = 0;  // from 1
  std::vector<Word> words = {};
};

// A line, and the indented ones under it.
struct Block {
  Line head = {};
  std::vector<Line> under = {};
  std::optional<std::string> program_text = {};  // of a switch that holds it
};

struct Scenario {
  std::string file = {};
  std::vector<std::string> source = {};          // its lines
  std::optional<Line> program_line = {};         // if it names its program
  std::optional<std::string> program_text = {};  // if it holds it
  std::vector<Block> blocks = {};
};

// ---- As it is played ----

// One line about an outcome: "award", "ana", "points", "90". Effects are
// described in the same form, so that the two compare as texts.
struct Expectation {
  std::vector<std::string> words = {};
  std::string rule = {};  // where it says rule=R; of an effect, its rule
  int line = 0;
};

// An event, or what a host can do; and what should come of it.
struct Send {
  Event event = {};
  bool asserts = false;  // else anything may come
  std::vector<Expectation> expected = {};
};

// Something that should be so: "balance", "ana", "points", and "102".
struct Assertion {
  std::vector<std::string> question = {};
  std::string answer = {};
  std::optional<absl::Time> at = {};
};

struct SweepUntil {
  absl::Time until = absl::UnixEpoch();
};

// From here on it is `time`, or, without one, the newest event's time again.
struct SetClock {
  std::optional<absl::Time> time = {};
};

// From here on `program` decides, unless it is refused, as `refused` says.
struct SwitchTo {
  Program program;
  Event event = {};  // its id and time
  bool is_refused = false;
};

// What is new in the program is applied to history; and what should come of
// that, in all its entries.
struct ApplyToHistory {
  std::string id = {};
  absl::Time time = absl::UnixEpoch();
  loyalty::CatchUp what = {};
  bool asserts = false;  // else anything may come
  std::vector<Expectation> expected = {};
  bool is_refused = false;
};

struct Step {
  int line = 0;
  std::variant<Send, Assertion, SweepUntil, SetClock, SwitchTo, ApplyToHistory>
      what = {};
};

struct Script {
  Program program;
  std::vector<Step> steps = {};
  int64_t events = 0;
  int64_t assertions = 0;  // lines that could fail
  bool sweeps = false;     // there is a sweep in it

  // The one that it ends with, and all of them: the first, and those that were
  // switched to.
  const Program& last_program() const;
  std::vector<Program> programs() const;
};

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_H_
