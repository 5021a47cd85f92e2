// SPDX-License-Identifier: Apache-2.0
//
// Queries over a store's reader. See loyalty/queries.h for what they promise.
#ifndef LOYALTY_LIB_ENGINE_FILE_QUERIES_H_
#define LOYALTY_LIB_ENGINE_FILE_QUERIES_H_

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "engine/stored_program.h"
#include "loyalty/queries.h"
#include "model/entity.h"
#include "store/store.h"

namespace loyalty::engine {

// `store` may be null where somebody else keeps it.
absl::StatusOr<std::unique_ptr<Queries>> MakeQueries(
    std::unique_ptr<store::Store> store, std::unique_ptr<store::Reader> reader);

// profile.cc: what a member's state means under a program.
MemberProfile ProfileOf(const rules::CompiledProgram& program,
                        const model::EntityState& state);

// What is had of a currency with lots, `lots` at the time they are settled to,
// and of one without.
CurrencyBalance BalanceOf(const rules::Currency& currency,
                          const model::EntityState& state);
// Does what is due until `at`.
void SettleTo(model::EntityState& state, absl::Time at);

StatementLine::Kind KindOf(model::Movement::Kind kind);

// export.cc: everything about the member whose state that is, as JSON.
absl::StatusOr<std::string> ExportOf(store::Reader& reader,
                                     StoredPrograms& programs,
                                     const model::EntityState& state);

// explain.cc: why an event did what it did.
Explanation ExplanationOf(const rules::CompiledProgram& program,
                          const model::RecordedEvent& recorded,
                          const std::vector<model::Posting>& postings);

// verify.cc: replays the whole journal and compares.
absl::StatusOr<VerifyReport> VerifyAll(
    store::Reader& reader, StoredPrograms& programs,
    absl::FunctionRef<void(double)> progress);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_FILE_QUERIES_H_
