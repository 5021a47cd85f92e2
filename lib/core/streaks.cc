// SPDX-License-Identifier: Apache-2.0
//
// Streaks: telling that one got longer, and freezing one. How long they are
// says rules/streak.h.
#include <absl/status/statusor.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/suggest.h"
#include "core/asked.h"
#include "core/leg.h"
#include "rules/streak.h"

namespace loyalty::core {
namespace {

// More windows than this are no pause.
constexpr int64_t kMostFrozen = 1000;

// All counters of the streak as they stand now.
model::Counters CountersOf(const Leg& leg, const rules::MetricTerms& terms) {
  model::Counters counters;
  for (const model::Counters* all :
       {&leg.state.entity.counters, &std::as_const(leg.now.counters)}) {
    for (auto it =
             all->lower_bound({terms.tally, std::numeric_limits<int64_t>::min(),
                               model::CounterKeyPart::Lowest()});
         it != all->end() && it->first.name == terms.tally; ++it) {
      counters[it->first] = it->second;
    }
  }
  return counters;
}

// nullptr, and an answer of no, if the program has no such streak.
const rules::Streak* StreakAskedFor(Leg& leg) {
  const std::string& id = AskedText(leg.event, "streak");
  const rules::Streak* const streak = leg.program.FindStreak(id);
  if (streak != nullptr) return streak;
  std::vector<std::string> known;
  for (const rules::Streak& one : leg.program.streaks) known.push_back(one.id);
  leg.Reject(RejectReason::kUnknownStreak,
             absl::StrCat("there is no streak \"", id, "\". ",
                          base::DidYouMean(id, known)));
  return nullptr;
}

// How many windows the freeze covers, if it does not say until when; 0, with an
// answer of no, if that is none.
int64_t WindowsAsked(Leg& leg, const rules::Streak& streak) {
  int64_t windows = AskedInt(leg.event, "windows", 1);
  if (!IsAsked(leg.event, "windows") && streak.freeze_lasts.has_value()) {
    rules::Frame frame = *leg.cause.frame;
    frame.SetMember(leg.before());
    const absl::StatusOr<int64_t> lasts = frame.Int(*streak.freeze_lasts);
    if (!lasts.ok()) {
      leg.Reject(RejectReason::kOutOfRange,
                 absl::StrCat("how long a freeze lasts could not be computed: ",
                              lasts.status().message()));
      return 0;
    }
    windows = *lasts;
  }
  if (windows >= 1 && windows <= kMostFrozen) return windows;
  leg.Reject(RejectReason::kOutOfRange,
             absl::StrCat("a freeze of ", windows, " windows: it covers 1 to ",
                          kMostFrozen));
  return 0;
}

// Where the windows start that the freeze covers; none, with an answer of no,
// if that cannot be said.
std::vector<int64_t> WindowsOf(Leg& leg, const rules::Streak& streak) {
  const rules::StreakTerms& terms = *leg.program.metrics[streak.metric].streak;
  const bool says_until = IsAsked(leg.event, "until");
  std::vector<int64_t> windows;
  if (says_until && IsAsked(leg.event, "windows")) {
    leg.Reject(RejectReason::kOutOfRange,
               "it says both windows and until: leave out one");
    return windows;
  }
  const absl::Time until =
      says_until ? std::get<absl::Time>(
                       leg.event.attributes.find("until")->second.get())
                 : absl::InfiniteFuture();
  const int64_t most = says_until ? kMostFrozen + 1 : WindowsAsked(leg, streak);
  absl::Time start = absl::FromUnixSeconds(
      base::WindowStart(leg.event.time, terms.every, terms.zone));
  while (std::ssize(windows) < most && start < until) {
    windows.push_back(absl::ToUnixSeconds(start));
    start = base::WindowEnd(start, terms.every, terms.zone);
  }
  const bool is_none = until <= leg.event.time || windows.empty();
  if (says_until && (is_none || std::ssize(windows) > kMostFrozen)) {
    leg.Reject(RejectReason::kOutOfRange,
               absl::StrCat("until lies before the event, or more than ",
                            kMostFrozen, " windows after it"));
    windows.clear();
  }
  return windows;
}

}  // namespace

void TellStreak(Leg& leg, const Counted& counted) {
  const rules::Metric& metric = leg.cause.type->metrics[counted.metric];
  const rules::MetricTerms& terms = leg.program.metrics[metric.number];
  const int64_t window = counted.tally.window;
  const rules::Rows now =
      rules::RowsBy(*terms.streak, terms.tally, CountersOf(leg, terms), window);
  StreakMoved moved{
      .member = leg.now.entity.id, .streak = metric.id, .length = now.length()};
  if (now.length() == 1 && now.rows.size() > 1) {
    moved.broken = now.rows[now.rows.size() - 2].length;
  }
  leg.Report(std::move(moved));
}

void FreezeStreak(Leg& leg) {
  const rules::Streak* const streak = StreakAskedFor(leg);
  if (streak == nullptr) return;
  const rules::MetricTerms& terms = leg.program.metrics[streak->metric];
  const std::vector<int64_t> windows = WindowsOf(leg, *streak);
  if (windows.empty()) return;
  const rules::Rows rows = rules::RowsBy(
      *terms.streak, terms.tally, CountersOf(leg, terms), windows.front());
  if (!rows.goes_on) {
    return leg.Reject(RejectReason::kNoStreak,
                      absl::StrCat("no streak \"", streak->id,
                                   "\" goes on that could be frozen"));
  }
  bool is_new = false;
  for (const int64_t window : windows) {
    const model::CounterKey counter{
        .name = terms.tally, .window = window, .key = rules::FrozenKey()};
    if (leg.Counter(counter) != 0) continue;
    leg.SetCounter(counter, 1);
    is_new = true;
  }
  if (!is_new) {
    return leg.Reject(RejectReason::kStreakFrozen,
                      "all of those windows are frozen already");
  }
  leg.Report(StreakMoved{.member = leg.now.entity.id,
                         .streak = streak->id,
                         .length = rows.length(),
                         .frozen = true});
}

}  // namespace loyalty::core
