// SPDX-License-Identifier: Apache-2.0
//
// See scenario_binding.h.
#include "scenario_binding.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "base/suggest.h"
#include "output.h"
#include "scenario_events.h"
#include "scenario_grammar.h"
#include "scenario_values.h"
#include "scenario_words.h"

namespace loyalty::command {
namespace {

bool IsNumber(const std::string& word) {
  int64_t number = 0;
  return absl::SimpleAtoi(word, &number);
}

bool IsAmong(const std::string& word, const std::vector<std::string>& known) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

class Binder {
 public:
  Binder(const Program& program, Findings& findings,
         const SwitchPrograms& switches)
      : program_(program), findings_(findings), switches_(switches) {
    GoOnWith(program);
  }

  Script Bind(const Scenario& scenario) {
    Script script{.program = program_};
    for (const Block& block : scenario.blocks) {
      Step step{.line = block.head.number};
      if (!BindBlock(block, step)) continue;
      if (const auto* send = std::get_if<Send>(&step.what)) {
        ++script.events;
        script.assertions += static_cast<int64_t>(send->expected.size());
      }
      script.assertions += std::holds_alternative<Assertion>(step.what) ? 1 : 0;
      script.assertions += std::holds_alternative<SwitchTo>(step.what) ? 1 : 0;
      if (const auto* past = std::get_if<ApplyToHistory>(&step.what)) {
        script.assertions += static_cast<int64_t>(past->expected.size());
      }
      script.sweeps |= std::holds_alternative<SweepUntil>(step.what);
      script.steps.push_back(std::move(step));
    }
    return script;
  }

 private:
  using Words = std::span<const Word>;

  void GoOnWith(const Program& program) {
    program_ = program;
    events_.emplace(program_, findings_);
  }

  // All return false if what they were given makes no sense.
  bool BindBlock(const Block& block, Step& step) {
    const Line& head = block.head;
    const std::string& first = Whole(head.words.front());
    if (first == "switch") return BindSwitch(block, step);
    if (first == "catch_up") return BindCatchUp(block, step);
    if (first == "event" || IsAmong(first, Verbs())) {
      return BindSend(block, step);
    }
    if (!block.under.empty()) {
      const Line& under = block.under.front();
      Fault(under, under.words.front(),
            "nothing stands under a line of \"" + first + "\"",
            "What is so is said at the margin.");
    }
    if (first == "sweep") return BindSweep(head, step);
    if (first == "clock") return BindClock(head, step);
    if (const Form* const form = FormOf(Assertions(), first)) {
      return BindAssertion(head, *form, step);
    }
    const bool is_expectation = FormOf(Expectations(), first) != nullptr;
    Fault(head, head.words.front(),
          "no line at the margin begins with \"" + first + "\"",
          is_expectation ? "It says what comes of an event: indent it, under "
                           "the event."
                         : base::DidYouMean(first, MarginWords()));
    return false;
  }

  bool BindSwitch(const Block& block, Step& step) {
    const Line& head = block.head;
    if (head.words.size() != 4) {
      return Fault(head, head.words.front(), "switch takes three words",
                   "Write  switch ID TIME FILE , or  switch ID TIME <<  and, "
                   "below the text of the program,  >>");
    }
    const auto time = TimeOf(head, head.words[2]);
    const auto program = switches_.find(head.number);
    if (!time.has_value() || program == switches_.end()) return false;
    bool is_refused = false;
    for (const Line& line : block.under) {
      is_refused =
          line.words.size() == 1 && Whole(line.words.front()) == "refused";
      if (is_refused && block.under.size() == 1) continue;
      return Fault(line, line.words.front(),
                   "only \"refused\" stands under a switch", "");
    }
    step.what = SwitchTo{.program = program->second,
                         .event = {.id = Whole(head.words[1]),
                                   .type = std::string(kSwitch),
                                   .time = *time},
                         .is_refused = is_refused};
    if (!is_refused) GoOnWith(program->second);
    return true;
  }

  bool BindCatchUp(const Block& block, Step& step) {
    const Line& head = block.head;
    const auto wrong = [&] {
      return Fault(head, head.words.front(),
                   "catch_up takes an id, a time, and names",
                   "Write  catch_up ID TIME rules=A,B badges=C metrics=D "
                   "streaks=E quests=F");
    };
    if (head.words.size() < 3) return wrong();
    ApplyToHistory past{.id = Whole(head.words[1])};
    const auto time = TimeOf(head, head.words[2]);
    if (!time.has_value()) return false;
    past.time = *time;
    for (const Word& word : Words(head.words).subspan(3)) {
      const std::vector<std::string> names =
          absl::StrSplit(word.text, ',', absl::SkipEmpty());
      if (word.name == "rules") {
        past.what.rules = names;
      } else if (word.name == "badges") {
        past.what.badges = names;
      } else if (word.name == "metrics") {
        past.what.metrics = names;
      } else if (word.name == "streaks") {
        past.what.streaks = names;
      } else if (word.name == "quests") {
        past.what.quests = names;
      } else {
        return wrong();
      }
    }
    Send send;
    bool ok = CheckAlone(block);
    for (const Line& line : block.under) ok &= BindExpectation(line, send);
    past.asserts = !block.under.empty();
    past.expected = std::move(send.expected);
    past.is_refused =
        past.asserts && past.expected.front().words.front() == "refused";
    step.what = std::move(past);
    return ok;
  }

