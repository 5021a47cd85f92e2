// SPDX-License-Identifier: Apache-2.0
//
// See output.h.
#include "output.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "progress.h"

namespace loyalty::command {
namespace {

// Something could not be written to standard output.
bool write_failed = false;

void Append(std::string& line, const std::string& cell, size_t width,
            bool right) {
  size_t shown = 0;  // code points
  for (const char c : cell) shown += (c & 0xC0) != 0x80 ? 1 : 0;
  const std::string blanks(width > shown ? width - shown : 0, ' ');
  line += right ? blanks + cell : cell + blanks;
}

// Appends the byte of `text` at `at`, control characters as \xNN.
void AppendPrintable(std::string& shown, std::string_view text, size_t at) {
  constexpr char kDigits[] = "0123456789abcdef";
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto c = byte(at);
  // U+0080 to U+009F, which are C2 80 to C2 9F, are control characters too.
  const bool begins_c1 =
      c == 0xC2 && byte(at + 1) >= 0x80 && byte(at + 1) < 0xA0;
  const bool ends_c1 = at > 0 && byte(at - 1) == 0xC2 && c >= 0x80 && c < 0xA0;
  if (c < 0x20 || c == 0x7F || begins_c1 || ends_c1) {
    shown += {'\\', 'x', kDigits[c >> 4], kDigits[c & 15]};
  } else {
    shown += text[at];
  }
}

Json EffectAsJson(const Opened& e) {
  return {{"kind", "opened"},
          {"member", e.member},
          {"currency", e.currency},
          {"units", e.units}};
}

Json EffectAsJson(const Awarded& e) {
  Json json = {{"kind", "awarded"},      {"member", e.member},
               {"currency", e.currency}, {"rule", e.rule},
               {"asked", e.asked},       {"limited", e.limited},
               {"units", e.units},       {"cut", nullptr}};
  if (e.cut != CutReason::kNone) json["cut"] = Name(e.cut);
  if (e.base.has_value()) json["base"] = *e.base;
  return json;
}

Json EffectAsJson(const Reversed& e) {
  return {{"kind", "reversed"},
          {"member", e.member},
          {"currency", e.currency},
          {"units", e.units},
          {"awards", e.awards}};
}

Json EffectAsJson(const LevelChanged& e) {
  return {{"kind", "level_changed"}, {"member", e.member}, {"ladder", e.ladder},
          {"from", e.from},          {"to", e.to},         {"up", e.up},
          {"why", Name(e.why)}};
}

Json EffectAsJson(const Badge& e) {
  Json json = {{"kind", e.won ? "badge_won" : "badge_lost"},
               {"member", e.member},
               {"badge", e.badge},
               {"object", nullptr}};
  if (e.object.has_value()) json["object"] = *e.object;
  return json;
}

Json EffectAsJson(const BadgeDue& e) {
  return {{"kind", "badge_due"},
          {"member", e.member},
          {"badge", e.badge},
          {"time", Rfc3339(e.time)}};
}

Json EffectAsJson(const StreakMoved& e) {
  return {{"kind", e.frozen ? "streak_frozen" : "streak_extended"},
          {"member", e.member},
          {"streak", e.streak},
          {"length", e.length},
          {"broken", e.broken}};
}

Json EffectAsJson(const QuestMoved& e) {
  Json json = {{"kind", "quest_" + std::string(Name(e.kind))},
               {"member", e.member},
               {"quest", e.quest}};
  if (!e.object.empty()) json["object"] = e.object;
  if (e.kind == QuestMoved::Kind::kMet) {
    json["member"] = nullptr;
    json["times"] = e.progress;
  }
  if (e.kind == QuestMoved::Kind::kProgressed) {
    json["step"] = e.step;
    json["progress"] = e.progress;
    json["goal"] = e.goal;
  }
  return json;
}

Json EffectAsJson(const Moved& e) {
  return {{"kind", Name(e.kind)},
          {"member", e.member},
          {"currency", e.currency},
          {"source", e.source},
          {"units", e.units}};
}

}  // namespace

void Print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    write_failed = true;
  }
}

void PrintJson(const Json& value) {
  // Texts of the engine are UTF-8; a file name need not be.
  Print(value.dump(-1, ' ', false, Json::error_handler_t::replace));
  Print("\n");
}

Exit Finished(Exit exit) {
  if (std::fflush(stdout) != 0) write_failed = true;
  if (!write_failed) return exit;
  Complain("could not write all of the answer to standard output");
  return Exit::kCouldNot;
}

