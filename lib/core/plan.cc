// SPDX-License-Identifier: Apache-2.0
//
// See plan.h.
#include "core/plan.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/window.h"
#include "core/asked.h"
#include "core/counters.h"
#include "core/membership.h"
#include "core/referral.h"
#include "core/validate.h"

namespace loyalty::core {
namespace {

// Some of an event type's counters. Marked first and then listed, as rules
// often share what they read, a cap above all.
class Marks {
 public:
  explicit Marks(const rules::EventType& type)
      : type_(type), words_((type.counters.size() + kBits - 1) / kBits) {}

  void Add(int place) {
    const auto at = static_cast<size_t>(place);
    words_[at / kBits] |= uint64_t{1} << (at % kBits);
  }
  void Add(const std::vector<int>& places) {
    for (const int place : places) Add(place);
  }

  // In their order, which is that of the keys: of a name there is one.
  void List(const Cause& cause, model::ReadSet& read) const {
    for (size_t w = 0; w < words_.size(); ++w) {
      for (uint64_t left = words_[w]; left != 0; left &= left - 1) {
        const auto bit = static_cast<size_t>(std::countr_zero(left));
        const rules::Counter& counter = type_.counters[w * kBits + bit];
        if (counter.rolling > 0) {
          read.ranges.push_back(RangeOf(cause, counter));
        } else {
          read.counters.push_back(KeyOf(cause, counter));
        }
      }
    }
  }

 private:
  static constexpr size_t kBits = 64;