  bool BindSend(const Block& block, Step& step) {
    Send send;
    bool ok = true;
    for (const Line& line : block.under) ok &= BindExpectation(line, send);
    ok &= CheckAlone(block);
    send.asserts = !block.under.empty();
    // Who expects it to be malformed is not told that it is.
    const bool is_as_written = std::any_of(
        send.expected.begin(), send.expected.end(),
        [](const Expectation& e) { return e.words.front() == "malformed"; });
    ok &= events_->Bind(block.head, is_as_written, send.event);
    if (ok && !send.asserts) WarnOfMalformed(block.head, send.event);
    step.what = std::move(send);
    return ok;
  }

  // What nobody asks about would go unnoticed.
  void WarnOfMalformed(const Line& line, const Event& event) {
    const absl::Status well_formed = program_.Check(event);
    if (well_formed.ok()) return;
    findings_.Warning(line.number, 1,
                      "this event is malformed, and nothing comes of it: " +
                          std::string(well_formed.message()),
                      "If that is meant, write  malformed  under it.");
  }

  bool BindExpectation(const Line& line, Send& send) {
    const std::string& kind = Whole(line.words.front());
    const Form* const form = FormOf(Expectations(), kind);
    if (form == nullptr) {
      const bool is_margin = IsAmong(kind, MarginWords());
      return Fault(line, line.words.front(),
                   "\"" + kind + "\" is nothing that comes of an event",
                   is_margin ? "Begin this line at the margin."
                             : base::DidYouMean(kind, KindsOf(Expectations())));
    }
    Expectation expectation{.words = {kind}, .line = line.number};
    Words words(line.words);
    if (form->takes_rule && words.back().name == "rule") {
      expectation.rule = words.back().text;
      words = words.first(words.size() - 1);
    }
    if (!BindPlaces(line, *form, words, expectation.words)) return false;
    send.expected.push_back(std::move(expectation));
    return true;
  }

  bool CheckAlone(const Block& block) {
    if (block.under.size() < 2) return true;
    for (const Line& line : block.under) {
      const std::string& kind = Whole(line.words.front());
      const Form* const form = FormOf(Expectations(), kind);
      if (form == nullptr || !form->stands_alone) continue;
      return Fault(line, line.words.front(),
                   "\"" + kind +
                       "\" stands alone, and there is more under line " +
                       std::to_string(block.head.number),
                   "Where it holds, nothing else comes of the event.");
    }
    return true;
  }

  bool BindAssertion(const Line& line, const Form& form, Step& step) {
    Assertion assertion;
    Words words(line.words);
    if (form.takes_time && words.size() > 2 &&
        words[words.size() - 2].written == "at") {
      assertion.at = TimeOf(line, words.back());
      if (!assertion.at.has_value()) return false;
      words = words.first(words.size() - 2);
    }
    assertion.question = {std::string(form.kind)};
    if (!BindPlaces(line, form, words, assertion.question)) return false;
    assertion.answer = std::move(assertion.question.back());
    assertion.question.pop_back();
    step.what = std::move(assertion);
    return true;
  }

  bool BindSweep(const Line& line, Step& step) {
    if (line.words.size() != 2) {
      return Fault(line, line.words.front(), "sweep takes a time",
                   "Write  sweep TIME");
    }
    const auto time = TimeOf(line, line.words[1]);
    if (time.has_value()) step.what = SweepUntil{.until = *time};
    return time.has_value();
  }

  bool BindClock(const Line& line, Step& step) {
    if (line.words.size() != 2) {
      return Fault(line, line.words.front(), "clock takes a time",
                   "Write  clock TIME , or  clock -  to let it follow the "
                   "events again");
    }
    if (IsNobody(line.words[1])) {
      step.what = SetClock{};
      return true;
    }
    const auto time = TimeOf(line, line.words[1]);
    if (time.has_value()) step.what = SetClock{.time = *time};
    return time.has_value();
  }

  // The words behind the first, as `form` has them, appended to `bound`.
  bool BindPlaces(const Line& line, const Form& form, Words words,
                  std::vector<std::string>& bound) {
    if (form.is_to_come) {
      return Fault(line, words.front(),
                   "this version of loyalty has no \"" +
                       std::string(form.kind) + "\" yet",
                   "");
    }
    const Words given = words.subspan(1);
    size_t least = form.places.size();
    if (least > 0 && form.places.back() == Place::kRevoked) --least;
    if (given.size() < least || given.size() > form.places.size()) {
      const Word& at =
          given.size() < least ? words.back() : given[form.places.size()];
      return Fault(line, at,
                   given.size() < least ? "something is missing behind this"
                                        : "this is one word too many",
                   "Write  " + std::string(form.written));
    }
    bool ok = true;
    for (size_t i = 0; i < given.size(); ++i) {
      ok &= BindPlace(line, given[i], form.places[i], bound);
    }
    return ok;
  }

