// SPDX-License-Identifier: Apache-2.0
//
// A brand's app on the command line: a member's card, what to do next, the
// offers, and redeeming one. What a phone would show comes from the same calls.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/time/clock.h>
#include <loyalty/engine.h>
#include <loyalty/json.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

// The value, or an error for main to tell.
template <typename T>
T Need(absl::StatusOr<T> value) {
  if (!value.ok()) throw std::runtime_error(value.status().ToString());
  return *std::move(value);
}

std::string Day(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone());
}

// How far along: "######....".
std::string Bar(int64_t have, int64_t want) {
  constexpr double kWidth = 20;
  const double part =
      want <= 0 ? 1 : static_cast<double>(have) / static_cast<double>(want);
  std::string bar(static_cast<size_t>(kWidth), '.');
  std::fill_n(bar.begin(),
              static_cast<int>(std::clamp(part, 0.0, 1.0) * kWidth), '#');
  return bar;
}

class App {
 public:
  // Without a program, the file goes on with its own.
  App(const std::string& db, const std::string& program, absl::Time now)
      : engine_(program.empty()
                    ? Need(loyalty::Engine::Reopen(db))
                    : Need(loyalty::Engine::Open(
                          db, Need(loyalty::Program::FromFile(program))))),
        now_(now) {}

  void Card(const std::string& id) {
    const loyalty::MemberProfile member = Need(Read()->Member(id, now_));
    std::cout << member.member << ", here since " << Day(member.since)
              << "\n\n";
    for (const loyalty::LadderStanding& path : member.ladders) {
      const int64_t earned = EarnedOn(member, path);
      std::cout << "  " << std::left << std::setw(22) << path.ladder
                << std::setw(24) << path.level
                << Bar(earned, earned + path.to_next);
      if (path.next_level.has_value()) {
        std::cout << "  " << path.to_next << " to " << *path.next_level;
      }
      std::cout << '\n';
    }
    for (const loyalty::CurrencyBalance& units : member.currencies) {
      std::cout << "  " << std::setw(22) << units.currency << units.balance;
      if (!units.expiring.empty()) {
        std::cout << ", of which " << units.expiring[0].units << " until "
                  << Day(units.expiring[0].expires);
      }
      std::cout << '\n';
    }
    for (const loyalty::StreakStanding& streak : member.streaks) {
      if (streak.length == 0) continue;
      std::cout << "  " << streak.describe << ": " << streak.length << '\n';
    }
    for (const loyalty::QuestStanding& quest : member.quests) {
      if (quest.state != loyalty::QuestStanding::State::kJoined) continue;
      std::cout << "  " << quest.describe << ':';
      for (const loyalty::StepStanding& step : quest.steps) {
        std::cout << ' ' << step.step << ' ' << step.progress << '/'
                  << step.goal;
      }
      std::cout << '\n';
    }
    if (!member.badges.empty()) {
      std::cout << "  badges: "
                << absl::StrJoin(member.badges, ", ",
                                 [](std::string* out, const auto& badge) {
                                   absl::StrAppend(out, badge.first);
                                 })
                << '\n';
    }
    if (!member.privileges.empty()) {
      std::cout << "  may: " << absl::StrJoin(member.privileges, ", ") << '\n';
    }
  }

  void Next(const std::string& id) {
    for (const loyalty::NextGoal& goal : Need(Read()->NextSteps(id, now_))) {
      std::cout << "- " << goal.sentence << '\n';
    }
  }

  void Offers(const std::string& id) {
    for (const loyalty::RewardOffer& offer : Need(Read()->Rewards(id, now_))) {
      std::cout << std::left << std::setw(16) << offer.reward << std::setw(40)
                << offer.describe;
      for (const loyalty::RewardCost& cost : offer.cost) {
        std::cout << ' ' << cost.units << ' ' << cost.currency;
      }
      if (!offer.available) std::cout << "  (" << offer.reason << ')';
      std::cout << '\n';
    }
  }