void Complain(std::string_view text) {
  ClearProgress();
  std::fprintf(stderr, "loyalty: %.*s\n", static_cast<int>(text.size()),
               text.data());
}

Exit Failed(const absl::Status& status, Exit exit) {
  Complain(PrintableLines({status.message().data(), status.message().size()}));
  return exit;
}

Exit DbFailed(const std::string& db, const absl::Status& status) {
  const std::string message(status.message());
  if (message.find(db) != std::string::npos) {
    return Failed(status, Exit::kCouldNot);
  }
  Complain(PrintableLines(db + ": " + message));
  return Exit::kCouldNot;
}

Exit ProgramFailed(const absl::Status& status) {
  const std::string all =
      PrintableLines({status.message().data(), status.message().size()});
  std::fprintf(stderr, "%s\n", all.c_str());
  Complain("the program has errors; nothing was done");
  return Exit::kCouldNot;
}

Exit QueryFailed(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound: return Failed(status, Exit::kNo);
    case absl::StatusCode::kInvalidArgument:
      return Failed(status, Exit::kUsage);
    default: return Failed(status, Exit::kCouldNot);
  }
}

std::string PrintableLine(std::string_view text) {
  std::string shown;
  for (size_t i = 0; i < text.size(); ++i) AppendPrintable(shown, text, i);
  return shown;
}

std::string Printable(std::string_view text) {
  constexpr size_t kMostShown = 200;
  size_t end = text.size();
  if (end > kMostShown) {
    // At the start of a character, so that none is cut in two.
    end = kMostShown;
    while (end > kMostShown - 4 && (text[end] & 0xC0) == 0x80) --end;
  }
  std::string shown;
  for (size_t i = 0; i < end; ++i) AppendPrintable(shown, text, i);
  return end < text.size() ? shown + "..." : shown;
}

std::string PrintableLines(std::string_view text) {
  std::string shown;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || text[i] == '\t') {
      shown += text[i];
    } else {
      AppendPrintable(shown, text, i);
    }
  }
  return shown;
}

std::string Grouped(int64_t number) {
  std::string digits = std::to_string(number);
  const size_t first = digits[0] == '-' ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string Signed(int64_t number) {
  return (number > 0 ? "+" : "") + Grouped(number);
}

std::string Counted(int64_t number, std::string_view singular,
                    std::string_view plural) {
  return Grouped(number) + " " + std::string(number == 1 ? singular : plural);
}

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

std::string ShortTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M", time, absl::UTCTimeZone());
}

void Table::Print(int indent) const {
  std::vector<size_t> widths(columns_.size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      size_t shown = 0;
      for (const char c : row[i]) shown += (c & 0xC0) != 0x80 ? 1 : 0;
      widths[i] = std::max(widths[i], shown);
    }
  }
  for (const auto& row : rows_) {
    std::string line(static_cast<size_t>(indent), ' ');
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += "  ";
      Append(line, row[i], widths[i], columns_[i] == Align::kRight);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    command::Print(line + "\n");
  }
}

std::string HeadText(const JournalHead& head) {
  return std::to_string(head.seq) + ":" + head.chain;
}

Json ToJson(const Outcome& outcome) {
  Json json = {{"seq", outcome.seq},
               {"event", outcome.event_id},
               {"recorded_at", Rfc3339(outcome.recorded_at)},
               {"accepted", outcome.accepted()},
               {"rejected", nullptr},
               {"reason", nullptr},
               {"effects", Json::array()},
               {"notes", Json::array()}};
  if (!outcome.accepted()) {
    json["rejected"] = Name(outcome.rejected);
    json["reason"] = outcome.reason;
  }
  if (!outcome.vouchers.empty()) json["vouchers"] = outcome.vouchers;
  for (const Effect& effect : outcome.effects) {
    json["effects"].push_back(
        std::visit([](const auto& e) { return EffectAsJson(e); }, effect));
  }
  for (const RuleNote& note : outcome.notes) {
    json["notes"].push_back({{"rule", note.rule}, {"text", note.text}});
  }
  return json;
}

absl::StatusOr<Parameters> ParametersOf(const std::vector<std::string>& texts) {
  Parameters parameters;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return absl::InvalidArgumentError("--param " + Printable(text) +
                                        ": write it as --param name=value");
    }
    const std::string name = text.substr(0, equals);
    if (!parameters.emplace(name, text.substr(equals + 1)).second) {
      return absl::InvalidArgumentError("--param " + Printable(name) +
                                        " is given twice");
    }
  }
  return parameters;
}

}  // namespace loyalty::command
