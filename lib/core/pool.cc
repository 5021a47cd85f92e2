// SPDX-License-Identifier: Apache-2.0
//
// Budgets: what a rule, or the whole program, may give in a period, whoever
// gets it. They are kept at one entity, the program, which is asked in a leg of
// its own: the recipient's leg sends what limits left of an award, this one
// answers with what the budgets grant of it, and the recipient's next leg gives
// that.
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "core/counters.h"
#include "core/leg.h"

namespace loyalty::core {
namespace {

Message& MessageTo(Leg& leg, const model::Entity& entity) {
  Message& message = leg.decision.messages.emplace_back();
  message.entity = entity;
  return message;
}

Granted& AnswerTo(Leg& leg, const std::string& member) {
  std::vector<Message>& messages = leg.decision.messages;
  for (size_t i = leg.first_message; i < messages.size(); ++i) {
    if (messages[i].entity.id == member) {
      return std::get<Granted>(messages[i].what);
    }
  }
  return MessageTo(leg, MemberEntity(member)).what.emplace<Granted>();
}

// Said once: by the event that takes the last of it.
void SayIfSpent(Leg& leg, const rules::Rule& rule, const rules::Budget& budget,
                int64_t left) {
  if (left > 0) return;
  leg.Note(rule.id,
           absl::StrCat(budget.reason == CutReason::kProgramBudget
                            ? "the program's budget of "
                            : "its budget of ",
                        budget.most,
                        " units is spent; what comes is cut until its period "
                        "ends"));
}

void Grant(Leg& leg, AskedAward& asked) {
  const rules::Rule& rule = leg.cause.type->rules[asked.rule];
  const rules::Award& award = rule.awards[asked.award];
  for (const rules::Budget& budget : award.budgets) {
    const int64_t left =
        budget.most - leg.Counter(KeyOf(leg.cause, budget.counter));
    if (left >= asked.granted) continue;
    asked.granted = std::max<int64_t>(0, left);
    asked.cut = budget.reason;
  }
  if (asked.granted == 0) return;
  for (const rules::Budget& budget : award.budgets) {
    int64_t& spent = leg.ChangingCounter(KeyOf(leg.cause, budget.counter));
    spent += asked.granted;
    SayIfSpent(leg, rule, budget, budget.most - spent);
  }
}

}  // namespace

void AskPool(Leg& leg, AskedAward asked) {
  std::vector<Message>& messages = leg.decision.messages;
  for (size_t i = leg.first_message; i < messages.size(); ++i) {
    if (auto* pool = std::get_if<AskBudgets>(&messages[i].what)) {
      pool->awards.push_back(std::move(asked));
      return;
    }
  }
  MessageTo(leg, model::Entity{})
      .what.emplace<AskBudgets>()
      .awards.push_back(std::move(asked));
}

void AnswerForBudgets(Leg& leg, const AskBudgets& ask) {
  for (AskedAward asked : ask.awards) {
    Grant(leg, asked);
    const std::string member = asked.member;
    AnswerTo(leg, member).awards.push_back(std::move(asked));
  }
}

}  // namespace loyalty::core