  // An app keeps the id until it has an answer: asked again with it, nothing is
  // taken twice.
  void Redeem(const std::string& member, const std::string& reward,
              const std::string& id) {
    Tell(Need(engine_->Redeem(id, now_, member, reward)));
  }

  // What somebody did, as JSON.
  void Record(const std::string& json) {
    loyalty::JsonEventReader reader;
    Tell(Need(engine_->Process(Need(reader.Read(json)))));
  }

 private:
  // What came of an event, as an app would notify.
  static void Tell(const loyalty::Outcome& outcome) {
    if (!outcome.accepted()) throw std::runtime_error(outcome.reason);
    for (const loyalty::Effect& effect : outcome.effects) {
      if (const auto* award = std::get_if<loyalty::Awarded>(&effect)) {
        if (award->units == 0) continue;
        std::cout << award->member << ": " << std::showpos << award->units
                  << std::noshowpos << ' ' << award->currency << " ("
                  << award->rule << ")\n";
      } else if (const auto* level =
                     std::get_if<loyalty::LevelChanged>(&effect)) {
        std::cout << level->member << " is " << level->to << " now\n";
      } else if (const auto* badge = std::get_if<loyalty::Badge>(&effect)) {
        std::cout << badge->member << (badge->won ? " won " : " lost ")
                  << badge->badge << '\n';
      } else if (const auto* moved = std::get_if<loyalty::Moved>(&effect)) {
        std::cout << moved->member << ": " << moved->units << ' '
                  << moved->currency << ' ' << Name(moved->kind) << " for "
                  << moved->source << '\n';
      }
    }
    for (const std::string& code : outcome.vouchers) {
      std::cout << "show this: " << code << '\n';
    }
  }

  static int64_t EarnedOn(const loyalty::MemberProfile& member,
                          const loyalty::LadderStanding& path) {
    for (const loyalty::CurrencyBalance& units : member.currencies) {
      if (units.currency == path.currency) return units.earned;
    }
    return 0;
  }

  std::unique_ptr<loyalty::Queries> Read() { return Need(engine_->Query()); }

  std::unique_ptr<loyalty::Engine> engine_;
  absl::Time now_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App commands("What a brand's app does for one member.");
  std::string db;
  std::string program;
  std::string at;
  std::string member;
  std::string reward;
  std::string id;
  std::string json;
  commands.add_option("--db", db, "the file that keeps it all")->required();
  commands.add_option("--program", program, "its rules; else the file's own");
  commands.add_option("--at", at, "the time to go by, RFC 3339; else now");
  CLI::App* card = commands.add_subcommand("card", "how the member stands");
  CLI::App* next = commands.add_subcommand("next", "what to do next");
  CLI::App* offers = commands.add_subcommand("offers", "what there is to have");
  CLI::App* redeem = commands.add_subcommand("redeem", "take one of them");
  CLI::App* record = commands.add_subcommand("record", "something was done");
  for (CLI::App* command : {card, next, offers, redeem}) {
    command->add_option("MEMBER", member)->required();
  }
  redeem->add_option("REWARD", reward)->required();
  redeem->add_option("--id", id, "of this wish, to ask again")->required();
  record->add_option("EVENT", json, "as JSON")->required();
  commands.require_subcommand(1);
  CLI11_PARSE(commands, argc, argv);

  try {
    absl::Time now = absl::Now();
    std::string error;
    if (!at.empty() && !absl::ParseTime(absl::RFC3339_full, at, &now, &error)) {
      throw std::runtime_error(absl::StrCat("--at \"", at, "\": ", error));
    }
    App app(db, program, now);
    if (card->parsed()) app.Card(member);
    if (next->parsed()) app.Next(member);
    if (offers->parsed()) app.Offers(member);
    if (redeem->parsed()) app.Redeem(member, reward, id);
    if (record->parsed()) app.Record(json);
  } catch (const std::exception& error) {
    return std::cerr << "brand_app: " << error.what() << '\n', 1;
  }
}
