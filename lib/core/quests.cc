// SPDX-License-Identifier: Apache-2.0
//
// Quests: joining, counting for their steps, and being done. All of it happens
// in a member's review, once all else of the event is done.
#include "core/quests.h"

#include <absl/status/statusor.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/amounts.h"
#include "base/suggest.h"
#include "base/window.h"
#include "core/asked.h"
#include "core/leg.h"

namespace loyalty::core {
namespace {

using rules::AskedQuest;
using rules::Quest;

int64_t WindowOf(const rules::CompiledProgram& program, const Quest& quest,
                 absl::Time time) {
  return base::WindowStart(time, quest.period, program.time_zone);
}

model::CounterKey InWindow(model::Symbol name, int64_t window) {
  return {.name = name, .window = window, .key = {}};
}

void SettleLotsOf(model::EntityState& member, absl::Time time) {
  for (auto& [currency, lots] : member.lots) {
    ledger::Came came;
    ledger::Settle(lots, std::max(lots.clock, time), came);
  }
}

// The member as the event found them, with all done that was due; of one who
// came to be by it, with the units that members start with. What comes by a
// merge was there before.
model::EntityState AsFound(const Leg& leg) {
  const bool as_event_did =
      leg.state.found.has_value() && leg.event.type != kMerge;
  model::EntityState found = as_event_did ? *leg.state.found : leg.before();
  SettleLotsOf(found, leg.event.time);
  if (found.exists) return found;
  found.exists = true;
  found.since = leg.now.since;
  for (const rules::Currency& currency : leg.program.currencies) {
    if (currency.opening == 0) continue;
    found.holdings[currency.symbol] = {currency.opening, currency.opening};
  }
  return found;
}

// Two members who have become one.
struct Two {
  const model::EntityState& mine;
  const model::EntityState& other;
  const rules::Frame& frame_of_mine;
  const rules::Frame& frame_of_other;
  const rules::Frame& frame_of_both;
};

// One quest of the member, in its window at the event's time.
class Pursuit {
 public:
  Pursuit(Leg& leg, size_t number)
      : leg_(leg),
        number_(static_cast<int>(number)),
        quest_(leg.program.quests[number]),
        asked_(leg.cause.type->quests[number]),
        window_(WindowOf(leg.program, quest_, leg.event.time)) {}

  int64_t joined() const {
    return leg_.Counter(InWindow(quest_.joined_counter, window_));
  }
  int64_t done() const {
    return leg_.Counter(InWindow(quest_.done_counter, window_));
  }
  bool IsDone() const { return quest_.IsDone(done()); }
  // By this event: who may do it again begins with the next one, or what did it
  // would do it over and over.
  bool IsDoneNow() const {
    return leg_.state.found.has_value() &&
           leg_.state.found->Counter(InWindow(quest_.done_counter, window_)) <
               done();
  }

  // Whether the member may join, as `frame` has them.
  bool IsOffered(const rules::Frame& frame) {
    if (!asked_.when.has_value()) return true;
    const absl::StatusOr<bool> holds = frame.Bool(*asked_.when);
    if (holds.ok()) return *holds;
    Note(absl::StrCat("who may join could not be evaluated: ",
                      holds.status().message()));
    return false;
  }

  // From the start; what values rise from is what `frame` says.
  void Join(const rules::Frame& frame) {
    Set(quest_.joined_counter, leg_.cause.seq);
    Set(quest_.before_counter, 0);
    for (size_t i = 0; i < quest_.steps.size(); ++i) {
      const bool is_value = quest_.steps[i].is_value;
      Set(quest_.steps[i].counter,
          is_value ? ValueOf(frame, i).value_or(0) : 0);
    }
  }

  void Leave() {
    Set(quest_.joined_counter, -leg_.cause.seq);
    Tell({.kind = QuestMoved::Kind::kLeft});
  }
  void TellJoined() { Tell({.kind = QuestMoved::Kind::kJoined}); }

