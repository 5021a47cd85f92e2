// SPDX-License-Identifier: Apache-2.0
//
// Budgets of rules and of the program. See compiler.h.
#include <absl/strings/str_cat.h>

#include "base/suggest.h"
#include "rules/compiler.h"

namespace loyalty::rules {

// The place of the currency that it is of, or -1, with an error, if it is of
// none.
int Compiler::CurrencyOf(const model::BudgetSpec& spec,
                         const std::string& where) {
  if (spec.currency.empty() && spec_.currencies.size() == 1) return 0;
  const int currency = out_.CurrencyIndex(spec.currency.text);
  if (currency >= 0) return currency;
  std::vector<std::string> known;
  for (const Currency& one : out_.currencies) {
    if (!one.is_badge) known.push_back(one.id);
  }
  Error(spec.currency.empty() ? spec.at : spec.currency.at,
        spec.currency.empty()
            ? where + " names no currency"
            : absl::StrCat(where, ": currency \"", spec.currency.text,
                           "\" is not declared"),
        base::DidYouMean(spec.currency.text, known));
  return -1;
}

void Compiler::AddBudgets(const std::vector<model::BudgetSpec>& specs,
                          const std::string& counter, const std::string& where,
                          CutReason reason, Award& award) {
  for (size_t i = 0; i < specs.size(); ++i) {
    const model::BudgetSpec& spec = specs[i];
    if (!InRange(spec.units, 1, spec.at, where + ": units")) continue;
    if (CurrencyOf(spec, where) != award.currency) continue;
    Budget budget{.most = spec.units, .reason = reason};
    budget.counter.name = absl::StrCat(counter, i, "/", PeriodName(spec.per));
    budget.counter.per = spec.per;
    award.budgets.push_back(std::move(budget));
  }
}

// The rule's own, then the program's.
void Compiler::BudgetsOf(const model::RuleSpec& rule, Award& award) {
  AddBudgets(rule.budgets, absl::StrCat("budget:", rule.id.text, "/"),
             absl::StrCat("rule \"", rule.id.text, "\", budget"),
             CutReason::kBudget, award);
  AddBudgets(spec_.budgets, "budget:/", "the program, budget",
             CutReason::kProgramBudget, award);
}

}  // namespace loyalty::rules
