// SPDX-License-Identifier: Apache-2.0
//
// Queries over a store's reader. See loyalty/queries.h for what they promise.
#ifndef LOYALTY_LIB_ENGINE_FILE_QUERIES_H_
#define LOYALTY_LIB_ENGINE_FILE_QUERIES_H_

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>

#include <map>
#include <memory>
#include <string>

#include "core/message.h"
#include "engine/stored_program.h"
#include "loyalty/queries.h"
#include "model/entity.h"
#include "store/store.h"

namespace loyalty::engine {

// `store` may be null where somebody else keeps it, and `known`, programs that
// are compiled already, where nobody has any.
absl::StatusOr<std::unique_ptr<Queries>> MakeQueries(
    std::unique_ptr<store::Store> store, std::unique_ptr<store::Reader> reader,
    const StoredPrograms* known);

StatementLine::Kind LineKindOf(model::Movement::Kind kind);

// profile.cc: what a member's state, settled to `at`, means under a program.
MemberProfile ProfileOf(const rules::CompiledProgram& program,
                        const model::EntityState& state, absl::Time at);

// A streak, and a quest (its place among the program's), as in a profile.
StreakStanding StreakAt(const rules::CompiledProgram& program,
                        const rules::Streak& streak,
                        const model::EntityState& state, absl::Time at);
QuestStanding QuestAt(const rules::CompiledProgram& program, int number,
                      const model::EntityState& state, absl::Time at);
// Whether a member's counters of that name say how they stand. Those of limits
// and caps say what the next award comes to, and are most that a busy member
// has.
bool IsOfStanding(model::Symbol counter);
// Adds, to those of a profile, what others did of quests that are done
// together.
absl::Status AddGoals(const rules::CompiledProgram& program,
                      store::Reader& reader, absl::Time at,
                      std::vector<QuestStanding>& quests);

// What levels that the member has let them do, each once.
std::vector<std::string> PrivilegesOf(const rules::CompiledProgram& program,
                                      const model::EntityState& state,
                                      absl::Time at);

// What a metric says of an entity at `at`, for each of what it is kept apart
// by, or for "" if it is not; 0 left out. `state` has all counters.
std::map<std::string, int64_t> MetricAt(const rules::CompiledProgram& program,
                                        const rules::MetricTerms& metric,
                                        const model::EntityState& state,
                                        absl::Time at);
// Of all members, or all objects.
absl::Status SeeMetricOfAll(store::Reader& reader,
                            const rules::CompiledProgram& program,
                            const rules::MetricTerms& metric, absl::Time at,
                            absl::FunctionRef<void(const MetricLine&)> see);

// What is had of a currency with lots, `lots` at the time they are settled to,
// and of one without.
CurrencyBalance BalanceOf(const rules::Currency& currency,
                          const model::EntityState& state);
// Does what is due until `at`: lots vest and expire, and time has brought
// badges, though what these award comes with the entry that says them. `state`
// has all counters.
absl::Status SettleTo(const rules::CompiledProgram& program,
                      model::EntityState& state, absl::Time at);

// catalogue.cc: what points buy. `stock` is the program's own state; `member`
// may be null, and is settled to `at`, with all counters and what is `held`.
std::vector<RewardOffer> CatalogueOf(const rules::CompiledProgram& program,
                                     const model::EntityState& stock,
                                     const model::EntityState* member,
                                     const std::vector<core::HeldReward>& held,
                                     absl::Time at);
// export.cc: everything about the member whose state that is, as JSON.
absl::StatusOr<std::string> ExportOf(store::Reader& reader,
                                     StoredPrograms& programs,
                                     const model::EntityState& state,
                                     const std::vector<MemberVoucher>& vouchers,
                                     absl::Time at);

// explain.cc: why an event did what it did.
inline constexpr char kConditionFalse[] = "its condition was false";
Explanation ExplanationOf(const rules::CompiledProgram& program,
                          const model::RecordedEvent& recorded,
                          const std::vector<model::Movement>& movements);
std::string SentenceOf(const rules::CompiledProgram& program,
                       const Awarded& awarded);
// Adds what took back what it gave.
absl::Status AddWhatReversed(store::Reader& reader,
                             const rules::CompiledProgram& program,
                             const model::RecordedEvent& recorded,
                             Explanation& explanation);

// explain_rules.cc: what a line of such an explanation means for one member.
RuleForMember ForMember(const rules::CompiledProgram& program,
                        const Explanation& explanation,
                        const Explanation::Line& line,
                        const std::string& member);
// The same of a rule that is on other types.
RuleForMember OnOtherTypes(const rules::CompiledProgram& program, int rule,
                           const Event& event);

// explain_balance.cc: what `lines`, all of one member and currency until some
// time, come to; `balance` is what the member had then.
BalanceExplanation BalanceExplanationOf(
    const rules::CompiledProgram& program,
    const std::vector<store::StatementEntry>& lines, CurrencyBalance balance,
    int64_t expired);

// verify.cc: replays the whole journal and compares.
absl::StatusOr<VerifyReport> VerifyAll(
    store::Reader& reader, StoredPrograms& programs,
    absl::FunctionRef<void(double)> progress);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_FILE_QUERIES_H_
