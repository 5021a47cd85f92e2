// SPDX-License-Identifier: Apache-2.0
//
// See record.h, and proto/loyalty/v1/journal.proto.
#include "store/record.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "store/times.h"
#include "wire/values.h"

namespace loyalty::store {
namespace {

using model::Movement;

template <typename... Ts>
struct OneOf : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
OneOf(Ts...) -> OneOf<Ts...>;

// In the direction that the kind names (outcome.h).
int64_t UnitsTold(const Movement& m) {
  switch (m.kind) {
    case Movement::Kind::kHold:
    case Movement::Kind::kFulfilment:
    case Movement::Kind::kRelease: return m.asked;
    case Movement::Kind::kRedemption:
    case Movement::Kind::kCapture:
    case Movement::Kind::kExpiry: return -m.units;
    default: return m.units;
  }
}

// What a movement says to people. Effects that say just this are not kept
// twice.
Effect EffectOf(const Movement& m) {
  switch (m.kind) {
    case Movement::Kind::kOpening:
      return Opened{
          .member = m.member, .currency = m.currency, .units = m.units};
    case Movement::Kind::kReversal:
      return Reversed{.member = m.member,
                      .currency = m.currency,
                      .units = m.units,
                      .awards = static_cast<int64_t>(m.reverses.size()) +
                                (m.of.has_value() ? 1 : 0)};
    case Movement::Kind::kAward:
      return Awarded{.member = m.member,
                     .currency = m.currency,
                     .rule = m.rule,
                     .asked = m.asked,
                     .limited = m.limited,
                     .units = m.units,
                     .cut = m.cut};
    case Movement::Kind::kBudgetCut:
      return Awarded{.member = m.member,
                     .currency = m.currency,
                     .rule = m.rule,
                     .asked = m.asked,
                     .cut = m.cut};
    case Movement::Kind::kBadge:
    case Movement::Kind::kBadgeLost:
      return Badge{.member = m.member,
                   .badge = m.rule,
                   .object = m.subject,
                   .won = m.kind == Movement::Kind::kBadge};
    default: break;
  }
  return Moved{.kind = static_cast<Moved::Kind>(m.kind),
               .member = m.member,
               .currency = m.currency,
               .source = m.rule,
               .units = UnitsTold(m)};
}

bool IsOfBadge(Movement::Kind kind) {
  return kind == Movement::Kind::kBadge || kind == Movement::Kind::kBadgeLost;
}

// A badge whose object is not the event's target, but in the record.
bool IsOfAnotherObject(Movement::Kind kind, int64_t award) {
  return IsOfBadge(kind) && award == 2;
}

// Strings that name members become numbers, in lists too.
absl::Status NumberMembers(Numberer& numbers, v1::Value& value) {
  if (value.kind_case() == v1::Value::kString) {
    ASSIGN_OR_RETURN(const int64_t member,
                     numbers.MemberNumber(value.string()));
    value.set_member(static_cast<uint64_t>(member));
  } else if (value.kind_case() == v1::Value::kList) {
    for (v1::Value& item : *value.mutable_list()->mutable_value()) {
      RETURN_IF_ERROR(NumberMembers(numbers, item));
    }
  }
  return absl::OkStatus();
}

absl::Status NameMembers(Names& names, v1::Value& value) {
  if (value.kind_case() == v1::Value::kMember) {
    ASSIGN_OR_RETURN(*value.mutable_string(),
                     names.Member(static_cast<int64_t>(value.member())));
  } else if (value.kind_case() == v1::Value::kList) {
    for (v1::Value& item : *value.mutable_list()->mutable_value()) {
      RETURN_IF_ERROR(NameMembers(names, item));
    }
  }
  return absl::OkStatus();
}

// Whether `effect` says of `m` what EffectOf does.
bool Tells(const Effect& effect, const Movement& m) {
  if (const auto* awarded = std::get_if<Awarded>(&effect);
      awarded != nullptr && m.kind != Movement::Kind::kBudgetCut) {
    return m.kind == Movement::Kind::kAward && awarded->units == m.units &&
           awarded->asked == m.asked && awarded->limited == m.limited &&
           awarded->cut == m.cut && awarded->member == m.member &&
           awarded->rule == m.rule.text() &&
           awarded->currency == m.currency.text();
  }
  if (std::holds_alternative<LevelChanged>(effect) ||
      std::holds_alternative<BadgeDue>(effect) ||
      std::holds_alternative<StreakMoved>(effect) ||
      std::holds_alternative<QuestMoved>(effect)) {
    return false;
  }
  return effect == EffectOf(m);
}

absl::StatusOr<uint64_t> Numbered(absl::StatusOr<int64_t> number) {
  if (!number.ok()) return number.status();
  return static_cast<uint64_t>(*number);
}

bool Has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Wraps where bytes of a damaged file say what cannot be.
int64_t Minus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) -
                              static_cast<uint64_t>(b));
}

