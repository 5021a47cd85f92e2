// SPDX-License-Identifier: Apache-2.0
//
// CROSS JOIN is SQLite's way of saying in which order to join: from the
// movements that are asked for to the names of what they mention.
#include "store/sqlite_rows.h"

#include <absl/strings/str_cat.h>

#include <limits>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "wire/codec.h"

namespace loyalty::store {
namespace {

constexpr int64_t kPastMicros = std::numeric_limits<int64_t>::min();
constexpr int64_t kFutureMicros = std::numeric_limits<int64_t>::max();

#define LOYALTY_EVENT_COLUMNS \
  "SELECT seq, recorded_at, program, body, outcome FROM event "

constexpr char kEventById[] = LOYALTY_EVENT_COLUMNS "WHERE id = ?";
constexpr char kEventBySeq[] = LOYALTY_EVENT_COLUMNS "WHERE seq = ?";
constexpr char kEventsAfter[] =
    LOYALTY_EVENT_COLUMNS "WHERE seq > ? ORDER BY seq LIMIT ?";

#define LOYALTY_MOVEMENT_COLUMNS                                              \
  "SELECT m.seq, m.n, m.kind, member.id, currency.text, rule.text, m.award, " \
  "object.id, m.asked, m.limited, "                                           \
  "CASE WHEN p.units IS NULL THEN 0 WHEN p.to_account = m.member "            \
  "THEN p.units ELSE -p.units END, "                                          \
  "m.cut, m.cap_window, m.cap_used, m.balance, m.earned, r.by_seq "           \
  "FROM movement AS m "                                                       \
  "CROSS JOIN member ON member.member = m.member "                            \
  "CROSS JOIN symbol AS currency ON currency.symbol = m.currency "            \
  "CROSS JOIN symbol AS rule ON rule.symbol = m.rule "                        \
  "LEFT JOIN object ON object.object = m.subject "                            \
  "LEFT JOIN posting AS p ON p.seq = m.seq AND p.n = m.n "                    \
  "LEFT JOIN award_reversal AS r ON r.seq = m.seq AND r.n = m.n "
#define LOYALTY_MOVEMENT_ORDER "ORDER BY m.seq, m.n LIMIT ?"

constexpr char kMovementsOfEvent[] =
    LOYALTY_MOVEMENT_COLUMNS "WHERE m.seq = ? " LOYALTY_MOVEMENT_ORDER;
constexpr char kAwardsOfObjectAfter[] = LOYALTY_MOVEMENT_COLUMNS
    "WHERE m.subject = ? AND m.kind = 2 "
    "AND (m.seq, m.n) > (?, ?) " LOYALTY_MOVEMENT_ORDER;
constexpr char kMovementsOfMember[] = LOYALTY_MOVEMENT_COLUMNS
    "WHERE m.member = ? AND (m.seq, m.n) > (?, ?) " LOYALTY_MOVEMENT_ORDER;
constexpr char kMovementsOfMemberInCurrency[] = LOYALTY_MOVEMENT_COLUMNS
    "WHERE m.member = ? AND (m.seq, m.n) > (?, ?) "
    "AND m.currency = ? " LOYALTY_MOVEMENT_ORDER;

constexpr char kAwardsUndoneBy[] =
    "SELECT seq, n FROM award_reversal WHERE by_seq = ? AND by_n = ? "
    "ORDER BY seq, n";

absl::StatusOr<model::RecordedEvent> EventOf(const Rows& rows) {
  model::RecordedEvent recorded;
  recorded.seq = rows.Int(0);
  recorded.recorded_at = TimeOf(rows.Int(1));
  recorded.program = rows.Int(2);
  auto event = wire::DecodeEvent(rows.Bytes(3));
  auto outcome = wire::DecodeOutcome(rows.Bytes(4));
  const absl::Status& read = event.ok() ? outcome.status() : event.status();
  if (!read.ok()) {
    return absl::DataLossError(absl::StrCat(
        "event ", recorded.seq, " cannot be read: ", read.message()));
  }
  recorded.event = *std::move(event);
  recorded.outcome = *std::move(outcome);
  return recorded;
}

absl::StatusOr<std::optional<model::RecordedEvent>> OneEvent(Rows rows) {
  if (!rows.Next()) {
    RETURN_IF_ERROR(rows.status());
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(model::RecordedEvent recorded, EventOf(rows));
  return recorded;
}

GivenAward MovementOf(const Rows& rows) {
  GivenAward given;
  model::Movement& m = given.movement;
  m.at = {rows.Int(0), static_cast<int32_t>(rows.Int(1))};
  m.kind = static_cast<model::Movement::Kind>(rows.Int(2));
  m.member = rows.Text(3);
  m.currency = rows.Text(4);
  m.rule = rows.Text(5);
  m.award = static_cast<int32_t>(rows.Int(6));
  m.subject = rows.OptionalText(7);
  m.asked = rows.Int(8);
  m.limited = rows.Int(9);
  m.units = rows.Int(10);
  m.cut = static_cast<CutReason>(rows.Int(11));
  m.cap_window = rows.OptionalInt(12);
  m.cap_used = rows.Int(13);
  m.balance = rows.Int(14);
  m.earned = rows.Int(15);
  given.reversed = rows.OptionalInt(16).has_value();
  return given;
}

absl::StatusOr<std::vector<GivenAward>> MovementsOf(Database& db, Rows rows) {
  std::vector<GivenAward> movements;
  while (rows.Next()) {
    model::Movement& m = movements.emplace_back(MovementOf(rows)).movement;
    if (m.kind != model::Movement::Kind::kReversal) continue;
    Rows undone = db.Query(kAwardsUndoneBy, m.at.seq, m.at.n);
    while (undone.Next()) {
      m.reverses.push_back(
          {undone.Int(0), static_cast<int32_t>(undone.Int(1))});
    }
    RETURN_IF_ERROR(undone.status());
  }
  RETURN_IF_ERROR(rows.status());
  return movements;
}

}  // namespace

int64_t MicrosOf(absl::Time time) {
  if (time == absl::InfinitePast()) return kPastMicros;
  if (time == absl::InfiniteFuture()) return kFutureMicros;
  return absl::ToUnixMicros(time);
}

absl::Time TimeOf(int64_t micros) {
  if (micros == kPastMicros) return absl::InfinitePast();
  if (micros == kFutureMicros) return absl::InfiniteFuture();
  return absl::FromUnixMicros(micros);
}

absl::StatusOr<std::optional<model::RecordedEvent>> EventById(
    Database& db, std::string_view id) {
  return OneEvent(db.Query(kEventById, id));
}

absl::StatusOr<std::optional<model::RecordedEvent>> EventBySeq(Database& db,
                                                               int64_t seq) {
  return OneEvent(db.Query(kEventBySeq, seq));
}

absl::StatusOr<std::vector<model::RecordedEvent>> EventsAfter(Database& db,
                                                              int64_t seq,
                                                              int limit) {
  std::vector<model::RecordedEvent> events;
  Rows rows = db.Query(kEventsAfter, seq, limit);
  while (rows.Next()) {
    ASSIGN_OR_RETURN(model::RecordedEvent recorded, EventOf(rows));
    events.push_back(std::move(recorded));
  }
  RETURN_IF_ERROR(rows.status());
  return events;
}

absl::StatusOr<std::vector<GivenAward>> MovementsOfEvent(Database& db,
                                                         int64_t seq) {
  constexpr int kAll = -1;
  return MovementsOf(db, db.Query(kMovementsOfEvent, seq, kAll));
}

absl::StatusOr<std::vector<GivenAward>> AwardsOfObjectAfter(
    Database& db, int64_t object, model::Position after, int limit) {
  return MovementsOf(
      db, db.Query(kAwardsOfObjectAfter, object, after.seq, after.n, limit));
}

absl::StatusOr<std::vector<GivenAward>> MovementsOfMember(
    Database& db, int64_t member, std::optional<int64_t> currency,
    model::Position after, int limit) {
  if (currency.has_value()) {
    return MovementsOf(db, db.Query(kMovementsOfMemberInCurrency, member,
                                    after.seq, after.n, *currency, limit));
  }
  return MovementsOf(
      db, db.Query(kMovementsOfMember, member, after.seq, after.n, limit));
}

}  // namespace loyalty::store