  bool BindPlace(const Line& line, const Word& word, Place place,
                 std::vector<std::string>& bound) {
    const std::string& text = Whole(word);
    bound.push_back(text);
    switch (place) {
      case Place::kMember:
        return !IsNobody(word) || Fault(line, word, "a member belongs here",
                                        "'-' is nobody; a member of that name "
                                        "is written \"-\".");
      case Place::kAnybody:
      case Place::kName: return true;
      case Place::kHolding:
        if (text.starts_with("badge:")) return true;
        return IsKnown(line, word, "currency", program_.currencies());
      case Place::kCurrency:
        return IsKnown(line, word, "currency", program_.currencies());
      case Place::kBoard: {
        std::vector<std::string> known = program_.leaderboards();
        for (std::string& id : program_.currencies()) known.push_back(id);
        // Of one of its groups: "city/Bern".
        const std::string id = text.substr(0, text.find('/'));
        return IsKnown(line, word, "leaderboard or currency", id, known);
      }
      case Place::kLadder:
        return IsKnown(line, word, "ladder", program_.ladders());
      case Place::kCut:
        return IsKnown(line, word, "reason of a cut", CutReasons());
      case Place::kReject:
        return IsKnown(line, word, "reason of a rejection", RejectReasons());
      case Place::kAnswer:
        // Of several things, "10000+3", is written as it is answered.
        if (text.find('+') != std::string::npos &&
            text.find_first_not_of("0123456789+") == std::string::npos) {
          return true;
        }
        return IsNobody(word) || BindUnits(line, word, bound.back());
      case Place::kUnits: return BindUnits(line, word, bound.back());
      case Place::kWhen:
        return IsNobody(word) || BindTime(line, word, bound.back());
      case Place::kArrow:
        return text == "->" || Fault(line, word, "expected ->",
                                     "Write  level MEMBER LADDER FROM -> TO");
      case Place::kOk:
        return text == "ok" ||
               Fault(line, word, "expected ok", "Write  verify ok");
      case Place::kRevoked:
        return text == "revoked" ||
               Fault(line, word, "expected revoked, or nothing", "");
    }
    return false;
  }

  bool BindTime(const Line& line, const Word& word, std::string& time) {
    const std::optional<absl::Time> when = TimeOf(line, word);
    if (!when.has_value()) return false;
    time = Rfc3339(*when);
    return true;
  }

  // +5 and 05 are 5.
  bool BindUnits(const Line& line, const Word& word, std::string& units) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(units, &number)) {
      return Fault(line, word, "expected a whole number",
                   "Losses are negative: -5.");
    }
    units = std::to_string(number);
    return true;
  }

  bool IsKnown(const Line& line, const Word& word, const std::string& what,
               const std::vector<std::string>& known) {
    return IsKnown(line, word, what, Whole(word), known);
  }
  bool IsKnown(const Line& line, const Word& word, const std::string& what,
               const std::string& text, const std::vector<std::string>& known) {
    return IsAmong(text, known) ||
           Fault(line, word, "there is no " + what + " \"" + text + "\"",
                 what == "currency" && IsNumber(text) && !known.empty()
                     ? "How many there are comes behind it: " + known.front() +
                           " " + text
                     : base::DidYouMean(text, known));
  }

  std::optional<absl::Time> TimeOf(const Line& line, const Word& word) {
    const auto time = TimeIn(word.text, program_.time_zone());
    if (!time.has_value()) Fault(line, word, "this is no time", kTimesAre);
    return time;
  }

  bool Fault(const Line& line, const Word& word, std::string what,
             std::string advice) {
    findings_.Error(line.number, word.column, std::move(what),
                    std::move(advice));
    return false;
  }

  Program program_;  // that decides where it is
  Findings& findings_;
  const SwitchPrograms& switches_;
  std::optional<EventBinder> events_;
};

}  // namespace

const Program& Script::last_program() const {
  const Program* last = &program;
  for (const Step& step : steps) {
    const auto* to = std::get_if<SwitchTo>(&step.what);
    if (to != nullptr && !to->is_refused) last = &to->program;
  }
  return *last;
}

std::vector<Program> Script::programs() const {
  std::vector<Program> all = {program};
  for (const Step& step : steps) {
    const auto* to = std::get_if<SwitchTo>(&step.what);
    if (to != nullptr && !to->is_refused) all.push_back(to->program);
  }
  return all;
}

Script ScriptOf(const Scenario& scenario, const Program& program,
                Findings& findings, const SwitchPrograms& switches) {
  return Binder(program, findings, switches).Bind(scenario);
}

}  // namespace loyalty::command
