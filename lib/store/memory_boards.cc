// SPDX-License-Identifier: Apache-2.0
#include "store/memory_boards.h"

#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "model/board_name.h"

namespace loyalty::store {
namespace {

using model::Entity;

bool IsHidden(const Book& book, const std::string& member) {
  const auto state = book.states.find({Entity::Kind::kMember, member});
  if (state == book.states.end()) return false;
  const auto hidden = state->second.all.find({.name = model::kHiddenName});
  return hidden != state->second.all.end() && hidden->second != 0;
}

}  // namespace

std::vector<Ranked> WholeBoard(const Book& book, BoardRef board) {
  std::vector<Ranked> all;
  const auto found =
      book.boards.find({model::Symbol(board.name), board.season});
  if (found == book.boards.end()) return all;
  for (const auto& [place, member] : found->second) {
    if (IsHidden(book, member)) continue;
    const auto row = std::ssize(all);
    const bool tied = row > 0 && all.back().earned == place.earned &&
                      all.back().tie == place.tie;
    all.push_back({.row = row,
                   .rank = tied ? all.back().rank : row + 1,
                   .member = member,
                   .earned = place.earned,
                   .tie = place.tie});
  }
  return all;
}

// What bears on it of both books.
std::vector<Ranked> WholeBoard(const Book& before, const Book& mine,
                               BoardRef board) {
  Book all;
  const BoardName name(board.name, board.season);
  const auto committed = before.boards.find(name);
  if (committed != before.boards.end()) {
    for (const auto& [place, member] : committed->second) {
      Place(all, name, member, place);
    }
  }
  for (const auto& [at, movement] : mine.movements) {
    if (movement.currency != name.first || name.second != 0) continue;
    Place(all, name, movement.member,
          {.earned = movement.earned, .seq = at.seq, .n = at.n});
  }
  for (const auto& [whose, place] : mine.places) {
    if (whose.first == name) Place(all, name, whose.second, place);
  }
  const model::CounterKey hidden{.name = model::kHiddenName};
  for (const auto& [whose, place] : all.places) {
    const Entity member{Entity::Kind::kMember, whose.second};
    all.states[member].all[hidden] = CounterIn(before, mine, member, hidden);
  }
  return WholeBoard(all, board);
}

std::vector<Ranked> PageIn(const Book& book, BoardRef board, int64_t row,
                           int limit) {
  std::vector<Ranked> page;
  for (Ranked& ranked : WholeBoard(book, board)) {
    if (std::ssize(page) >= limit) break;
    if (ranked.row >= row) page.push_back(std::move(ranked));
  }
  return page;
}

std::vector<Ranked> WantedOf(
    std::vector<Ranked> rows,
    absl::FunctionRef<bool(const Ranked& row, int64_t rows)> wants) {
  size_t wanted = 0;
  while (wanted < rows.size() && wants(rows[wanted], std::ssize(rows))) {
    ++wanted;
  }
  rows.resize(wanted);
  return rows;
}

std::optional<Ranked> RankIn(const Book& book, BoardRef board,
                             std::string_view member) {
  const auto found = book.places.find(
      {{model::Symbol(board.name), board.season}, std::string(member)});
  if (found == book.places.end() || found->second.earned == 0) {
    return std::nullopt;
  }
  const BoardKey& place = found->second;
  Ranked mine{.rank = 1,
              .member = std::string(member),
              .earned = place.earned,
              .tie = place.tie,
              .listed = !IsHidden(book, found->first.second)};
  for (const auto& [key, other] : book.boards.at(found->first.first)) {
    if (key >= place) break;
    if (IsHidden(book, other)) continue;
    ++mine.row;
    if (key.earned != place.earned || key.tie != place.tie) ++mine.rank;
  }
  return mine;
}

int64_t ScoresAboveIn(const Book& book, BoardRef board, int64_t earned,
                      int64_t tie) {
  std::set<std::pair<int64_t, int64_t>> above;
  for (const Ranked& ranked : WholeBoard(book, board)) {
    const std::pair score(ranked.earned, ranked.tie);
    if (score > std::pair(earned, tie)) above.insert(score);
  }
  return std::ssize(above);
}

std::vector<int64_t> SeasonsIn(const Book& book, std::string_view name) {
  std::vector<int64_t> seasons;
  for (const auto& [board, rows] : book.boards) {
    if (board.first.text() != name) continue;
    if (!WholeBoard(book, {name, board.second}).empty()) {
      seasons.push_back(board.second);
    }
  }
  return seasons;
}

int64_t CounterIn(const Book& before, const Book& mine, const Entity& entity,
                  const model::CounterKey& key) {
  for (const Book* book : {&mine, &before}) {
    const auto state = book->states.find(entity);
    if (state == book->states.end()) continue;
    const auto counter = state->second.all.find(key);
    if (counter != state->second.all.end()) return counter->second;
  }
  return 0;
}

void RankCounter(const Book& before, Book& mine, const Entity& entity,
                 const model::CounterKey& key, model::Position at) {
  if (entity.kind != Entity::Kind::kMember) return;
  const std::string& name = key.name.text();
  const bool is_tie = name.starts_with(model::kTiePrefix);
  if (!is_tie && !model::IsBoardName(name)) return;
  const model::Symbol board =
      is_tie ? model::Symbol(model::BoardNameOf(name)) : key.name;
  const model::Symbol tie =
      is_tie ? key.name : model::Symbol(model::TieNameOf(name));
  const auto counter = [&](model::Symbol of) {
    return CounterIn(before, mine, entity, {.name = of, .window = key.window});
  };
  const int64_t earned = counter(board);
  BoardKey& place = mine.places[{{board, key.window}, entity.id}];
  place = {};
  if (earned == 0) return;
  place = {.earned = earned, .seq = at.seq, .n = at.n, .tie = counter(tie)};
}

}  // namespace loyalty::store
