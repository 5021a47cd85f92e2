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
void SayIfSpent(Leg& leg, const std::string& rule, const rules::Budget& budget,
                int64_t left) {
  if (left > 0) return;
  leg.Note(rule,
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
    SayIfSpent(leg, rule.id, budget, budget.most - spent);
  }
}

// As the program has it by now: a budget that was changed since goes on with
// what was spent.
const rules::Budget& AsItIs(const rules::CompiledProgram& program,
                            const rules::Budget& then) {
  for (const auto& awards : program.budgets) {
    for (const auto& budgets : awards) {
      for (const rules::Budget& budget : budgets) {
        if (budget.counter.name == then.counter.name) return budget;
      }
    }
  }
  return then;
}

void GrantMore(Leg& leg, const AskAgain::Award& award, BudgetsSaid& said) {
  int64_t granted = award.more;
  BudgetsSaid::Cut cut;
  for (const BudgetUse& use : award.budgets) {
    const rules::Budget& budget = AsItIs(leg.program, *use.budget);
    const int64_t left = budget.most - leg.Counter(use.counter);
    if (left >= granted) continue;
    granted = std::max<int64_t>(0, left);
    cut.reason = budget.reason;
  }
  int64_t& told = said.told[award.at];
  told += granted;
  if (granted < award.more) {
    cut.most = told;
    cut.less = award.more - granted;
    said.cut[award.at] = cut;
  }
  if (granted == 0) return;
  for (const BudgetUse& use : award.budgets) {
    const rules::Budget& budget = AsItIs(leg.program, *use.budget);
    int64_t& spent = leg.ChangingCounter(use.counter);
    spent += granted;
    SayIfSpent(leg, award.rule, budget, budget.most - spent);
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

// What is given back to budgets is there for what asks them.
void AnswerAgain(Leg& leg, const AskAgain& ask) {
  Undo undo = ask.undo;
  BudgetsSaid& said = *undo.said;
  for (const AskAgain::Award& award : ask.awards) {
    if (award.more >= 0) continue;
    said.told[award.at] += award.more;
    for (const BudgetUse& use : award.budgets) {
      leg.ChangingCounter(use.counter) += award.more;
    }
  }
  for (const AskAgain::Award& award : ask.awards) {
    if (award.more > 0) GrantMore(leg, award, said);
  }
  MessageTo(leg, ask.member).what = std::move(undo);
}

}  // namespace loyalty::core
