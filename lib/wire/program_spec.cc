// SPDX-License-Identifier: Apache-2.0
//
// See program_spec.h. One function for each message, in the order of the proto;
// those of ladders and leaderboards are in standing_spec.cc.
#include "wire/program_spec.h"

#include <string>
#include <vector>

#include "wire/spec_parts.h"

namespace loyalty::wire {
namespace {

model::Type TypeOf(v1::Type type) {
  switch (type) {
    case v1::INT: return model::Type::kInt;
    case v1::DOUBLE: return model::Type::kDouble;
    case v1::STRING: return model::Type::kString;
    case v1::BOOL: return model::Type::kBool;
    case v1::TIME: return model::Type::kTime;
    case v1::DURATION: return model::Type::kDuration;
    case v1::MEMBER: return model::Type::kMember;
    case v1::OBJECT: return model::Type::kObject;
    case v1::MAP: return model::Type::kMap;
    default: return model::Type::kUnspecified;
  }
}

model::LimitSpec::Key KeyOf(v1::Limit::Key key) {
  switch (key) {
    case v1::Limit::PAIR: return model::LimitSpec::Key::kPair;
    case v1::Limit::OBJECT: return model::LimitSpec::Key::kObject;
    case v1::Limit::CHANNEL: return model::LimitSpec::Key::kChannel;
    default: return model::LimitSpec::Key::kMember;
  }
}

model::ParameterSpec ParameterOf(const v1::Parameter& parameter,
                                 const Places& at) {
  using P = v1::Parameter;
  const bool has_type = parameter.type() != v1::TYPE_UNSPECIFIED;
  return {.id = TextIn(at, P::kIdFieldNumber, parameter.id()),
          .type = has_type ? TypeOf(parameter.type()) : model::Type::kInt,
          .default_value =
              TextIn(at, P::kDefaultFieldNumber, parameter.default_())};
}

model::Shortfall ShortfallOf(v1::Currency::Shortfall shortfall) {
  switch (shortfall) {
    case v1::Currency::CLAMP: return model::Shortfall::kClamp;
    case v1::Currency::REJECT: return model::Shortfall::kReject;
    default: return model::Shortfall::kDebt;
  }
}

// The fields of that name of a currency or an award.
template <typename Message>
model::LotTermsSpec LotTermsOf(const Message& message, const Places& at) {
  return {.pending_for = TextIn(at, Message::kPendingForFieldNumber,
                                message.pending_for()),
          .expires_after = TextIn(at, Message::kExpiresAfterFieldNumber,
                                  message.expires_after()),
          .expires_at_end_of = PeriodOf(message.expires_at_end_of())};
}

model::CurrencySpec CurrencyOf(const v1::Currency& currency, const Places& at) {
  using C = v1::Currency;
  model::CurrencySpec spec;
  spec.id = TextIn(at, C::kIdFieldNumber, currency.id());
  spec.describe = TextIn(at, C::kDescribeFieldNumber, currency.describe());
  spec.opening = currency.opening();
  spec.opening_at = PlaceIn(at, C::kOpeningFieldNumber);
  spec.floor = currency.floor();
  spec.floor_at = PlaceIn(at, C::kFloorFieldNumber);
  spec.spendable = currency.spendable();
  spec.lot_terms = LotTermsOf(currency, at);
  spec.shortfall = ShortfallOf(currency.shortfall());
  spec.shortfall_at = PlaceIn(at, C::kShortfallFieldNumber);
  spec.grace = TextIn(at, C::kGraceFieldNumber, currency.grace());
  spec.max_transfer_per_day = currency.max_transfer_per_day();
  spec.max_transfer_at = PlaceIn(at, C::kMaxTransferPerDayFieldNumber);
  spec.max_adjustment = currency.max_adjustment();
  spec.max_adjustment_at = PlaceIn(at, C::kMaxAdjustmentFieldNumber);
  if (currency.has_daily_cap()) {
    const Places& cap_at = Inside(at, C::kDailyCapFieldNumber);
    spec.daily_cap =
        model::DailyCapSpec{currency.daily_cap().units(), cap_at.at,
                            TextsIn(cap_at, v1::DailyCap::kExemptFieldNumber,
                                    currency.daily_cap().exempt())};
  }
  return spec;
}

model::RecallSpec RecallOf(const v1::Recall& recall, const Places& at) {
  using R = v1::Recall;
  return {.at = at.at,
          .event = TextIn(at, R::kEventFieldNumber, recall.event()),
          .value = TextIn(at, R::kValueFieldNumber, recall.value()),
          .about = TextIn(at, R::kAboutFieldNumber, recall.about()),
          .of = TextIn(at, R::kOfFieldNumber, recall.of()),
          .first = recall.first()};
}

model::AttributeSpec AttributeOf(const v1::Attribute& attribute,
                                 const Places& at) {
  using A = v1::Attribute;
  model::AttributeSpec spec;
  spec.name = TextIn(at, A::kNameFieldNumber, attribute.name());
  spec.type = TypeOf(attribute.type());
  spec.list = attribute.list();
  spec.required = attribute.required();
  spec.personal = attribute.personal();
  spec.refers = attribute.refers();
  if (!attribute.default_().empty()) {
    spec.default_value =
        TextIn(at, A::kDefaultFieldNumber, attribute.default_());
  }
  if (attribute.has_recall()) {
    spec.recall =
        RecallOf(attribute.recall(), Inside(at, A::kRecallFieldNumber));
  }
  return spec;
}

model::EventTypeSpec EventTypeOf(const v1::EventType& type, const Places& at) {
  using E = v1::EventType;
  model::EventTypeSpec spec;
  spec.id = TextIn(at, E::kIdFieldNumber, type.id());
  SpecsIn(at, E::kAttributeFieldNumber, type.attribute(), AttributeOf,
          spec.attributes);
  return spec;
}

model::MetricSpec MetricOf(const v1::Metric& metric, const Places& at) {
  using M = v1::Metric;
  return {.id = TextIn(at, M::kIdFieldNumber, metric.id()),
          .on = TextsIn(at, M::kOnFieldNumber, metric.on()),
          .per = TextIn(at, M::kPerFieldNumber, metric.per()),
          .sum = TextIn(at, M::kSumFieldNumber, metric.sum()),
          .when = TextIn(at, M::kWhenFieldNumber, metric.when()),
          .max = TextIn(at, M::kMaxFieldNumber, metric.max()),
          .distinct = TextIn(at, M::kDistinctFieldNumber, metric.distinct()),
          .days = metric.days(),
          .days_at = PlaceIn(at, M::kDaysFieldNumber),
          .by = TextIn(at, M::kByFieldNumber, metric.by()),
          .period = PeriodOf(metric.period()),
          .period_at = PlaceIn(at, M::kPeriodFieldNumber),
          .within = TextIn(at, M::kWithinFieldNumber, metric.within()),
          .earned = TextIn(at, M::kEarnedFieldNumber, metric.earned()),
          .among = TextIn(at, M::kAmongFieldNumber, metric.among()),
          .at_least = metric.at_least(),
          .at_least_at = PlaceIn(at, M::kAtLeastFieldNumber),
          .before = TextIn(at, M::kBeforeFieldNumber, metric.before())};
}

model::LimitSpec LimitOf(const v1::Limit& limit, const Places& at) {
  model::LimitSpec spec;
  spec.at = at.at;
  spec.per = PeriodOf(limit.per());
  if (limit.has_times()) spec.times = limit.times();
  if (limit.has_units()) spec.units = limit.units();
  spec.key = KeyOf(limit.key());
  using L = v1::Limit;
  spec.group = TextIn(at, L::kGroupFieldNumber, limit.group());
  spec.rolling = limit.rolling();
  spec.within = TextIn(at, L::kWithinFieldNumber, limit.within());
  spec.cooldown = TextIn(at, L::kCooldownFieldNumber, limit.cooldown());
  spec.by = TextIn(at, L::kByFieldNumber, limit.by());
  return spec;
}

base::Rounding RoundingOf(v1::Rounding rounding) {
  switch (rounding) {
    case v1::NEAREST: return base::Rounding::kNearest;
    case v1::UP: return base::Rounding::kUp;
    default: return base::Rounding::kDown;
  }
}

uint8_t WeekdaysIn(const google::protobuf::RepeatedField<int>& days) {
  uint8_t weekdays = 0;
  for (const int day : days) {
    if (day > 0) weekdays |= static_cast<uint8_t>(1 << (day - 1));
  }
  return weekdays;
}

model::DuringSpec DuringOf(const v1::During& during, const Places& at) {
  using D = v1::During;
  model::DuringSpec spec;
  spec.at = at.at;
  spec.from = TextIn(at, D::kFromFieldNumber, during.from());
  spec.until = TextIn(at, D::kUntilFieldNumber, during.until());
  spec.weekdays = WeekdaysIn(during.weekday());
  spec.hours = TextsIn(at, D::kHoursFieldNumber, during.hours());
  return spec;
}

model::SegmentSpec SegmentOf(const v1::Segment& segment, const Places& at) {
  using S = v1::Segment;
  return {.id = TextIn(at, S::kIdFieldNumber, segment.id()),
          .when = TextIn(at, S::kWhenFieldNumber, segment.when())};
}

model::CampaignSpec CampaignOf(const v1::Campaign& campaign, const Places& at) {
  using C = v1::Campaign;
  return {.id = TextIn(at, C::kIdFieldNumber, campaign.id()),
          .announce_from =
              TextIn(at, C::kAnnounceFromFieldNumber, campaign.announce_from()),
          .from = TextIn(at, C::kFromFieldNumber, campaign.from()),
          .until = TextIn(at, C::kUntilFieldNumber, campaign.until())};
}

model::MultiplierSpec MultiplierOf(const v1::Multiplier& multiplier,
                                   const Places& at) {
  using M = v1::Multiplier;
  model::MultiplierSpec spec;
  spec.id = TextIn(at, M::kIdFieldNumber, multiplier.id());
  spec.campaign = TextIn(at, M::kCampaignFieldNumber, multiplier.campaign());
  if (multiplier.has_during()) {
    spec.during =
        DuringOf(multiplier.during(), Inside(at, M::kDuringFieldNumber));
  }
  spec.segments = TextsIn(at, M::kSegmentFieldNumber, multiplier.segment());
  spec.currencies = TextsIn(at, M::kCurrencyFieldNumber, multiplier.currency());
  spec.rules = TextsIn(at, M::kRuleFieldNumber, multiplier.rule());
  spec.on = TextsIn(at, M::kOnFieldNumber, multiplier.on());
  spec.when = TextIn(at, M::kWhenFieldNumber, multiplier.when());
  spec.factor = TextIn(at, M::kFactorFieldNumber, multiplier.factor());
  spec.rounding = RoundingOf(multiplier.round());
  return spec;
}

model::BudgetSpec BudgetOf(const v1::Budget& budget, const Places& at) {
  return {.at = at.at,
          .per = PeriodOf(budget.per()),
          .units = budget.units(),
          .currency =
              TextIn(at, v1::Budget::kCurrencyFieldNumber, budget.currency())};
}

model::Stacking StackingOf(v1::Stacking stacking) {
  switch (stacking) {
    case v1::ADDITIVE: return model::Stacking::kAdditive;
    case v1::HIGHEST: return model::Stacking::kHighest;
    default: return model::Stacking::kCompound;
  }
}

model::AwardSpec AwardOf(const v1::Award& award, const Places& at) {
  using A = v1::Award;
  model::AwardSpec spec;
  spec.at = at.at;
  spec.to = TextIn(at, A::kToFieldNumber, award.to());
  spec.currency = TextIn(at, A::kCurrencyFieldNumber, award.currency());
  spec.units = TextIn(at, A::kUnitsFieldNumber, award.units());
  spec.when = TextIn(at, A::kWhenFieldNumber, award.when());
  SpecsIn(at, A::kLimitFieldNumber, award.limit(), LimitOf, spec.limits);
  spec.self_allowed = award.self() == v1::Award::ALLOW;
  spec.lot_terms = LotTermsOf(award, at);
  spec.factor = TextIn(at, A::kFactorFieldNumber, award.factor());
  spec.rounding = RoundingOf(award.round());
  if (award.multiply() != v1::Award::FORMULA) {
    spec.multiply = award.multiply() == v1::Award::YES;
  }
  return spec;
}

model::RuleSpec RuleOf(const v1::Rule& rule, const Places& at) {
  using R = v1::Rule;
  model::RuleSpec spec;
  spec.id = TextIn(at, R::kIdFieldNumber, rule.id());
  spec.describe = TextIn(at, R::kDescribeFieldNumber, rule.describe());
  spec.on = TextsIn(at, R::kOnFieldNumber, rule.on());
  spec.when = TextIn(at, R::kWhenFieldNumber, rule.when());
  SpecsIn(at, R::kAwardFieldNumber, rule.award(), AwardOf, spec.awards);
  SpecsIn(at, R::kLimitFieldNumber, rule.limit(), LimitOf, spec.limits);
  spec.campaign = TextIn(at, R::kCampaignFieldNumber, rule.campaign());
  if (rule.has_during()) {
    spec.during = DuringOf(rule.during(), Inside(at, R::kDuringFieldNumber));
  }
  spec.stop = rule.stop();
  SpecsIn(at, R::kBudgetFieldNumber, rule.budget(), BudgetOf, spec.budgets);
  if (rule.has_reverse_object()) {
    using O = v1::ReverseObject;
    const O& object = rule.reverse_object();
    const Places& inside = Inside(at, R::kReverseObjectFieldNumber);
    spec.reverse_object = model::ReverseObjectSpec{
        .at = inside.at,
        .object = TextIn(inside, O::kObjectFieldNumber, object.object()),
        .rules = TextsIn(inside, O::kRuleFieldNumber, object.rule()),
        .keep = TextsIn(inside, O::kKeepFieldNumber, object.keep())};
  }
  if (rule.has_reverse_event()) {
    const Places& inside = Inside(at, R::kReverseEventFieldNumber);
    spec.reverse_event = model::ReverseEventSpec{
        .at = inside.at,
        .event = TextIn(inside, v1::ReverseEvent::kEventFieldNumber,
                        rule.reverse_event().event())};
  }
  return spec;
}

model::BadgeClass ClassOf(v1::Badge::Class of) {
  switch (of) {
    case v1::Badge::BRONZE: return model::BadgeClass::kBronze;
    case v1::Badge::SILVER: return model::BadgeClass::kSilver;
    case v1::Badge::GOLD: return model::BadgeClass::kGold;
    default: return model::BadgeClass::kNone;
  }
}

model::Passing PassingOf(v1::Badge::Passing of) {
  switch (of) {
    case v1::Badge::END_OF_DAY: return model::Passing::kEndOfDay;
    case v1::Badge::END_OF_WEEK: return model::Passing::kEndOfWeek;
    case v1::Badge::END_OF_MONTH: return model::Passing::kEndOfMonth;
    case v1::Badge::END_OF_YEAR: return model::Passing::kEndOfYear;
    case v1::Badge::ANNIVERSARY: return model::Passing::kAnniversary;
    default: return model::Passing::kNo;
  }
}

model::BadgeSpec BadgeOf(const v1::Badge& badge, const Places& at) {
  using B = v1::Badge;
  model::BadgeSpec spec;
  spec.id = TextIn(at, B::kIdFieldNumber, badge.id());
  model::RuleSpec& rule = spec.rule;
  rule.id = {"badge:" + spec.id.text, spec.id.at};
  rule.describe = TextIn(at, B::kDescribeFieldNumber, badge.describe());
  rule.on = TextsIn(at, B::kOnFieldNumber, badge.on());
  rule.when = TextIn(at, B::kWhenFieldNumber, badge.when());
  SpecsIn(at, B::kAwardFieldNumber, badge.award(), AwardOf, rule.awards);
  rule.campaign = TextIn(at, B::kCampaignFieldNumber, badge.campaign());
  if (badge.has_during()) {
    rule.during = DuringOf(badge.during(), Inside(at, B::kDuringFieldNumber));
  }
  spec.badge_class = ClassOf(badge.class_());
  spec.to = TextIn(at, B::kToFieldNumber, badge.to());
  spec.per = TextIn(at, B::kPerFieldNumber, badge.per());
  spec.count = TextIn(at, B::kCountFieldNumber, badge.count());
  spec.revoke = badge.revoke();
  spec.revoke_at = PlaceIn(at, B::kRevokeFieldNumber);
  spec.manual = badge.manual();
  spec.keep = TextIn(at, B::kKeepFieldNumber, badge.keep());
  spec.asked_at = PassingOf(badge.asked_at());
  spec.asked_at_at = PlaceIn(at, B::kAskedAtFieldNumber);
  spec.anniversary_of =
      TextIn(at, B::kAnniversaryOfFieldNumber, badge.anniversary_of());
  return spec;
}

model::ReachSpec ReachOf(const v1::Reach& reach, const Places& at) {
  using R = v1::Reach;
  model::ReachSpec spec{
      .at_place = at.at,
      .at = reach.at(),
      .every = reach.every(),
      .describe = TextIn(at, R::kDescribeFieldNumber, reach.describe()),
      .revoke = reach.revoke(),
      .revoke_at = PlaceIn(at, R::kRevokeFieldNumber)};
  SpecsIn(at, R::kAwardFieldNumber, reach.award(), AwardOf, spec.awards);
  return spec;
}

model::StreakSpec StreakOf(const v1::Streak& streak, const Places& at) {
  using S = v1::Streak;
  model::StreakSpec spec;
  spec.id = TextIn(at, S::kIdFieldNumber, streak.id());
  spec.describe = TextIn(at, S::kDescribeFieldNumber, streak.describe());
  spec.on = TextsIn(at, S::kOnFieldNumber, streak.on());
  spec.when = TextIn(at, S::kWhenFieldNumber, streak.when());
  spec.per = TextIn(at, S::kPerFieldNumber, streak.per());
  spec.every = PeriodOf(streak.every());
  spec.every_at = PlaceIn(at, S::kEveryFieldNumber);
  spec.weekdays = WeekdaysIn(streak.weekday());
  spec.weekdays_at = PlaceIn(at, S::kWeekdayFieldNumber);
  const Places& freeze = Inside(at, S::kFreezeFieldNumber);
  spec.freeze_at = freeze.at;
  spec.freeze_every = streak.freeze().every();
  spec.freeze_max = streak.freeze().max();
  spec.freeze_lasts =
      TextIn(freeze, v1::Freeze::kLastsFieldNumber, streak.freeze().lasts());
  SpecsIn(at, S::kReachFieldNumber, streak.reach(), ReachOf, spec.reaches);
  return spec;
}

model::StepSpec StepOf(const v1::Step& step, const Places& at) {
  using S = v1::Step;
  return {.id = TextIn(at, S::kIdFieldNumber, step.id()),
          .describe = TextIn(at, S::kDescribeFieldNumber, step.describe()),
          .on = TextsIn(at, S::kOnFieldNumber, step.on()),
          .when = TextIn(at, S::kWhenFieldNumber, step.when()),
          .per = TextIn(at, S::kPerFieldNumber, step.per()),
          .sum = TextIn(at, S::kSumFieldNumber, step.sum()),
          .value = TextIn(at, S::kValueFieldNumber, step.value()),
          .goal = step.goal() == 0 ? 1 : step.goal(),
          .goal_at = PlaceIn(at, S::kGoalFieldNumber)};
}

model::QuestSpec QuestOf(const v1::Quest& quest, const Places& at) {
  using Q = v1::Quest;
  model::QuestSpec spec;
  spec.id = TextIn(at, Q::kIdFieldNumber, quest.id());
  spec.describe = TextIn(at, Q::kDescribeFieldNumber, quest.describe());
  spec.on_request = quest.join() == v1::Quest::REQUEST;
  spec.when = TextIn(at, Q::kWhenFieldNumber, quest.when());
  spec.from = TextIn(at, Q::kFromFieldNumber, quest.from());
  spec.until = TextIn(at, Q::kUntilFieldNumber, quest.until());
  spec.period = PeriodOf(quest.period());
  if (quest.has_times()) spec.times = quest.times();
  spec.times_at = PlaceIn(at, Q::kTimesFieldNumber);
  SpecsIn(at, Q::kStepFieldNumber, quest.step(), StepOf, spec.steps);
  spec.in_order = quest.in_order();
  SpecsIn(at, Q::kAwardFieldNumber, quest.award(), AwardOf, spec.awards);
  spec.revoke = quest.revoke();
  spec.together = TextIn(at, Q::kTogetherFieldNumber, quest.together());
  if (quest.has_min_contribution())
    spec.min_contribution = quest.min_contribution();
  spec.min_contribution_at = PlaceIn(at, Q::kMinContributionFieldNumber);
  return spec;
}

model::CostSpec CostOf(const v1::Cost& cost, const Places& at) {
  return {
      .at = at.at,
      .currency = TextIn(at, v1::Cost::kCurrencyFieldNumber, cost.currency()),
      .units = cost.has_units() ? std::optional<int64_t>(cost.units())
                                : std::nullopt};
}

model::RewardLimitSpec RewardLimitOf(const v1::RewardLimit& limit,
                                     const Places& at) {
  return {.at = at.at, .per = PeriodOf(limit.per()), .times = limit.times()};
}

model::VoucherSpec VoucherOf(const v1::Voucher& voucher, const Places& at) {
  return {.at = at.at,
          .valid_for = TextIn(at, v1::Voucher::kValidForFieldNumber,
                              voucher.valid_for()),
          .imported = voucher.imported()};
}

model::RewardSpec RewardOf(const v1::Reward& reward, const Places& at) {
  using R = v1::Reward;
  model::RewardSpec spec;
  spec.id = TextIn(at, R::kIdFieldNumber, reward.id());
  spec.describe = TextIn(at, R::kDescribeFieldNumber, reward.describe());
  SpecsIn(at, R::kCostFieldNumber, reward.cost(), CostOf, spec.costs);
  spec.when = TextIn(at, R::kWhenFieldNumber, reward.when());
  spec.stock = reward.stock();
  spec.stock_at = PlaceIn(at, R::kStockFieldNumber);
  SpecsIn(at, R::kLimitFieldNumber, reward.limit(), RewardLimitOf, spec.limits);
  spec.from = TextIn(at, R::kFromFieldNumber, reward.from());
  spec.until = TextIn(at, R::kUntilFieldNumber, reward.until());
  spec.hold_for = TextIn(at, R::kHoldForFieldNumber, reward.hold_for());
  spec.cancel_after_fulfil = reward.cancel_after_fulfil();
  spec.only_for_some = reward.only_for_some();
  spec.only_for_some_at = PlaceIn(at, R::kOnlyForSomeFieldNumber);
  if (reward.has_voucher()) {
    spec.voucher =
        VoucherOf(reward.voucher(), Inside(at, R::kVoucherFieldNumber));
  }
  return spec;
}

}  // namespace

model::ProgramSpec SpecOf(const v1::Program& program, const Places& at) {
  using P = v1::Program;
  model::ProgramSpec spec;
  spec.name = TextIn(at, P::kNameFieldNumber, program.name());
  spec.version = TextIn(at, P::kVersionFieldNumber, program.version());
  spec.time_zone = TextIn(at, P::kTimeZoneFieldNumber, program.time_zone());
  spec.max_ahead = TextIn(at, P::kMaxAheadFieldNumber, program.max_ahead());
  spec.never_earns =
      TextsIn(at, P::kNeverEarnsFieldNumber, program.never_earns());
  SpecsIn(at, P::kParameterFieldNumber, program.parameter(), ParameterOf,
          spec.parameters);
  SpecsIn(at, P::kCurrencyFieldNumber, program.currency(), CurrencyOf,
          spec.currencies);
  SpecsIn(at, P::kEventTypeFieldNumber, program.event_type(), EventTypeOf,
          spec.event_types);
  SpecsIn(at, P::kMetricFieldNumber, program.metric(), MetricOf, spec.metrics);
  SpecsIn(at, P::kRuleFieldNumber, program.rule(), RuleOf, spec.rules);
  SpecsIn(at, P::kLadderFieldNumber, program.ladder(), LadderOf, spec.ladders);
  SpecsIn(at, P::kRewardFieldNumber, program.reward(), RewardOf, spec.rewards);
  SpecsIn(at, P::kSegmentFieldNumber, program.segment(), SegmentOf,
          spec.segments);
  SpecsIn(at, P::kCampaignFieldNumber, program.campaign(), CampaignOf,
          spec.campaigns);
  SpecsIn(at, P::kMultiplierFieldNumber, program.multiplier(), MultiplierOf,
          spec.multipliers);
  spec.stacking = StackingOf(program.stacking());
  SpecsIn(at, P::kBudgetFieldNumber, program.budget(), BudgetOf, spec.budgets);
  spec.enrolment_required = program.enrolment() == P::REQUIRED;
  SpecsIn(at, P::kBadgeFieldNumber, program.badge(), BadgeOf, spec.badges);
  SpecsIn(at, P::kLeaderboardFieldNumber, program.leaderboard(), LeaderboardOf,
          spec.leaderboards);
  SpecsIn(at, P::kStreakFieldNumber, program.streak(), StreakOf, spec.streaks);
  SpecsIn(at, P::kQuestFieldNumber, program.quest(), QuestOf, spec.quests);
  return spec;
}

}  // namespace loyalty::wire
