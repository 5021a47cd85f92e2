// SPDX-License-Identifier: Apache-2.0
//
// When units come and go, and what they buy: the terms of lots, and rewards.
// See compiler.h.
#include <absl/strings/str_cat.h>

#include <utility>

#include "base/amounts.h"
#include "base/suggest.h"
#include "rules/compiler.h"
#include "rules/values.h"

namespace loyalty::rules {
namespace {

constexpr int64_t kMostStock = 1'000'000'000;
constexpr int64_t kMostHoldDays = 30;

}  // namespace

std::optional<base::Span> Compiler::SpanOf(const model::Text& text,
                                           const std::string& where) {
  if (text.empty()) return std::nullopt;
  const std::optional<base::Span> span = base::ParseSpan(text.text);
  if (!span.has_value()) {
    Error(text.at,
          absl::StrCat(where, ": \"", text.text, "\" is no length of time"),
          "Write it as \"14d\", \"36h\" or \"1d12h\", at most 365250d.");
  }
  return span;
}

LotTerms Compiler::LotTermsOf(const model::LotTermsSpec& spec,
                              const std::string& where) {
  LotTerms terms{
      .pending_for = SpanOf(spec.pending_for, where + ", pending_for"),
      .expires_after = SpanOf(spec.expires_after, where + ", expires_after"),
      .expires_at_end_of = spec.expires_at_end_of};
  // To the end of a period it may be further.
  const auto after = [](const base::Span& span) {
    return base::After(absl::UnixEpoch(), span, absl::UTCTimeZone());
  };
  if (terms.pending_for.has_value() && terms.expires_after.has_value() &&
      terms.expires_at_end_of == base::Period::kEver &&
      after(*terms.pending_for) >= after(*terms.expires_after)) {
    Warn(spec.pending_for.at,
         where + ": its units expire before they are available",
         "expires_after begins when they are given: let it be longer than "
         "pending_for.");
  }
  return terms;
}

// Award by award, which lots they make; a currency has lots where any does.
void Compiler::LotsOfCurrencies() {
  for (size_t i = 0; i < out_.currencies.size(); ++i) {
    const model::CurrencySpec& spec = spec_.currencies[i];
    Currency& currency = out_.currencies[i];
    const std::string what = absl::StrCat("currency \"", spec.id.text, "\"");
    currency.spendable = spec.spendable;
    currency.lot_terms = LotTermsOf(spec.lot_terms, what);
    currency.shortfall = spec.shortfall;
    currency.grace = SpanOf(spec.grace, what + ", grace");
    currency.has_lots = spec.spendable || !spec.lot_terms.empty();
    if (spec.max_transfer_per_day != 0) {
      InRange(spec.max_transfer_per_day, 1, spec.max_transfer_at,
              what + ": max_transfer_per_day");
      currency.max_transfer_per_day = spec.max_transfer_per_day;
    }
    currency.transfer_counter = "transfer:" + spec.id.text;
    currency.max_adjustment = base::kMaxAmount;
    if (spec.max_adjustment != 0) {
      InRange(spec.max_adjustment, 1, spec.max_adjustment_at,
              what + ": max_adjustment");
      currency.max_adjustment = spec.max_adjustment;
    }
  }
  const auto add_lots = [&](const model::RuleSpec& rule) {
    for (const model::AwardSpec& award : rule.awards) {
      const int currency = out_.CurrencyIndex(award.currency.text);
      if (currency < 0 || award.lot_terms.empty()) continue;
      out_.currencies[currency].has_lots = true;
    }
  };
  for (const model::RuleSpec& rule : spec_.rules) add_lots(rule);
  for (const model::BadgeSpec& badge : spec_.badges) add_lots(badge.rule);
  for (size_t i = 0; i < out_.currencies.size(); ++i) {
    const model::CurrencySpec& spec = spec_.currencies[i];
    out_.has_lots |= out_.currencies[i].has_lots;
    if (out_.currencies[i].has_lots && spec.floor != 0) {
      Error(spec.floor_at,
            absl::StrCat("currency \"", spec.id.text,
                         "\" has a floor, and units that are spent or expire"),
            "Leave floor out: nobody spends what they do not have. What a "
            "reversal may take below 0 is said by shortfall.");
    }
    if (out_.currencies[i].has_lots && spec.opening < 0) {
      Error(spec.opening_at, absl::StrCat("currency \"", spec.id.text,
                                          "\": opening is below 0"));
    }
  }
}

std::optional<absl::Time> Compiler::TimeOf(const model::Text& text,
                                           const std::string& where) {
  if (text.empty()) return std::nullopt;
  const absl::StatusOr<Value> time =
      ParseLiteral(text.text, model::Type::kTime);
  if (time.ok()) return std::get<absl::Time>(time->get());
  Error(text.at, absl::StrCat(where, ": ", time.status().message()),
        "Write it as \"2026-03-01T00:00:00Z\".");
  return std::nullopt;
}

// Rewards are asked for by an event of a type of its own, whose attributes and
// standings their conditions read.
void Compiler::RedeemType() {
  if (spec_.rewards.empty()) return;
  EventType type;
  type.id = std::string(kRedeem);
  type.attributes.push_back({.name = "reward",
                             .type = model::Type::kString,
                             .required = true,
                             .default_value = std::nullopt});
  type.attributes.push_back({.name = "quantity",
                             .type = model::Type::kInt,
                             .default_value = Value(int64_t{1})});
  out_.event_type_index.emplace(type.id,
                                static_cast<int>(out_.event_types.size()));
  out_.event_types.push_back(std::move(type));
}

void Compiler::RewardsOf(EventType& type) {
  if (type.id != kRedeem) return;
  CheckCount(spec_.rewards.size(), 10'000, "rewards");
  std::set<std::string> seen;
  for (const model::RewardSpec& spec : spec_.rewards) {
    if (IsFull()) return;
    if (!ValidId(spec.id, "reward", true)) continue;
    Unique(seen, spec.id, "reward");
    Reward reward = CompiledReward(type, spec);
    out_.reward_index.emplace(reward.id, static_cast<int>(out_.rewards.size()));
    out_.rewards.push_back(std::move(reward));
  }
}

Reward Compiler::CompiledReward(EventType& type,
                                const model::RewardSpec& spec) {
  const std::string what = absl::StrCat("reward \"", spec.id.text, "\"");
  Reward reward{.id = spec.id.text,
                .symbol = spec.id.text,
                .describe = spec.describe.text,
                .costs = CostsOf(spec, what),
                .stock = spec.stock,
                .stock_counter = "stock:" + spec.id.text};
  if (spec.stock < 0 || spec.stock > kMostStock) {
    Error(spec.stock_at, absl::StrCat(what, ": stock is ", spec.stock),
          absl::StrCat("Use 0 for any number, or up to ", kMostStock, "."));
  }
  if (!spec.when.empty()) {
    reward.when = Expression(spec.when, Scope::kAward, cel::Type::Bool(),
                             what + ", when");
    Note(type, reward.when);
  }
  reward.only_for_some = spec.only_for_some;
  reward.cancel_after_fulfil = spec.cancel_after_fulfil;
  if (spec.only_for_some && spec.when.empty()) {
    Error(spec.only_for_some_at, what + " is only for some, and not for whom",
          "Say it with when: \"level.expert >= 2\".");
  }
  for (size_t i = 0; i < spec.limits.size(); ++i) {
    const model::RewardLimitSpec& limit = spec.limits[i];
    InRange(limit.times, 1, limit.at, what + ", limit: times");
    reward.limits.push_back(
        {.per = limit.per,
         .most = limit.times,
         .counter = absl::StrCat("reward:", reward.id, "/", i)});
    NotePeriod(type, limit.per);
  }
  reward.from = TimeOf(spec.from, what + ", from");
  reward.until = TimeOf(spec.until, what + ", until");
  if (reward.from && reward.until && *reward.until <= *reward.from) {
    Error(spec.until.at, what + " ends before it begins");
  }
  reward.hold_for = SpanOf(spec.hold_for, what + ", hold_for");
  // Units that are held do not expire: so not for long.
  if (reward.hold_for.has_value() &&
      absl::Hours(24 * reward.hold_for->days) + reward.hold_for->rest >
          absl::Hours(24 * kMostHoldDays)) {
    Error(spec.hold_for.at, what + ": hold_for is too long",
          absl::StrCat("The most is ", kMostHoldDays, "d."));
  }
  if (spec.voucher.has_value()) reward.voucher = VoucherOf(spec, what);
  out_.has_vouchers |= reward.voucher.has_value();
  return reward;
}

VoucherTerms Compiler::VoucherOf(const model::RewardSpec& spec,
                                 const std::string& what) {
  const model::VoucherSpec& voucher = *spec.voucher;
  VoucherTerms terms{
      .valid_for = SpanOf(voucher.valid_for, what + ", voucher: valid_for"),
      .imported = voucher.imported};
  if (terms.valid_for.has_value() &&
      absl::Hours(24 * terms.valid_for->days) + terms.valid_for->rest <=
          absl::ZeroDuration()) {
    Error(voucher.valid_for.at, what + ", voucher: valid_for is no time at all",
          "Leave it out for vouchers that do not expire.");
  }
  if (terms.imported) {
    terms.imported_counter = "imported:" + spec.id.text;
    terms.given_counter = "given:" + spec.id.text;
    terms.pool_counter = "pool:" + spec.id.text;
  }
  return terms;
}

std::vector<Cost> Compiler::CostsOf(const model::RewardSpec& spec,
                                    const std::string& what) {
  std::vector<Cost> costs;
  std::set<std::string> seen;
  std::vector<std::string> known;
  for (const Currency& c : out_.currencies) {
    if (c.spendable) known.push_back(c.id);
  }
  if (spec.costs.empty()) {
    Error(spec.id.at, what + " has no cost",
          "If it is free, say in which currency's statement its redemptions "
          "stand: cost { currency: \"" +
              (known.empty() ? "points" : known.front()) + "\" units: 0 }");
  }
  for (const model::CostSpec& cost : spec.costs) {
    const int currency = out_.CurrencyIndex(cost.currency.text);
    if (currency < 0 || !out_.currencies[currency].spendable) {
      Error(cost.at,
            absl::StrCat(
                what, ", cost: currency \"", cost.currency.text,
                currency < 0 ? "\" is not declared" : "\" is not spendable"),
            base::DidYouMean(cost.currency.text, known));
      continue;
    }
    Unique(seen, cost.currency, what + ", cost: currency");
    if (!cost.units.has_value()) {
      Error(cost.at, what + ", cost: units are missing",
            "Say how many; units: 0 if it is free.");
      continue;
    }
    InRange(*cost.units, 0, cost.at, what + ", cost: units");
    costs.push_back({.currency = currency, .units = *cost.units});
  }
  return costs;
}

const Reward* CompiledProgram::FindReward(const std::string& id) const {
  const auto found = reward_index.find(id);
  return found == reward_index.end() ? nullptr : &rewards[found->second];
}

}  // namespace loyalty::rules