std::optional<int64_t> MicrosUnlessNever(absl::Time time) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) {
    return std::nullopt;
  }
  return MicrosOf(time);
}

absl::Time TimeOr(const std::optional<int64_t>& micros, absl::Time never) {
  return micros.has_value() ? TimeOf(*micros) : never;
}

int64_t SecondOf(int64_t micros) {
  constexpr int64_t kSecond = 1'000'000;
  return micros / kSecond - (micros % kSecond < 0 ? 1 : 0);
}

class EffectWriter {
 public:
  EffectWriter(Numberer& numbers, v1::RecordedEffect& out)
      : numbers_(numbers), out_(out) {}

  absl::Status operator()(const Awarded& e) {
    v1::RecordedAward& award = *out_.mutable_award();
    if (!e.member.empty()) {
      ASSIGN_OR_RETURN(const uint64_t member,
                       Numbered(numbers_.MemberNumber(e.member)));
      award.set_member(member);
    }
    ASSIGN_OR_RETURN(const uint64_t currency,
                     Numbered(numbers_.TextNumber(e.currency)));
    ASSIGN_OR_RETURN(const uint64_t rule,
                     Numbered(numbers_.TextNumber(e.rule)));
    award.set_currency(currency);
    award.set_rule(rule);
    award.set_asked(e.asked);
    award.set_limited(e.limited);
    award.set_units(e.units);
    award.set_cut(static_cast<int32_t>(e.cut));
    return absl::OkStatus();
  }
  absl::Status operator()(const LevelChanged& e) {
    v1::RecordedLevel& level = *out_.mutable_level();
    ASSIGN_OR_RETURN(const uint64_t member,
                     Numbered(numbers_.MemberNumber(e.member)));
    ASSIGN_OR_RETURN(const uint64_t ladder,
                     Numbered(numbers_.TextNumber(e.ladder)));
    ASSIGN_OR_RETURN(const uint64_t from,
                     Numbered(numbers_.TextNumber(e.from)));
    ASSIGN_OR_RETURN(const uint64_t to, Numbered(numbers_.TextNumber(e.to)));
    level.set_member(member);
    level.set_ladder(ladder);
    level.set_from(from);
    level.set_to(to);
    level.set_up(e.up);
    level.set_why(static_cast<int32_t>(e.why));
    return absl::OkStatus();
  }
  absl::Status operator()(const BadgeDue& e) {
    v1::RecordedBadgeDue& due = *out_.mutable_badge_due();
    ASSIGN_OR_RETURN(const uint64_t member,
                     Numbered(numbers_.MemberNumber(e.member)));
    ASSIGN_OR_RETURN(const uint64_t id, Numbered(numbers_.TextNumber(e.badge)));
    due.set_member(member);
    due.set_badge(id);
    due.set_time(MicrosOf(e.time));
    return absl::OkStatus();
  }
  absl::Status operator()(const StreakMoved& e) {
    v1::RecordedStreak& streak = *out_.mutable_streak();
    ASSIGN_OR_RETURN(const uint64_t member,
                     Numbered(numbers_.MemberNumber(e.member)));
    ASSIGN_OR_RETURN(const uint64_t id,
                     Numbered(numbers_.TextNumber(e.streak)));
    streak.set_member(member);
    streak.set_streak(id);
    streak.set_length(e.length);
    streak.set_broken(e.broken);
    streak.set_frozen(e.frozen);
    return absl::OkStatus();
  }
  absl::Status operator()(const QuestMoved& e) {
    v1::RecordedQuest& quest = *out_.mutable_quest();
    ASSIGN_OR_RETURN(const uint64_t id, Numbered(numbers_.TextNumber(e.quest)));
    quest.set_quest(id);
    quest.set_kind(static_cast<int32_t>(e.kind));
    quest.set_progress(e.progress);
    quest.set_goal(e.goal);
    quest.set_object(e.object);
    if (e.kind == QuestMoved::Kind::kMet) return absl::OkStatus();
    ASSIGN_OR_RETURN(const uint64_t member,
                     Numbered(numbers_.MemberNumber(e.member)));
    quest.set_member(member);
    if (e.kind != QuestMoved::Kind::kProgressed) return absl::OkStatus();
    ASSIGN_OR_RETURN(const uint64_t step,
                     Numbered(numbers_.TextNumber(e.step)));
    quest.set_step(step);
    return absl::OkStatus();
  }
  absl::Status operator()(const Opened&) { return WithoutMovement(); }
  absl::Status operator()(const Reversed&) { return WithoutMovement(); }
  absl::Status operator()(const Moved&) { return WithoutMovement(); }
  absl::Status operator()(const Badge&) { return WithoutMovement(); }