  const rules::EventType& type_;
  absl::InlinedVector<uint64_t, 4> words_;
};

void AddCounted(const Cause& cause, const model::Entity& entity, Marks& marks) {
  for (const Counted& counted : cause.counted) {
    if (counted.entity != entity) continue;
    marks.Add(cause.type->metrics[counted.metric].counter_place);
  }
}

void PlanEnter(const Cause& cause, const model::Entity& entity, Marks& marks) {
  const rules::EventType& type = *cause.type;
  AddCounted(cause, entity, marks);
  if (entity.kind == model::Entity::Kind::kObject) {
    return marks.Add(type.object_counters);
  }
  marks.Add(type.actor_counters);
  marks.Add(type.member_counters);
  for (const int r : cause.rules) {
    const rules::Rule& rule = type.rules[r];
    if (rule.asked_of_object) continue;
    for (const rules::Award& award : rule.awards) {
      if (award.to_actor) marks.Add(award.counters);
    }
  }
}

void PlanReach(const Cause& cause, const model::Entity& member,
               const ReachMember& reach, Marks& marks) {
  if (reach.named) AddCounted(cause, member, marks);
  marks.Add(cause.type->member_counters);
  for (const ReachMember::Ask& ask : reach.asks) {
    marks.Add(cause.type->rules[ask.rule].awards[ask.award].counters);
  }
}

// They are not among the type's, as no member has them.
void ListBudgets(const Cause& cause, const AskBudgets& ask,
                 std::vector<model::CounterKey>& counters) {
  for (const AskedAward& one : ask.awards) {
    const rules::Award& award = cause.type->rules[one.rule].awards[one.award];
    for (const rules::Budget& budget : award.budgets) {
      counters.push_back(KeyOf(cause, budget.counter));
    }
  }
  std::sort(counters.begin(), counters.end());
  counters.erase(std::unique(counters.begin(), counters.end()), counters.end());
}

// Of an event that is no command.
void PlanLeg(const Cause& cause, const Message& message, Marks& marks) {
  if (std::holds_alternative<Enter>(message.what)) {
    PlanEnter(cause, message.entity, marks);
  } else if (std::holds_alternative<ReachObject>(message.what)) {
    AddCounted(cause, message.entity, marks);
    marks.Add(cause.type->object_counters);
  } else if (const auto* reach = std::get_if<ReachMember>(&message.what)) {
    PlanReach(cause, message.entity, *reach, marks);
  } else if (const auto* granted = std::get_if<Granted>(&message.what)) {
    for (const AskedAward& one : granted->awards) {
      marks.Add(cause.type->rules[one.rule].awards[one.award].counters);
    }
  }
}

// What a command may read or change of counters.
void PlanCommand(const Cause& cause, const Message& message,
                 model::ReadSet& read) {
  const rules::CompiledProgram& program = *cause.program;
  const Event& event = *cause.event;
  const auto add = [&](model::Symbol name, base::Period per, absl::Time when) {
    read.counters.push_back(
        {.name = name,
         .window = base::WindowStart(when, per, program.time_zone)});
  };
  std::string reward;
  absl::Time when = event.time;
  if (const auto* take = std::get_if<TakeStock>(&message.what)) {
    if (const auto* of = program.FindReward(take->reward)) {
      add(of->stock_counter, base::Period::kEver, when);
    }
  } else if (const auto* command = std::get_if<Command>(&message.what)) {
    reward = command->reward;
    when = command->time;
    if (event.type == kTransferUnits) {
      const int index = program.CurrencyIndex(AskedText(event, "currency"));
      if (index >= 0 &&
          program.currencies[index].max_transfer_per_day.has_value()) {
        add(program.currencies[index].transfer_counter, base::Period::kDay,
            when);
      }
    } else if (event.type == kRedeem) {
      reward = AskedText(event, "reward");
      // A program without rewards has no such type.
      if (cause.type != nullptr) {
        Marks marks(*cause.type);
        marks.Add(cause.type->actor_counters);
        marks.Add(cause.type->member_counters);
        marks.List(cause, read);
      }
    }
  }
  if (event.type == kCancelRedemption) read.counters.push_back(CutCounter());
  if (const auto* of = program.FindReward(reward)) {
    for (const rules::RewardLimit& limit : of->limits) {
      add(limit.counter, limit.per, when);
    }
  }
  std::sort(read.counters.begin(), read.counters.end());
}

// Whether a leg asks if its member is suspended.
bool AsksForStanding(const Message& message) {
  return message.entity.kind == model::Entity::Kind::kMember &&
         !std::holds_alternative<Undo>(message.what) &&
         !std::holds_alternative<Granted>(message.what);
}

void AddInOrder(model::CounterKey counter,
                std::vector<model::CounterKey>& counters) {
  counters.insert(std::lower_bound(counters.begin(), counters.end(), counter),
                  std::move(counter));
}

}  // namespace

void Plan(const Cause& cause, const Message& message, model::ReadSet& read) {
  read.entity = message.entity;
  read.counters.clear();
  read.ranges.clear();
  // All that the one had is the other's.
  read.all_counters = cause.event->type == kMerge;
  if (read.all_counters) return;
  if (const auto* undo = std::get_if<Undo>(&message.what)) {
    for (const Uses* uses :
         {&undo->counted, &undo->counted_before, &undo->uses}) {
      for (const auto& [counter, used] : *uses) {
        read.counters.push_back(counter);
      }
    }
    if (!undo->awards.empty()) read.counters.push_back(CutCounter());
    if (!undo->counted.empty()) read.counters.push_back(EnrolledCounter());
    if (cause.program->has_referrals) {
      read.counters.push_back(ReferrerCounter());
    }
    std::sort(read.counters.begin(), read.counters.end());
  } else if (IsReserved(cause.event->type)) {
    PlanCommand(cause, message, read);
  } else if (cause.type != nullptr) {
    Marks marks(*cause.type);
    PlanLeg(cause, message, marks);
    marks.List(cause, read);
    if (const auto* ask = std::get_if<AskBudgets>(&message.what)) {
      ListBudgets(cause, *ask, read.counters);
    }
  }
  if (!AsksForStanding(message)) return;
  AddInOrder(SuspendedCounter(), read.counters);
  if (cause.program->has_referrals) {
    AddInOrder(ReferrerCounter(), read.counters);
  }
}

model::ReadSet Plan(const Cause& cause, const Message& message) {
  model::ReadSet read;
  Plan(cause, message, read);
  return read;
}

}  // namespace loyalty::core
