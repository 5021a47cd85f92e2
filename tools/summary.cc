// SPDX-License-Identifier: Apache-2.0
//
// See summary.h.
#include "summary.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <variant>

namespace loyalty::command {
namespace {

using Align = Table::Align;

// A hostile log may name a new attribute on every line.
constexpr size_t kMostUndeclared = 1000;
constexpr size_t kUndeclaredShown = 20;

void PrintCounts(std::string_view title,
                 const std::map<std::string, int64_t, std::less<>>& counts) {
  if (counts.empty()) return;
  Print(std::string(title) + "\n");
  Table table({Align::kRight, Align::kLeft});
  for (const auto& [name, count] : counts) table.Add({Grouped(count), name});
  table.Print(2);
}

}  // namespace

void Summary::Add(const Outcome& outcome) {
  if (outcome.rejected == RejectReason::kEventIdReused) {
    // Not recorded: the id has its answer.
    ++rejected_[std::string(Name(outcome.rejected))];
    return;
  }
  if (outcome.repeat) {
    ++repeats_;
    return;
  }
  ++recorded_;
  if (!outcome.accepted()) ++rejected_[std::string(Name(outcome.rejected))];
  for (const Effect& effect : outcome.effects) {
    std::visit([this](const auto& e) { AddEffect(e); }, effect);
  }
}

void Summary::AddEffect(const Awarded& effect) {
  if (effect.cut != CutReason::kNone) ++cuts_[std::string(Name(effect.cut))];
  Awards& awards = awards_[{effect.rule, effect.currency}];
  if (effect.units != 0) ++awards.times;
  awards.units += effect.units;
}

void Summary::AddEffect(const Reversed& effect) {
  Awards& reversed = reversed_[effect.currency];
  reversed.times += effect.awards;
  reversed.units += effect.units;
}

void Summary::AddEffect(const Moved& effect) {
  Awards& moved = moved_[{std::string(Name(effect.kind)), effect.currency}];
  ++moved.times;
  moved.units += effect.units;
}

void Summary::AddEffect(const Badge& effect) {
  Awards& moved =
      moved_[{effect.won ? "won" : "lost", "badge:" + effect.badge}];
  ++moved.times;
  ++moved.units;
}

void Summary::AddEffect(const LevelChanged& effect) {
  if (effect.up) {
    ++LevelOf(effect.ladder, effect.to).reached;
  } else {
    ++LevelOf(effect.ladder, effect.from).lost;
  }
}

Summary::Level& Summary::LevelOf(std::string_view ladder,
                                 std::string_view level) {
  for (Level& known : levels_) {
    if (known.ladder == ladder && known.level == level) return known;
  }
  levels_.push_back(
      {.ladder = std::string(ladder), .level = std::string(level)});
  return levels_.back();
}

std::string Summary::AddUndeclared(const Program& program, const Event& event) {
  std::string first;
  if (!program.HasEventType(event.type)) return first;
  for (const auto& [name, value] : event.attributes) {
    if (program.Declares(event.type, name)) continue;
    const std::string full = event.type + "." + name;
    if (first.empty()) first = full;
    const auto known = undeclared_.find(full);
    if (known != undeclared_.end()) {
      ++known->second;
    } else if (undeclared_.size() < kMostUndeclared) {
      undeclared_.emplace(full, 1);
    } else {
      ++undeclared_others_;
    }
  }
  return first;
}

int64_t Summary::EventsPerSecond() const {
  const auto answered = static_cast<double>(lines_ - bad_lines_);
  return seconds_ > 0 ? static_cast<int64_t>(answered / seconds_) : 0;
}

void Summary::Print(const Program& program, const std::string& db) const {
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.2f", seconds_);
  command::Print(program.name() + " " + program.version() + " -> " +
                 Printable(db) + "\n");
  command::Print(Counted(lines_, "line", "lines") + " in " + seconds + " s, " +
                 Grouped(EventsPerSecond()) + " events a second\n");
  Table table({Align::kRight, Align::kLeft});
  table.Add({Grouped(recorded_), "recorded"});
  if (repeats_ > 0) table.Add({Grouped(repeats_), "repeats, answered before"});
  if (bad_lines_ > 0) table.Add({Grouped(bad_lines_), "bad lines"});
  table.Print(2);
  PrintCounts("Rejected, by reason", rejected_);
  PrintAwards();
  PrintCounts("Cut, by reason", cuts_);
  PrintLevels();
  PrintUndeclared();
}

void Summary::PrintAwards() const {
  if (!awards_.empty()) {
    command::Print("Awards by rule\n");
    Table table({Align::kLeft, Align::kRight, Align::kRight, Align::kLeft});
    for (const auto& [of, awards] : awards_) {
      table.Add({of.first, Grouped(awards.times) + "x", Signed(awards.units),
                 of.second});
    }
    table.Print(2);
  }
  if (!reversed_.empty()) {
    command::Print("Taken back\n");
    Table table({Align::kRight, Align::kRight, Align::kLeft});
    for (const auto& [currency, awards] : reversed_) {
      table.Add({Counted(awards.times, "award", "awards"), Signed(awards.units),
                 currency});
    }
    table.Print(2);
  }
  if (!moved_.empty()) {
    command::Print("Moved\n");
    Table table({Align::kLeft, Align::kRight, Align::kRight, Align::kLeft});
    for (const auto& [of, moved] : moved_) {
      table.Add({of.first, Grouped(moved.times) + "x", Signed(moved.units),
                 of.second});
    }
    table.Print(2);
  }
}

void Summary::PrintLevels() const {
  if (levels_.empty()) return;
  command::Print("Levels reached\n");
  std::vector<Level> levels = levels_;
  std::stable_sort(
      levels.begin(), levels.end(),
      [](const Level& a, const Level& b) { return a.ladder < b.ladder; });
  Table table({Align::kLeft, Align::kLeft, Align::kRight, Align::kLeft});
  for (const Level& level : levels) {
    table.Add({level.ladder, level.level, Grouped(level.reached),
               level.lost > 0 ? Grouped(level.lost) + " lost again" : ""});
  }
  table.Print(2);
}

void Summary::PrintUndeclared() const {
  if (undeclared_.empty()) return;
  command::Print("Attributes that the program does not declare, ignored\n");
  Table table({Align::kRight, Align::kLeft});
  size_t shown = 0;
  for (const auto& [name, count] : undeclared_) {
    if (++shown > kUndeclaredShown) break;
    table.Add({Grouped(count), Printable(name)});
  }
  table.Print(2);
  if (undeclared_.size() > kUndeclaredShown) {
    command::Print("  and others\n");
  }
}

Json Summary::AsJson(const Program& program, const std::string& db) const {
  Json json = {{"program",
                {{"name", program.name()},
                 {"version", program.version()},
                 {"identity", program.identity()}}},
               {"db", db},
               {"lines", lines_},
               {"recorded", recorded_},
               {"repeats", repeats_},
               {"bad_lines", bad_lines_},
               {"rejected", Json::object()},
               {"awards", Json::array()},
               {"cuts", Json::object()},
               {"reversed", Json::array()},
               {"moved", Json::array()},
               {"levels", Json::array()},
               {"undeclared", Json::object()},
               {"undeclared_others", undeclared_others_},
               {"seconds", seconds_},
               {"events_per_second", EventsPerSecond()}};
  for (const auto& [reason, count] : rejected_)
    json["rejected"][reason] = count;
  for (const auto& [of, awards] : awards_) {
    json["awards"].push_back({{"rule", of.first},
                              {"currency", of.second},
                              {"times", awards.times},
                              {"units", awards.units}});
  }
  for (const auto& [reason, count] : cuts_) json["cuts"][reason] = count;
  for (const auto& [currency, awards] : reversed_) {
    json["reversed"].push_back({{"currency", currency},
                                {"awards", awards.times},
                                {"units", awards.units}});
  }
  for (const auto& [of, moved] : moved_) {
    json["moved"].push_back({{"kind", of.first},
                             {"currency", of.second},
                             {"times", moved.times},
                             {"units", moved.units}});
  }
  for (const Level& level : levels_) {
    json["levels"].push_back({{"ladder", level.ladder},
                              {"level", level.level},
                              {"reached", level.reached},
                              {"lost", level.lost}});
  }
  for (const auto& [name, count] : undeclared_)
    json["undeclared"][name] = count;
  return json;
}

}  // namespace loyalty::command