 private:
  static absl::Status WithoutMovement() {
    return absl::InternalError(
        "an effect of units without a movement that says the same");
  }

  Numberer& numbers_;
  v1::RecordedEffect& out_;
};

absl::Status Unreadable(const char* what) {
  return absl::DataLossError(
      absl::StrCat("the ", what, " of an entry cannot be read"));
}

bool IsKindNumber(int64_t number) {
  return (number >= 1 && number <= 17) || number == 20 || number == 21;
}

bool IsCutNumber(int64_t number) {
  return number >= 0 && number <= INT32_MAX &&
         Name(static_cast<CutReason>(number)) != "unknown";
}
bool IsRejectNumber(int64_t number) {
  return number >= 0 && number <= INT32_MAX &&
         Name(static_cast<RejectReason>(number)) != "unknown";
}

absl::StatusOr<Effect> QuestOfRecord(const v1::RecordedQuest& in,
                                     Names& names) {
  QuestMoved moved{.kind = static_cast<QuestMoved::Kind>(in.kind()),
                   .progress = in.progress(),
                   .goal = in.goal(),
                   .object = in.object()};
  if (Name(moved.kind) == "unknown") return Unreadable("outcome");
  if (moved.kind != QuestMoved::Kind::kMet) {
    ASSIGN_OR_RETURN(moved.member,
                     names.Member(static_cast<int64_t>(in.member())));
  }
  ASSIGN_OR_RETURN(moved.quest, names.Symbol(static_cast<int64_t>(in.quest())));
  if (moved.kind == QuestMoved::Kind::kProgressed) {
    ASSIGN_OR_RETURN(moved.step, names.Symbol(static_cast<int64_t>(in.step())));
  }
  return moved;
}

absl::StatusOr<Effect> EffectOfRecord(const v1::RecordedEffect& in,
                                      Names& names) {
  switch (in.kind_case()) {
    case v1::RecordedEffect::kAward: {
      const v1::RecordedAward& award = in.award();
      if (!IsCutNumber(award.cut())) return Unreadable("outcome");
      Awarded awarded{.asked = award.asked(),
                      .limited = award.limited(),
                      .units = award.units(),
                      .cut = static_cast<CutReason>(award.cut())};
      if (award.member() != 0) {
        ASSIGN_OR_RETURN(awarded.member,
                         names.Member(static_cast<int64_t>(award.member())));
      }
      ASSIGN_OR_RETURN(awarded.currency,
                       names.Symbol(static_cast<int64_t>(award.currency())));
      ASSIGN_OR_RETURN(awarded.rule,
                       names.Symbol(static_cast<int64_t>(award.rule())));
      return awarded;
    }
    case v1::RecordedEffect::kLevel: {
      const v1::RecordedLevel& level = in.level();
      LevelChanged changed{.up = level.up(),
                           .why = static_cast<LevelChanged::Why>(level.why())};
      ASSIGN_OR_RETURN(changed.member,
                       names.Member(static_cast<int64_t>(level.member())));
      ASSIGN_OR_RETURN(changed.ladder,
                       names.Symbol(static_cast<int64_t>(level.ladder())));
      ASSIGN_OR_RETURN(changed.from,
                       names.Symbol(static_cast<int64_t>(level.from())));
      ASSIGN_OR_RETURN(changed.to,
                       names.Symbol(static_cast<int64_t>(level.to())));
      return changed;
    }
    case v1::RecordedEffect::kStreak: {
      const v1::RecordedStreak& streak = in.streak();
      StreakMoved moved{.length = streak.length(),
                        .broken = streak.broken(),
                        .frozen = streak.frozen()};
      ASSIGN_OR_RETURN(moved.member,
                       names.Member(static_cast<int64_t>(streak.member())));
      ASSIGN_OR_RETURN(moved.streak,
                       names.Symbol(static_cast<int64_t>(streak.streak())));
      return moved;
    }
    case v1::RecordedEffect::kBadgeDue: {
      BadgeDue due{.time = TimeOf(in.badge_due().time())};
      ASSIGN_OR_RETURN(
          due.member,
          names.Member(static_cast<int64_t>(in.badge_due().member())));
      ASSIGN_OR_RETURN(
          due.badge,
          names.Symbol(static_cast<int64_t>(in.badge_due().badge())));
      return due;
    }
    case v1::RecordedEffect::kQuest: return QuestOfRecord(in.quest(), names);
    case v1::RecordedEffect::KIND_NOT_SET: break;
  }
  return Unreadable("outcome");
}