  // What the event counts for the steps that are open, as they were before it.
  void Count(const rules::Frame& frame) {
    const size_t first_open = FirstOpen(frame);
    for (const Counted& counted : leg_.cause.counted) {
      if (counted.kind != rules::MetricKind::kStep ||
          counted.entity != leg_.now.entity) {
        continue;
      }
      const rules::Metric& metric = leg_.cause.type->metrics[counted.metric];
      const rules::MetricTerms& terms = leg_.program.metrics[metric.number];
      if (terms.quest != number_) continue;
      const size_t step = StepOf(terms);
      if (!quest_.in_order || step == first_open) Add(counted, step);
    }
  }

  // What values rose from, so that they have risen by what both had.
  void JoinValues(const Two& two) {
    for (size_t i = 0; i < quest_.steps.size(); ++i) {
      if (!quest_.steps[i].is_value) continue;
      const auto mine = RiseOf(two.mine, two.frame_of_mine, i);
      const auto others = RiseOf(two.other, two.frame_of_other, i);
      if (!mine.has_value() && !others.has_value()) continue;
      const std::optional<int64_t> rise =
          base::Sum(mine.value_or(0), others.value_or(0));
      const std::optional<int64_t> value = ValueOf(two.frame_of_both, i);
      if (!rise.has_value() || !value.has_value()) continue;
      const std::optional<int64_t> from = base::Sum(*value, -*rise);
      if (from.has_value()) Set(quest_.steps[i].counter, *from);
    }
  }

  bool HasAllSteps(const rules::Frame& frame) {
    return FirstOpen(frame) == quest_.steps.size();
  }

  void Finish(const rules::Frame& frame) {
    Set(quest_.done_counter, done() + 1);
    // Who may do it again begins anew, with the next event. Until then, or else
    // for ever, what was counted is kept, in case what did it is taken back.
    Set(quest_.before_counter, joined());
    Set(quest_.joined_counter, 0);
    WinBadge(leg_, frame, leg_.cause.type->badges[asked_.badge]);
  }

 private:
  void Set(model::Symbol name, int64_t value) {
    const model::CounterKey counter = InWindow(name, window_);
    if (leg_.Counter(counter) != value) leg_.SetCounter(counter, value);
  }

  void Note(std::string text) {
    leg_.Note("quest:" + quest_.id, std::move(text));
  }

  void Tell(QuestMoved moved) {
    moved.member = leg_.now.entity.id;
    moved.quest = quest_.id;
    leg_.Report(std::move(moved));
  }

  std::optional<int64_t> ValueOf(const rules::Frame& frame, size_t step) {
    const absl::StatusOr<int64_t> value = frame.Int(*asked_.values[step]);
    if (value.ok()) return *value;
    Note(absl::StrCat(
        "step ", quest_.steps[step].id,
        ": its value could not be computed: ", value.status().message()));
    return std::nullopt;
  }

  // By how much a value rose since that member joined; nullopt if they have
  // not, or it is not known.
  std::optional<int64_t> RiseOf(const model::EntityState& member,
                                const rules::Frame& frame, size_t step) {
    if (member.Counter(InWindow(quest_.joined_counter, window_)) <= 0) {
      return std::nullopt;
    }
    const std::optional<int64_t> value = ValueOf(frame, step);
    if (!value.has_value()) return std::nullopt;
    return base::Sum(
        *value, -member.Counter(InWindow(quest_.steps[step].counter, window_)));
  }

  bool IsReached(const rules::Frame& frame, size_t step) {
    const rules::QuestStep& of = quest_.steps[step];
    const int64_t kept = leg_.Counter(InWindow(of.counter, window_));
    if (!of.is_value) return kept >= of.goal;
    const std::optional<int64_t> value = ValueOf(frame, step);
    const std::optional<int64_t> wanted = base::Sum(kept, of.goal);
    return value.has_value() && wanted.has_value() && *value >= *wanted;
  }

  size_t FirstOpen(const rules::Frame& frame) {
    size_t step = 0;
    while (step < quest_.steps.size() && IsReached(frame, step)) ++step;
    return step;
  }

  size_t StepOf(const rules::MetricTerms& terms) const {
    const auto step = std::find_if(quest_.steps.begin(), quest_.steps.end(),
                                   [&](const rules::QuestStep& one) {
                                     return one.counter == terms.tally;
                                   });
    return static_cast<size_t>(step - quest_.steps.begin());
  }

