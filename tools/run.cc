// SPDX-License-Identifier: Apache-2.0
//
// loyalty run: feeds event logs to a program and says what came of it. A run
// that was stopped, or killed, is simply run again: what was recorded is a
// repeat, and nothing counts twice.
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "command.h"
#include "line_source.h"
#include "loyalty/engine.h"
#include "loyalty/json.h"
#include "output.h"
#include "program_file.h"
#include "progress.h"
#include "summary.h"
#include "voucher_key.h"

namespace loyalty::command {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kBadLinesShown = 20;

// Where an event was written.
struct Origin {
  const LineSource* source = nullptr;
  int64_t line = 0;

  std::string ToString() const {
    return Printable(source->name()) + ":" + std::to_string(line);
  }
};

std::string Message(const absl::Status& status) {
  return Printable({status.message().data(), status.message().size()});
}

// Feeds lines to an engine, a batch a commit.
class Feeder {
 public:
  Feeder(const Program& program, Engine& engine, const RunOptions& options)
      : program_(program), engine_(engine), options_(options) {}

  // Feeds all of `source`. Returns kNo if --strict stopped it, and kCouldNot
  // if reading or recording failed; what came before is recorded either way.
  Exit Feed(LineSource& source);

  // Feeds what has not been fed yet. False if it could not be recorded.
  bool Flush();

  Summary& summary() { return summary_; }
  Exit exit() const { return exit_; }

 private:
  // All return false if the run has to stop there.
  bool TakeLine(LineSource& source, const LineSource::Line& line);
  bool TakeBadLine(const Origin& origin, const std::string& why);
  bool SweepBefore(const Event& event, const Origin& origin);
  bool Stop(const absl::Status& why, const Origin& origin);
  void DrawProgress(const LineSource& source);

  const Program& program_;
  Engine& engine_;
  const RunOptions& options_;
  JsonEventReader reader_;
  Summary summary_;
  Progress progress_;
  Clock::time_point begun_ = Clock::now();
  std::vector<Event> batch_;
  std::vector<Origin> origins_;  // of the events in batch_
  absl::CivilDay swept_ = absl::CivilDay::min();
  Exit exit_ = Exit::kDone;
};

bool Feeder::TakeBadLine(const Origin& origin, const std::string& why) {
  summary_.AddBadLine();
  if (summary_.bad_lines() <= kBadLinesShown || options_.strict) {
    Complain(origin.ToString() + ": " + why);
  } else if (summary_.bad_lines() == kBadLinesShown + 1) {
    Complain("further bad lines are counted only");
  }
  if (!options_.strict) return true;
  exit_ = Exit::kNo;
  return false;
}

bool Feeder::TakeLine(LineSource& source, const LineSource::Line& line) {
  const Origin origin{.source = &source, .line = line.number};
  summary_.AddLine();
  if (line.is_too_long) {
    return TakeBadLine(origin, "is longer than 1 MiB");
  }
  absl::StatusOr<Event> event = reader_.Read(line.text);
  if (!event.ok()) return TakeBadLine(origin, Message(event.status()));
  if (options_.strict) {
    // Before it joins a batch, since what is behind it must not be recorded.
    const absl::Status well_formed = program_.Check(*event);
    if (!well_formed.ok()) return TakeBadLine(origin, Message(well_formed));
  }
  const std::string undeclared = summary_.AddUndeclared(program_, *event);
  if (options_.strict && !undeclared.empty()) {
    return TakeBadLine(
        origin, Printable(undeclared) + " is not declared by the program");
  }
  if (options_.sweep && !SweepBefore(*event, origin)) return false;
  batch_.push_back(*std::move(event));
  origins_.push_back(origin);
  return batch_.size() < static_cast<size_t>(options_.batch) || Flush();
}

// As the first event of its day, so that what ended with the day before has.
bool Feeder::SweepBefore(const Event& event, const Origin& origin) {
  // Of an event that will be refused, no midnight has passed.
  if (!program_.Check(event).ok()) return true;
  const absl::TimeZone zone = program_.time_zone();
  const absl::CivilDay day = absl::ToCivilDay(event.time, zone);
  if (day <= swept_) return true;
  if (!Flush()) return false;
  const absl::Time midnight = absl::FromCivil(day, zone);
  const absl::Status swept = engine_.Sweep(midnight).status();
  // So far ahead, the event itself will be refused.
  if (absl::IsFailedPrecondition(swept)) return true;
  if (!swept.ok()) return Stop(swept, origin);
  const absl::Status ended = engine_.EndSeasons(midnight).status();
  if (!ended.ok()) return Stop(ended, origin);
  const absl::Status shared = engine_.ShareGoals(midnight).status();
  if (!shared.ok()) return Stop(shared, origin);
  swept_ = day;
  return true;
}

bool Feeder::Stop(const absl::Status& why, const Origin& origin) {
  Complain(Message(why));
  Complain("stopped. What came before " + origin.ToString() +
           " is recorded; run it again, and it goes on from there");
  exit_ = Exit::kCouldNot;
  return false;
}

bool Feeder::Flush() {
  if (batch_.empty()) return true;
  absl::StatusOr<std::vector<absl::StatusOr<Outcome>>> outcomes =
      engine_.Process(std::span<const Event>(batch_));
  if (!outcomes.ok()) return Stop(outcomes.status(), origins_.front());
  bool goes_on = true;
  for (size_t i = 0; i < outcomes->size(); ++i) {
    const absl::StatusOr<Outcome>& outcome = (*outcomes)[i];
    if (outcome.ok()) {
      summary_.Add(*outcome);
    } else {
      goes_on &= TakeBadLine(origins_[i], Message(outcome.status()));
    }
  }
  batch_.clear();
  origins_.clear();
  return goes_on;
}

void Feeder::DrawProgress(const LineSource& source) {
  const std::chrono::duration<double> so_far = Clock::now() - begun_;
  const double rate = static_cast<double>(summary_.lines()) / so_far.count();
  std::optional<double> share;
  if (source.size() > 0) {
    share = static_cast<double>(source.offset()) /
            static_cast<double>(source.size());
  }
  progress_.Draw(share, Counted(summary_.lines(), "event", "events") + "  " +
                            Grouped(static_cast<int64_t>(rate)) + " a second");
}

Exit Feeder::Feed(LineSource& source) {
  while (true) {
    const absl::StatusOr<std::optional<LineSource::Line>> line = source.Next();
    if (!line.ok()) {
      if (Flush()) Complain(Message(line.status()));
      return Exit::kCouldNot;
    }
    if (!line->has_value()) return exit_;
    if (!TakeLine(source, **line)) {
      // What came before a bad line is recorded; a batch that failed is gone.
      if (exit_ == Exit::kNo) Flush();
      return exit_;
    }
    if (progress_.IsDue()) DrawProgress(source);
  }
}

Exit FeedAll(const std::vector<std::unique_ptr<LineSource>>& sources,
             Feeder& feeder) {
  for (const std::unique_ptr<LineSource>& source : sources) {
    const Exit exit = feeder.Feed(*source);
    if (exit != Exit::kDone) return exit;
  }
  feeder.Flush();
  return feeder.exit();
}

}  // namespace

