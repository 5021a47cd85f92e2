// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic on times, and their parts on the calendar. Leaving the range of a
// timestamp (years 1 to 9999) or a duration (int64 nanoseconds) is a failure.
#include <absl/time/civil_time.h>

#include <array>

#include "cel/library.h"
#include "cel/times.h"

namespace loyalty::cel {
namespace {

constexpr int64_t kNanosInSecond = 1'000'000'000;

Value TimeOutOfRange(const char* kind) {
  return Value::Failure(absl::StatusCode::kOutOfRange,
                        std::string(kind) + " out of range");
}

Value Later(const Value& timestamp, int64_t nanos) {
  // Floored, so that what is left over is never negative.
  int64_t seconds = nanos / kNanosInSecond;
  int64_t rest = nanos % kNanosInSecond + timestamp.nanos();
  if (rest < 0) {
    rest += kNanosInSecond;
    --seconds;
  } else if (rest >= kNanosInSecond) {
    rest -= kNanosInSecond;
    ++seconds;
  }
  if (__builtin_add_overflow(timestamp.unix_seconds(), seconds, &seconds) ||
      seconds < kFirstUnixSecond || seconds > kLastUnixSecond) {
    return TimeOutOfRange("timestamp");
  }
  return Value::Timestamp(seconds, static_cast<uint32_t>(rest));
}

Value AddToTimestamp(CallContext&, const Value* a) {
  return Later(a[0], a[1].duration_nanos());
}

Value AddTimestampTo(CallContext&, const Value* a) {
  return Later(a[1], a[0].duration_nanos());
}

Value SubtractFromTimestamp(CallContext&, const Value* a) {
  if (a[1].duration_nanos() == INT64_MIN) return TimeOutOfRange("duration");
  return Later(a[0], -a[1].duration_nanos());
}

Value Between(CallContext&, const Value* a) {
  int64_t nanos = 0;
  if (__builtin_sub_overflow(a[0].unix_seconds(), a[1].unix_seconds(),
                             &nanos) ||
      __builtin_mul_overflow(nanos, kNanosInSecond, &nanos) ||
      __builtin_add_overflow(
          nanos, static_cast<int64_t>(a[0].nanos()) - a[1].nanos(), &nanos)) {
    return TimeOutOfRange("duration");
  }
  return Value::DurationNanos(nanos);
}

Value AddDurations(CallContext&, const Value* a) {
  int64_t nanos = 0;
  if (__builtin_add_overflow(a[0].duration_nanos(), a[1].duration_nanos(),
                             &nanos)) {
    return TimeOutOfRange("duration");
  }
  return Value::DurationNanos(nanos);
}

Value SubtractDurations(CallContext&, const Value* a) {
  int64_t nanos = 0;
  if (__builtin_sub_overflow(a[0].duration_nanos(), a[1].duration_nanos(),
                             &nanos)) {
    return TimeOutOfRange("duration");
  }
  return Value::DurationNanos(nanos);
}

// Parts of a civil time, counted as CEL counts them.
int64_t YearOf(absl::CivilSecond at) { return at.year(); }
int64_t MonthOf(absl::CivilSecond at) { return at.month() - 1; }
int64_t DateOf(absl::CivilSecond at) { return at.day(); }
int64_t DayOfMonthOf(absl::CivilSecond at) { return at.day() - 1; }
int64_t DayOfYearOf(absl::CivilSecond at) {
  return absl::GetYearDay(absl::CivilDay(at)) - 1;
}
int64_t DayOfWeekOf(absl::CivilSecond at) {
  // Abseil's week begins on Monday, CEL's on Sunday.
  return (static_cast<int64_t>(absl::GetWeekday(absl::CivilDay(at))) + 1) % 7;
}
int64_t HourOf(absl::CivilSecond at) { return at.hour(); }
int64_t MinuteOf(absl::CivilSecond at) { return at.minute(); }
int64_t SecondOf(absl::CivilSecond at) { return at.second(); }

template <int64_t (*Part)(absl::CivilSecond)>
Value PartInUtc(CallContext&, const Value* a) {
  return Value::Int(Part(absl::CivilSecond(1970) + a[0].unix_seconds()));
}

template <int64_t (*Part)(absl::CivilSecond)>
Value PartInZone(CallContext&, const Value* a) {
  const std::optional<absl::TimeZone> zone = ParseZone(a[1].text());
  if (!zone.has_value()) {
    return Value::Failure(absl::StatusCode::kInvalidArgument,
                          "no such time zone: " + a[1].ToString());
  }
  return Value::Int(Part(absl::ToCivilSecond(a[0].time(), *zone)));
}

Value MillisecondOf(CallContext&, const Value* a) {
  return Value::Int(a[0].nanos() / 1'000'000);
}

// The milliseconds are the same in every zone, but the zone must exist.
Value MillisecondInZone(CallContext& context, const Value* a) {
  const Value checked = PartInZone<SecondOf>(context, a);
  return checked.failed() ? checked : MillisecondOf(context, a);
}

template <int64_t kUnit>
Value WholeUnits(CallContext&, const Value* a) {
  return Value::Int(a[0].duration_nanos() / kUnit);
}

// A duration's own milliseconds, not those of all of it; the implementations
// of CEL differ here, and this is the specification's text.
Value MillisecondOfDuration(CallContext&, const Value* a) {
  return Value::Int(a[0].duration_nanos() % kNanosInSecond / 1'000'000);
}

constexpr auto kAsMethod = LibraryRow::kMethod;

constexpr std::array<LibraryRow, 30> kTimeRows = {{
    {"_+_", "timestamp, duration", "timestamp", AddToTimestamp},
    {"_+_", "duration, timestamp", "timestamp", AddTimestampTo},
    {"_+_", "duration, duration", "duration", AddDurations},
    {"_-_", "timestamp, timestamp", "duration", Between},
    {"_-_", "timestamp, duration", "timestamp", SubtractFromTimestamp},
    {"_-_", "duration, duration", "duration", SubtractDurations},
    {"getFullYear", "timestamp", "int", PartInUtc<YearOf>, kAsMethod},
    {"getFullYear", "timestamp, string", "int", PartInZone<YearOf>, kAsMethod},
    {"getMonth", "timestamp", "int", PartInUtc<MonthOf>, kAsMethod},
    {"getMonth", "timestamp, string", "int", PartInZone<MonthOf>, kAsMethod},
    {"getDate", "timestamp", "int", PartInUtc<DateOf>, kAsMethod},
    {"getDate", "timestamp, string", "int", PartInZone<DateOf>, kAsMethod},
    {"getDayOfMonth", "timestamp", "int", PartInUtc<DayOfMonthOf>, kAsMethod},
    {"getDayOfMonth", "timestamp, string", "int", PartInZone<DayOfMonthOf>,
     kAsMethod},
    {"getDayOfYear", "timestamp", "int", PartInUtc<DayOfYearOf>, kAsMethod},
    {"getDayOfYear", "timestamp, string", "int", PartInZone<DayOfYearOf>,
     kAsMethod},
    {"getDayOfWeek", "timestamp", "int", PartInUtc<DayOfWeekOf>, kAsMethod},
    {"getDayOfWeek", "timestamp, string", "int", PartInZone<DayOfWeekOf>,
     kAsMethod},
    {"getHours", "timestamp", "int", PartInUtc<HourOf>, kAsMethod},
    {"getHours", "timestamp, string", "int", PartInZone<HourOf>, kAsMethod},
    {"getHours", "duration", "int", WholeUnits<3600 * kNanosInSecond>,
     kAsMethod},
    {"getMinutes", "timestamp", "int", PartInUtc<MinuteOf>, kAsMethod},
    {"getMinutes", "timestamp, string", "int", PartInZone<MinuteOf>, kAsMethod},
    {"getMinutes", "duration", "int", WholeUnits<60 * kNanosInSecond>,
     kAsMethod},
    {"getSeconds", "timestamp", "int", PartInUtc<SecondOf>, kAsMethod},
    {"getSeconds", "timestamp, string", "int", PartInZone<SecondOf>, kAsMethod},
    {"getSeconds", "duration", "int", WholeUnits<kNanosInSecond>, kAsMethod},
    {"getMilliseconds", "timestamp", "int", MillisecondOf, kAsMethod},
    {"getMilliseconds", "timestamp, string", "int", MillisecondInZone,
     kAsMethod},
    {"getMilliseconds", "duration", "int", MillisecondOfDuration, kAsMethod},
}};

}  // namespace

std::span<const LibraryRow> TimeRows() { return kTimeRows; }

}  // namespace loyalty::cel