  void Add(const Counted& counted, size_t step) {
    const rules::QuestStep& of = quest_.steps[step];
    if (!counted.amount.ok()) {
      return Note(absl::StrCat("step ", of.id, ": it could not be counted: ",
                               counted.amount.status().message()));
    }
    const int64_t was = leg_.Counter(counted.tally);
    const std::optional<int64_t> now = base::Sum(was, *counted.amount);
    if (!now.has_value()) {
      return Note(absl::StrCat("step ", of.id,
                               ": it could not be counted: it would leave the "
                               "range of 64 bits"));
    }
    leg_.SetCounter(counted.tally, *now);
    leg_.SetCounter(CountedForStep(counted, leg_.cause.seq), *counted.amount);
    const auto shown = [&](int64_t progress) {
      return std::clamp<int64_t>(progress, 0, of.goal);
    };
    if (shown(was) == shown(*now)) return;
    Tell({.kind = QuestMoved::Kind::kProgressed,
          .step = of.id,
          .progress = shown(*now),
          .goal = of.goal});
  }

  Leg& leg_;
  const int number_;
  const Quest& quest_;
  const AskedQuest& asked_;
  const int64_t window_;
};

// The number of the quest that the command is about; nullopt, and an answer of
// no, if the program has none such, or not at this time.
std::optional<size_t> QuestAskedFor(Leg& leg) {
  const std::string& id = AskedText(leg.event, "quest");
  const Quest* const quest = leg.program.FindQuest(id);
  if (quest == nullptr) {
    std::vector<std::string> known;
    for (const Quest& one : leg.program.quests) known.push_back(one.id);
    leg.Reject(RejectReason::kUnknownQuest,
               absl::StrCat("there is no quest \"", id, "\". ",
                            base::DidYouMean(id, known)));
    return std::nullopt;
  }
  if (!quest->IsOpenAt(leg.event.time)) {
    leg.Reject(RejectReason::kQuestClosed,
               absl::StrCat(
                   "quest \"", id, "\" ",
                   leg.event.time < quest->from ? "has not begun" : "is over"));
    return std::nullopt;
  }
  if (quest->is_together()) {
    leg.Reject(RejectReason::kQuestNotOffered,
               absl::StrCat("quest \"", id,
                            "\" is done together: who acts takes part"));
    return std::nullopt;
  }
  return static_cast<size_t>(quest - leg.program.quests.data());
}

// The entry with which the member joined, or had, if they have done it and not
// begun anew.
int64_t JoinedWith(const Leg& leg, const model::CounterKey& joined) {
  const int64_t entry = leg.Counter(joined);
  if (entry != 0) return entry;
  for (const Quest& quest : leg.program.quests) {
    if (quest.joined_counter == joined.name) {
      return leg.Counter(BeforeCounter(quest, joined));
    }
  }
  return 0;
}

void RejectDone(Leg& leg) {
  leg.Reject(RejectReason::kQuestDone,
             "the member has done that quest as often as it can be");
}

}  // namespace

model::CounterKey CountedForStep(const Counted& counted, int64_t seq) {
  return {.name = counted.tally.name,
          .window = counted.tally.window,
          .key = rules::KeyOfInt(seq)};
}

model::CounterKey BeforeCounter(const Quest& quest,
                                const model::CounterKey& joined) {
  return InWindow(quest.before_counter, joined.window);
}

model::CounterKey DoneCounter(const rules::CompiledProgram& program,
                              const Quest& quest, absl::Time time) {
  return InWindow(quest.done_counter, WindowOf(program, quest, time));
}

void ReviewQuests(Leg& leg, const Review& review, const rules::Frame& frame) {
  // Made once somebody joins; the frame borrows from the other.
  std::optional<model::EntityState> as_found;
  std::optional<rules::Frame> found;
  for (size_t i = 0; i < leg.program.quests.size(); ++i) {
    const Quest& quest = leg.program.quests[i];
    if (!quest.IsOpenAt(leg.event.time) || quest.is_together()) continue;
    Pursuit pursuit(leg, i);
    if (pursuit.IsDone()) continue;
    if (pursuit.joined() == 0 && !quest.on_request && !pursuit.IsDoneNow()) {
      if (!found.has_value()) {
        as_found = AsFound(leg);
        found = frame;
        found->SetHolder(*as_found);
      }
      if (pursuit.IsOffered(*found)) pursuit.Join(*found);
    }
    if (pursuit.joined() <= 0) continue;
    if (review.counts) pursuit.Count(frame);
    if (pursuit.HasAllSteps(frame)) pursuit.Finish(frame);
  }
}

void UncountStep(Leg& leg, const Counted& counted, int64_t seq) {
  const model::CounterKey by_event = CountedForStep(counted, seq);
  const int64_t amount = leg.Counter(by_event);
  if (amount == 0) return;
  leg.SetCounter(by_event, 0);
  // Who left, or has begun anew, had lost it anyway.
  const int64_t joined = JoinedWith(leg, counted.counter);
  if (joined <= 0 || joined > seq) return;
  leg.SetCounter(counted.tally, leg.Counter(counted.tally) - amount);
}

void JoinPursuits(Leg& leg, const model::EntityState& other) {
  if (leg.program.quests.empty()) return;
  const auto frame_of = [&](const model::EntityState& member) {
    rules::Frame frame = *leg.cause.frame;
    frame.SetHolder(member);
    return frame;
  };
  model::EntityState mine = leg.before();
  SettleLotsOf(mine, leg.event.time);
  model::EntityState both = leg.now;
  both.counters = leg.state.entity.counters;
  both.counters.Assign(leg.now.counters);
  const rules::Frame frame_of_mine = frame_of(mine);
  const rules::Frame frame_of_other = frame_of(other);
  const rules::Frame frame_of_both = frame_of(both);
  for (size_t i = 0; i < leg.program.quests.size(); ++i) {
    const Quest& quest = leg.program.quests[i];
    if (!quest.IsOpenAt(leg.event.time) || quest.is_together()) continue;
    Pursuit(leg, i).JoinValues({.mine = mine,
                                .other = other,
                                .frame_of_mine = frame_of_mine,
                                .frame_of_other = frame_of_other,
                                .frame_of_both = frame_of_both});
  }
}

void UndoQuest(Leg& leg, const LoseBadge& lose) {
  const int number = leg.program.badges[lose.badge].quest;
  const model::CounterKey done =
      DoneCounter(leg.program, leg.program.quests[number], lose.time);
  const int64_t times = leg.Counter(done);
  if (times == 0) return;
  leg.SetCounter(done, times - 1);
  // Whose last time it was, and who has not begun anew, goes on with what is
  // left. What an earlier time has used counts for no other.
  const Quest& quest = leg.program.quests[number];
  const model::CounterKey joined = InWindow(quest.joined_counter, done.window);
  const model::CounterKey before = BeforeCounter(quest, joined);
  const int64_t entry = leg.Counter(before);
  if (leg.Counter(joined) != 0 || entry == 0 || lose.by < entry ||
      quest.IsDone(times - 1)) {
    return;
  }
  leg.SetCounter(joined, entry);
  leg.SetCounter(before, 0);
}

void JoinQuest(Leg& leg) {
  const std::optional<size_t> number = QuestAskedFor(leg);
  if (!number.has_value()) return;
  Pursuit pursuit(leg, *number);
  if (pursuit.IsDone()) return RejectDone(leg);
  if (pursuit.joined() > 0) {
    return leg.Reject(RejectReason::kQuestJoined,
                      "the member has joined that quest already");
  }
  rules::Frame frame = *leg.cause.frame;
  frame.SetHolder(leg.before());
  if (!pursuit.IsOffered(frame)) {
    return leg.Reject(RejectReason::kQuestNotOffered,
                      "that quest is not for this member now");
  }
  pursuit.Join(frame);
  pursuit.TellJoined();
}

void LeaveQuest(Leg& leg) {
  const std::optional<size_t> number = QuestAskedFor(leg);
  if (!number.has_value()) return;
  Pursuit pursuit(leg, *number);
  if (pursuit.IsDone()) return RejectDone(leg);
  if (pursuit.joined() <= 0) {
    return leg.Reject(RejectReason::kQuestNotJoined,
                      "the member has not joined that quest");
  }
  pursuit.Leave();
}

}  // namespace loyalty::core