Exit Run(const RunOptions& options) {
  const absl::StatusOr<Parameters> parameters =
      ParametersOf(options.parameters);
  if (!parameters.ok()) return Failed(parameters.status(), Exit::kUsage);
  const absl::StatusOr<std::string> text = ProgramText(options.program);
  if (!text.ok()) return Failed(text.status(), Exit::kCouldNot);
  const absl::StatusOr<Program> program =
      Program::FromText(*text, options.program, {.parameters = *parameters});
  if (!program.ok()) return ProgramFailed(program.status());

  const auto sources = OpenAll(options.events);
  if (absl::IsInvalidArgument(sources.status())) {
    return Failed(sources.status(), Exit::kUsage);
  }
  if (!sources.ok()) return Failed(sources.status(), Exit::kCouldNot);
  absl::StatusOr<std::unique_ptr<Engine>> engine =
      options.switch_program
          ? OpenAndSwitch(options.db, *program, options.voucher_key)
          : OpenEngine(options.db, *program, options.voucher_key);
  if (!engine.ok()) return DbFailed(options.db, engine.status());

  const Clock::time_point begun = Clock::now();
  Feeder feeder(*program, **engine, options);
  const Exit exit = FeedAll(*sources, feeder);
  ClearProgress();
  Summary& summary = feeder.summary();
  summary.SetSeconds(
      std::chrono::duration<double>(Clock::now() - begun).count());
  if (options.json) {
    PrintJson(summary.AsJson(*program, options.db));
  } else {
    summary.Print(*program, options.db);
  }
  // A file of something else altogether is not done.
  const bool none_held =
      summary.lines() > 0 && summary.bad_lines() == summary.lines();
  return Finished(exit == Exit::kDone && none_held ? Exit::kNo : exit);
}

}  // namespace loyalty::command
