// SPDX-License-Identifier: Apache-2.0
//
// Leaderboards of the memory store: questions to a book, or to what was
// committed and a transaction's own book together. See Reader for what is
// promised.
#ifndef LOYALTY_LIB_STORE_MEMORY_BOARDS_H_
#define LOYALTY_LIB_STORE_MEMORY_BOARDS_H_

#include <absl/functional/function_ref.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/entity.h"
#include "model/position.h"
#include "store/memory_book.h"
#include "store/store.h"

namespace loyalty::store {

// All rows, in their order.
std::vector<Ranked> WholeBoard(const Book& book, BoardRef board);
std::vector<Ranked> WholeBoard(const Book& before, const Book& mine,
                               BoardRef board);

std::vector<Ranked> PageIn(const Book& book, BoardRef board, int64_t row,
                           int limit);
// As Transaction::Standings, of those rows.
std::vector<Ranked> WantedOf(
    std::vector<Ranked> rows,
    absl::FunctionRef<bool(const Ranked& row, int64_t rows)> wants);

std::optional<Ranked> RankIn(const Book& book, BoardRef board,
                             std::string_view member);
int64_t ScoresAboveIn(const Book& book, BoardRef board, int64_t earned,
                      int64_t tie);
std::vector<int64_t> SeasonsIn(const Book& book, std::string_view name);

// A counter of an entity; 0 if there is none.
int64_t CounterIn(const Book& before, const Book& mine,
                  const model::Entity& entity, const model::CounterKey& key);

// That counter, without a key, has changed in `mine`, at that place of the
// journal: some are places on leaderboards.
void RankCounter(const Book& before, Book& mine, const model::Entity& entity,
                 const model::CounterKey& key, model::Position at);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_MEMORY_BOARDS_H_
