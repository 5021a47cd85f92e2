// SPDX-License-Identifier: Apache-2.0
//
// See scenario_effects.h.
#include "scenario_effects.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "scenario_words.h"

namespace loyalty::command {
namespace {

// A member may have the name "-"; who is nobody has none.
std::string MemberWord(const std::string& member) {
  return member.empty() ? "-" : member;
}

Expectation Says(std::vector<std::string> words, std::string rule = "") {
  return {.words = std::move(words), .rule = std::move(rule)};
}

// What happened, as what one does.
std::string Verb(Moved::Kind kind) {
  switch (kind) {
    case Moved::Kind::kRedeemed: return "redeem";
    case Moved::Kind::kHeld: return "hold";
    case Moved::Kind::kCaptured: return "capture";
    case Moved::Kind::kReleased: return "release";
    case Moved::Kind::kExpired: return "expire";
    case Moved::Kind::kRefunded: return "refund";
    case Moved::Kind::kTransferred: return "transfer";
    case Moved::Kind::kAdjusted: return "adjust";
    case Moved::Kind::kFulfilled: return "fulfil";
    case Moved::Kind::kWrittenOff: return "write_off";
    case Moved::Kind::kCaughtUp: return "catch_up";
    case Moved::Kind::kMergedOut:
    case Moved::Kind::kMergedIn: return "merge";
  }
  return "move";
}

struct Describer {
  std::vector<Expectation> operator()(const Opened& e) const {
    return {Says({"open", e.member, e.currency, std::to_string(e.units)})};
  }

  std::vector<Expectation> operator()(const Awarded& e) const {
    std::vector<Expectation> lines;
    const std::string member = MemberWord(e.member);
    if (e.units != 0 || e.cut == CutReason::kNone) {
      lines.push_back(
          Says({"award", member, e.currency, std::to_string(e.units)}, e.rule));
    }
    if (e.cut != CutReason::kNone) {
      lines.push_back(
          Says({"cut", member, e.currency, std::to_string(e.asked - e.units),
                std::string(Name(e.cut))},
               e.rule));
    }
    return lines;
  }

  std::vector<Expectation> operator()(const Reversed& e) const {
    return {Says({"reverse", e.member, e.currency, std::to_string(e.units)})};
  }

  std::vector<Expectation> operator()(const Moved& e) const {
    return {Says({Verb(e.kind), e.member, e.currency, std::to_string(e.units)},
                 e.source)};
  }

  std::vector<Expectation> operator()(const Badge& e) const {
    Expectation line = Says({"badge", e.member, e.badge});
    if (!e.won) line.words.push_back("revoked");
    return {line};
  }

  // Of sweeps alone, under which nothing is expected.
  std::vector<Expectation> operator()(const BadgeDue& e) const {
    return {Says({"badge_due", e.member, e.badge})};
  }

  std::vector<Expectation> operator()(const StreakMoved& e) const {
    const std::string length = std::to_string(e.length);
    if (e.frozen) return {Says({"frozen", e.member, e.streak, length})};
    std::vector<Expectation> lines = {
        Says({"streak", e.member, e.streak, length})};
    if (e.broken > 0) {
      lines.push_back(
          Says({"broken", e.member, e.streak, std::to_string(e.broken)}));
    }
    return lines;
  }

  std::vector<Expectation> operator()(const QuestMoved& e) const {
    if (e.kind == QuestMoved::Kind::kMet) {
      return {Says({"met", e.quest, e.object.empty() ? "-" : e.object,
                    std::to_string(e.progress)})};
    }
    if (e.kind != QuestMoved::Kind::kProgressed) {
      return {Says({"quest", e.member, e.quest, std::string(Name(e.kind))})};
    }
    return {
        Says({"step", e.member, e.quest, e.step, std::to_string(e.progress)})};
  }

  std::vector<Expectation> operator()(const LevelChanged& e) const {
    return {Says({"level", e.member, e.ladder, e.from, "->", e.to})};
  }
};

// What a member is told need not be listed.
bool IsNotice(const Expectation& line) {
  return line.words.front() == "notice";
}

// The first of `came` that is as `expected`, or its end.
std::vector<Expectation>::iterator Found(std::vector<Expectation>& came,
                                         const Expectation& expected) {
  return std::find_if(came.begin(), came.end(), [&](const Expectation& line) {
    return line.words == expected.words &&
           (expected.rule.empty() || line.rule == expected.rule);
  });
}

}  // namespace

std::vector<Expectation> Described(const Effect& effect) {
  return std::visit(Describer{}, effect);
}

std::vector<Expectation> Described(const absl::StatusOr<Outcome>& outcome) {
  if (!outcome.ok()) return {Says({"malformed"})};
  if (outcome->repeat) return {Says({"repeat"})};
  std::vector<Expectation> lines;
  if (!outcome->accepted()) {
    lines.push_back(Says({"reject", std::string(Name(outcome->rejected))}));
  }
  for (const Effect& effect : outcome->effects) {
    for (Expectation& line : Described(effect)) {
      lines.push_back(std::move(line));
    }
  }
  if (std::all_of(lines.begin(), lines.end(), IsNotice)) {
    lines.push_back(Says({"none"}));
  }
  return lines;
}

Comparison Compared(const std::vector<Expectation>& expected,
                    const std::vector<Expectation>& came) {
  Comparison comparison{.unexpected = came};
  // Those that name a rule choose first: the others take any.
  std::vector<const Expectation*> in_order;
  in_order.reserve(expected.size());
  for (const Expectation& line : expected) in_order.push_back(&line);
  std::stable_partition(
      in_order.begin(), in_order.end(),
      [](const Expectation* line) { return !line->rule.empty(); });
  for (const Expectation* const line : in_order) {
    const auto found = Found(comparison.unexpected, *line);
    if (found != comparison.unexpected.end()) {
      comparison.unexpected.erase(found);
    } else {
      comparison.missing.push_back(*line);
    }
  }
  std::erase_if(comparison.unexpected, IsNotice);
  std::sort(comparison.missing.begin(), comparison.missing.end(),
            [](const Expectation& a, const Expectation& b) {
              return a.line < b.line;
            });
  return comparison;
}

std::string AsLine(const Expectation& expectation) {
  const std::string line = Joined(expectation.words);
  return expectation.rule.empty() ? line : line + " rule=" + expectation.rule;
}

}  // namespace loyalty::command
