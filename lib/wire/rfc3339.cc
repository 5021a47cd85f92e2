// SPDX-License-Identifier: Apache-2.0
//
// See rfc3339.h.
#include "wire/rfc3339.h"

#include <absl/strings/str_format.h>
#include <absl/time/civil_time.h>

#include <cstdint>

namespace loyalty::wire {
namespace {

constexpr int64_t kMicrosecondsPerSecond = 1'000'000;

// Reads a text from its front; `ok` tells whether all of it fitted so far.
class TimeText {
 public:
  explicit TimeText(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool IsDone() const { return ok_ && rest_.empty(); }

  int Number(size_t digits, int low, int high) {
    int number = 0;
    for (size_t i = 0; i < digits; ++i) number = number * 10 + Digit();
    if (number < low || number > high) ok_ = false;
    return number;
  }

  bool TakeIf(char wanted) {
    if (rest_.empty() || rest_[0] != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void Take(char wanted) {
    if (!TakeIf(wanted)) ok_ = false;
  }

  // The digits after the point; those past the sixth are dropped.
  int64_t Microseconds() {
    if (!TakeIf('.')) return 0;
    int64_t microseconds = Digit() * (kMicrosecondsPerSecond / 10);
    int64_t weight = kMicrosecondsPerSecond / 100;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      microseconds += Digit() * weight;
      weight /= 10;
    }
    return microseconds;
  }

  // Minutes east of UTC.
  int Zone() {
    if (TakeIf('Z') || TakeIf('z')) return 0;
    const bool west = TakeIf('-');
    if (!west) Take('+');
    const int hours = Number(2, 0, 23);
    Take(':');
    const int minutes = hours * 60 + Number(2, 0, 59);
    return west ? -minutes : minutes;
  }

 private:
  int Digit() {
    if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') {
      ok_ = false;
      return 0;
    }
    const int digit = rest_[0] - '0';
    rest_.remove_prefix(1);
    return digit;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// ".25", with as many digits as milli- or microseconds have; "" for none.
std::string FractionText(int64_t microseconds) {
  if (microseconds == 0) return "";
  if (microseconds % 1000 == 0) {
    return absl::StrFormat(".%03d", microseconds / 1000);
  }
  return absl::StrFormat(".%06d", microseconds);
}

}  // namespace

std::optional<absl::Time> ParseRfc3339(std::string_view text) {
  TimeText in(text);
  const int year = in.Number(4, 1, 9999);
  in.Take('-');
  const int month = in.Number(2, 1, 12);
  in.Take('-');
  const int day = in.Number(2, 1, 31);
  if (!in.TakeIf('t')) in.Take('T');
  const int hour = in.Number(2, 0, 23);
  in.Take(':');
  const int minute = in.Number(2, 0, 59);
  in.Take(':');
  const int second = in.Number(2, 0, 60);
  const int64_t microseconds = in.Microseconds();
  const int zone = in.Zone();
  if (!in.IsDone()) return std::nullopt;

  // Civil times count days past a month's end into the next month.
  const absl::CivilDay date(year, month, day);
  if (date.day() != day) return std::nullopt;
  const absl::CivilSecond civil(year, month, day, hour, minute, second);
  const int64_t unix_seconds =
      civil - absl::CivilSecond(1970, 1, 1) - int64_t{zone} * 60;
  // A leap second ends a day of UTC; it counts as the second after it.
  if (second == 60 && unix_seconds % 86400 != 0) return std::nullopt;
  // The years are those of UTC: what is read can be written again.
  constexpr absl::CivilSecond kEpoch(1970, 1, 1);
  if (unix_seconds < absl::CivilSecond(1, 1, 1) - kEpoch ||
      unix_seconds >= absl::CivilSecond(10000, 1, 1) - kEpoch) {
    return std::nullopt;
  }
  return absl::FromUnixMicros(unix_seconds * kMicrosecondsPerSecond +
                              microseconds);
}

std::string Rfc3339(absl::Time time) {
  const int64_t total = absl::ToUnixMicros(time);
  int64_t microseconds = total % kMicrosecondsPerSecond;
  if (microseconds < 0) microseconds += kMicrosecondsPerSecond;
  const int64_t seconds = (total - microseconds) / kMicrosecondsPerSecond;
  const absl::CivilSecond civil = absl::CivilSecond(1970, 1, 1) + seconds;
  return absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d%sZ", civil.year(),
                         civil.month(), civil.day(), civil.hour(),
                         civil.minute(), civil.second(),
                         FractionText(microseconds));
}

std::string SecondsText(absl::Duration duration) {
  const int64_t total =
      absl::ToInt64Microseconds(absl::Floor(duration, absl::Microseconds(1)));
  const int64_t microseconds = total % kMicrosecondsPerSecond;
  std::string text = total < 0 ? "-" : "";
  const auto size = [](int64_t n) { return n < 0 ? -n : n; };
  text += std::to_string(size(total / kMicrosecondsPerSecond));
  std::string fraction = FractionText(size(microseconds));
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return text + fraction + "s";
}

}  // namespace loyalty::wire