void PutBases(const Outcome& outcome, v1::Record& record) {
  for (size_t i = 0; i < outcome.effects.size(); ++i) {
    const auto* awarded = std::get_if<Awarded>(&outcome.effects[i]);
    if (awarded == nullptr || !awarded->base.has_value()) continue;
    record.add_base(static_cast<int64_t>(i));
    record.add_base(*awarded->base);
  }
}

absl::Status TakeBases(const v1::Record& record, Outcome& outcome) {
  for (int i = 0; i + 1 < record.base_size(); i += 2) {
    const auto place = static_cast<size_t>(record.base(i));
    auto* awarded = place < outcome.effects.size()
                        ? std::get_if<Awarded>(&outcome.effects[place])
                        : nullptr;
    if (awarded == nullptr) return Unreadable("outcome");
    awarded->base = record.base(i + 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<Outcome> OutcomeOf(const EntryRow& row, const v1::Record& record,
                                  Names& names) {
  if (!IsRejectNumber(row.rejected)) return Unreadable("rejection");
  Outcome outcome{.event_id = std::string(row.id),
                  .seq = row.seq,
                  .recorded_at = TimeOf(row.recorded_at),
                  .rejected = static_cast<RejectReason>(row.rejected),
                  .reason = record.reason()};
  ASSIGN_OR_RETURN(const std::vector<Movement> movements,
                   MovementsOfRow(row, names));
  auto movement = movements.begin();
  for (const v1::RecordedEffect& in : record.effect()) {
    for (; movement != movements.end() &&
           movement - movements.begin() < int64_t{in.after()};
         ++movement) {
      outcome.effects.push_back(EffectOf(*movement));
    }
    ASSIGN_OR_RETURN(Effect effect, EffectOfRecord(in, names));
    outcome.effects.push_back(std::move(effect));
  }
  for (; movement != movements.end(); ++movement) {
    outcome.effects.push_back(EffectOf(*movement));
  }
  RETURN_IF_ERROR(TakeBases(record, outcome));
  for (const v1::RecordedNote& note : record.note()) {
    ASSIGN_OR_RETURN(std::string rule,
                     names.Symbol(static_cast<int64_t>(note.rule())));
    outcome.notes.push_back({std::move(rule), note.text()});
  }
  return outcome;
}

}  // namespace

absl::Status PutRecord(const Delta& delta, Numberer& numbers,
                       std::string_view key, v1::Record& record,
                       std::vector<PersonalValue>& personal) {
  const Event& event = delta.recorded.event;
  if (event.channel.has_value()) record.set_channel(*event.channel);
  for (const auto& [name, value] : event.attributes) {
    v1::NamedValue& attribute = *record.add_attribute();
    attribute.set_name(name);
    wire::PutValue(value, *attribute.mutable_value());
    if (Has(delta.member_attributes, name)) {
      RETURN_IF_ERROR(NumberMembers(numbers, *attribute.mutable_value()));
    }
    if (Has(delta.personal_attributes, name)) {
      personal.push_back({name, wire::BytesOf(attribute.value())});
      attribute.mutable_value()->set_personal(
          DigestOfPersonal(name, personal.back().bytes, key));
    }
  }
  const Outcome& outcome = delta.recorded.outcome;
  record.set_reason(outcome.reason);
  size_t told = 0;
  for (const Effect& effect : outcome.effects) {
    if (told < delta.movements.size() && Tells(effect, delta.movements[told])) {
      ++told;
      continue;
    }
    v1::RecordedEffect& out = *record.add_effect();
    out.set_after(static_cast<uint32_t>(told));
    RETURN_IF_ERROR(std::visit(EffectWriter(numbers, out), effect));
  }
  if (told < delta.movements.size()) {
    return absl::InternalError("a movement that the outcome does not tell");
  }
  PutBases(outcome, record);
  for (const RuleNote& note : outcome.notes) {
    v1::RecordedNote& out = *record.add_note();
    ASSIGN_OR_RETURN(const uint64_t rule,
                     Numbered(numbers.TextNumber(note.rule)));
    out.set_rule(rule);
    out.set_text(note.text);
  }
  for (const int64_t reversed : delta.reversed_events) {
    record.add_reversed_event(reversed);
  }
  for (size_t n = 0; n < delta.movements.size(); ++n) {
    const Movement& movement = delta.movements[n];
    if (!IsOfAnotherObject(movement.kind, movement.award)) continue;
    v1::BadgeObject& of = *record.add_badge_object();
    of.set_n(static_cast<uint32_t>(n));
    of.set_object(*movement.subject);
  }
  return absl::OkStatus();
}

absl::Status NumberMovement(const Movement& m, Numberer& numbers,
                            wire::MovementNumbers& row) {
  ASSIGN_OR_RETURN(row.member, numbers.MemberNumber(m.member));
  ASSIGN_OR_RETURN(row.currency, numbers.SymbolNumber(m.currency));
  ASSIGN_OR_RETURN(row.rule, numbers.SymbolNumber(m.rule));
  row.kind = static_cast<int64_t>(m.kind);
  row.award = m.award;
  row.units = m.units;
  row.balance = m.balance;
  row.earned_beyond = Minus(m.earned, m.balance);
  row.back = row.jump = 0;
  row.asked = m.asked;
  row.limited = m.limited;
  row.cut = static_cast<int64_t>(m.cut);
  row.cap_window = m.cap_window;
  row.cap_used = m.cap_used;
  row.reverses = m.reverses;
  row.settled_at = MicrosUnlessNever(m.settled_at);
  row.vests = MicrosUnlessNever(m.vests);
  row.expires = MicrosUnlessNever(m.expires);
  row.of = m.of;
  return absl::OkStatus();
}

int64_t LastMemberOf(const v1::Record& record) {
  const size_t count = record.member_digests().size() / kNameDigestBytes;
  return count == 0 ? 0
                    : static_cast<int64_t>(record.first_member() + count - 1);
}

int64_t CodeOfWindow(int64_t window, int64_t event_micros) {
  if (window == 0) return 0;
  const int64_t ago = Minus(SecondOf(event_micros), window);
  return ago < 0 ? ago : ago + 1;
}

int64_t WindowOfCode(int64_t code, int64_t event_micros) {
  if (code == 0) return 0;
  return Minus(SecondOf(event_micros), code < 0 ? code : code - 1);
}

absl::Status ParseMovements(std::string_view text,
                            std::vector<wire::MovementNumbers>& movements) {
  movements.clear();
  if (!wire::TakeMovements(text, movements)) return Unreadable("movements");
  for (const wire::MovementNumbers& row : movements) {
    if (!IsKindNumber(row.kind) || !IsCutNumber(row.cut)) {
      return Unreadable("movements");
    }
  }
  return absl::OkStatus();
}

absl::Status ParseRecord(std::string_view bytes, v1::Record& record) {
  if (!wire::ParseBytes(bytes, record)) return Unreadable("record");
  return absl::OkStatus();
}

namespace {

absl::StatusOr<std::string> BadgeObjectOf(const EntryRow& row, size_t n) {
  v1::Record record;
  RETURN_IF_ERROR(ParseRecord(row.record, record));
  for (const v1::BadgeObject& of : record.badge_object()) {
    if (of.n() == n) return of.object();
  }
  return Unreadable("badges");
}

}  // namespace

bool NeedsRecord(const wire::MovementNumbers& numbers) {
  return IsOfAnotherObject(static_cast<Movement::Kind>(numbers.kind),
                           numbers.award);
}

absl::StatusOr<Movement> MovementOf(const EntryRow& row, size_t n,
                                    const wire::MovementNumbers& in,
                                    std::string member, Names& names) {
  Movement m{.at = {row.seq, static_cast<int32_t>(n)},
             .kind = static_cast<Movement::Kind>(in.kind),
             .member = std::move(member),
             .award = static_cast<int32_t>(in.award),
             .asked = in.asked,
             .limited = in.limited,
             .units = in.units,
             .cut = static_cast<CutReason>(in.cut),
             .cap_window = in.cap_window,
             .cap_used = in.cap_used,
             .balance = in.balance,
             .earned = in.earned(),
             .reverses = in.reverses,
             .settled_at = TimeOr(in.settled_at, absl::InfinitePast()),
             .vests = TimeOr(in.vests, absl::InfinitePast()),
             .expires = TimeOr(in.expires, absl::InfiniteFuture()),
             .of = in.of};
  ASSIGN_OR_RETURN(m.currency, names.Symbol(in.currency));
  ASSIGN_OR_RETURN(m.rule, names.Symbol(in.rule));
  if (NeedsRecord(in)) {
    ASSIGN_OR_RETURN(m.subject, BadgeObjectOf(row, n));
  }
  const bool is_about_target =
      m.kind == Movement::Kind::kAward || (IsOfBadge(m.kind) && m.award == 1);
  if (is_about_target && row.target.has_value()) {
    m.subject = std::string(*row.target);
  }
  return m;
}

absl::StatusOr<std::vector<Movement>> MovementsOfRow(const EntryRow& row,
                                                     Names& names) {
  std::vector<wire::MovementNumbers> rows;
  RETURN_IF_ERROR(ParseMovements(row.movements, rows));
  std::vector<Movement> movements;
  movements.reserve(rows.size());
  for (const wire::MovementNumbers& in : rows) {
    ASSIGN_OR_RETURN(std::string member, names.Member(in.member));
    ASSIGN_OR_RETURN(Movement movement, MovementOf(row, movements.size(), in,
                                                   std::move(member), names));
    movements.push_back(std::move(movement));
  }
  return movements;
}

absl::StatusOr<model::RecordedEvent> EventOfRow(const EntryRow& row,
                                                Names& names) {
  v1::Record record;
  RETURN_IF_ERROR(ParseRecord(row.record, record));
  model::RecordedEvent recorded{.seq = row.seq,
                                .recorded_at = TimeOf(row.recorded_at),
                                .program = row.program};
  Event& event = recorded.event;
  event.id = row.id;
  ASSIGN_OR_RETURN(event.type, names.Symbol(row.type));
  event.time = TimeOf(row.time);
  if (row.actor.has_value()) {
    ASSIGN_OR_RETURN(event.actor, names.Member(*row.actor));
  }
  if (row.target.has_value()) event.target = std::string(*row.target);
  if (record.has_channel()) event.channel = record.channel();
  for (v1::NamedValue& attribute : *record.mutable_attribute()) {
    if (attribute.value().kind_case() == v1::Value::kPersonal) {
      ASSIGN_OR_RETURN(
          const std::optional<std::string> bytes,
          names.Personal(row.actor.value_or(0), row.seq, attribute.name()));
      if (!bytes.has_value()) continue;  // it has been forgotten
      if (!wire::ParseBytes(*bytes, *attribute.mutable_value())) {
        return Unreadable("personal value");
      }
    }
    RETURN_IF_ERROR(NameMembers(names, *attribute.mutable_value()));
    std::optional<Value> value = wire::TakeValue(attribute.value());
    if (!value.has_value()) return Unreadable("event");
    event.attributes.insert_or_assign(attribute.name(), *std::move(value));
  }
  ASSIGN_OR_RETURN(recorded.outcome, OutcomeOf(row, record, names));
  return recorded;
}

}  // namespace loyalty::store
