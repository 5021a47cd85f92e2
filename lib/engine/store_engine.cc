// SPDX-License-Identifier: Apache-2.0
//
// See store_engine.h.
#include "engine/store_engine.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "core/asked.h"
#include "core/boards.h"
#include "core/validate.h"
#include "core/vouchers.h"
#include "engine/file_queries.h"
#include "engine/group_names.h"
#include "engine/process.h"
#include "engine/switching.h"
#include "engine/vouchers.h"
#include "rules/values.h"

namespace loyalty::engine {
namespace {

// kInvalidArgument is about one event; every other error is about the
// transaction.
bool IsMalformed(const absl::Status& status) {
  return absl::IsInvalidArgument(status);
}

store::StoredProgram AsStored(const rules::CompiledProgram& program) {
  return {.name = program.name,
          .version = program.version,
          .identity = program.identity,
          .canonical = program.canonical};
}

// The store's programs, whose newest is `program`: the first, if it had none.
absl::StatusOr<StoredPrograms> Adopt(
    store::Store& store,
    std::shared_ptr<const rules::CompiledProgram> program) {
  StoredPrograms programs;
  {
    ASSIGN_OR_RETURN(const auto reader, store.Read());
    ASSIGN_OR_RETURN(programs, StoredPrograms::Load(*reader));
  }
  if (programs.all().empty()) {
    ASSIGN_OR_RETURN(store::StoredProgram added,
                     store.AddProgram(AsStored(*program)));
    programs.Add(std::move(added), std::move(program));
    return programs;
  }
  RETURN_IF_ERROR(CheckIsNewest(programs, *program));
  programs.Add(programs.all().rbegin()->second, std::move(program));
  return programs;
}

// Another key would take none of the codes that there are.
absl::Status CheckKey(store::Store& store, const VoucherKey& key) {
  ASSIGN_OR_RETURN(const auto transaction, store.Begin());
  const model::ReadSet wanted{.entity = {},
                              .counters = {core::KeyPrintCounter()}};
  model::EntityState program;
  RETURN_IF_ERROR(transaction->Load(wanted, program));
  const int64_t print = program.Counter(core::KeyPrintCounter());
  if (print == 0 || print == key.Print()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "EngineOptions.voucher_key is not the one that the file's vouchers were "
      "made with");
}

// Tells the transaction of whom the next events are likely to be about.
void ExpectNext(store::Transaction& transaction,
                std::span<const Event> events) {
  using Nearness = store::Transaction::Nearness;
  for (const auto& [ahead, nearness] :
       {std::pair(9, Nearness::kFar), std::pair(5, Nearness::kNear),
        std::pair(2, Nearness::kNext)}) {
    if (static_cast<size_t>(ahead) >= events.size()) continue;
    const Event& event = events[static_cast<size_t>(ahead)];
    if (event.actor.has_value()) transaction.Expect(*event.actor, nearness);
    for (const auto& [name, value] : event.attributes) {
      if (const auto* text = std::get_if<std::string>(&value.get())) {
        transaction.Expect(*text, nearness);
      }
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<StoreEngine>> StoreEngine::Make(
    std::unique_ptr<store::Store> store,
    std::shared_ptr<const rules::CompiledProgram> program,
    EngineOptions options) {
  ASSIGN_OR_RETURN(std::optional<VoucherKey> key,
                   KeyFor(*program, options.voucher_key));
  ASSIGN_OR_RETURN(StoredPrograms programs, Adopt(*store, program));
  if (key.has_value()) RETURN_IF_ERROR(CheckKey(*store, *key));
  return std::unique_ptr<StoreEngine>(
      new StoreEngine(std::move(store), std::move(program), std::move(programs),
                      std::move(key), std::move(options)));
}

StoreEngine::StoreEngine(std::unique_ptr<store::Store> store,
                         std::shared_ptr<const rules::CompiledProgram> program,
                         StoredPrograms programs,
                         std::optional<VoucherKey> voucher_key,
                         EngineOptions options)
    : store_(std::move(store)),
      program_(std::move(program)),
      programs_(std::move(programs)),
      program_number_(programs_.all().rbegin()->first),
      voucher_key_(std::move(voucher_key)),
      options_(std::move(options)),
      queue_(options_.max_waiting_events,
             [this](std::span<Batch* const> group) { WriteAll(group); }) {}

absl::StatusOr<Outcome> StoreEngine::Process(const Event& event) noexcept {
  ASSIGN_OR_RETURN(std::vector<absl::StatusOr<Outcome>> outcomes,
                   Process(std::span<const Event>(&event, 1)));
  return std::move(outcomes.front());
}

absl::StatusOr<std::vector<absl::StatusOr<Outcome>>> StoreEngine::Process(
    std::span<const Event> events) noexcept {
  return queue_.Process(events);
}

absl::StatusOr<Outcome> StoreEngine::Preview(const Event& event) noexcept {
  if (event.type == kUseVoucher) {
    return absl::InvalidArgumentError(
        "type: codes are not tried out: it would not be counted");
  }
  const base::MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
  return Answer(*transaction, event);
}

absl::StatusOr<Outcome> StoreEngine::Reverse(
    std::string_view id, absl::Time time, std::string_view event_id) noexcept {
  return Process(Event{.id = std::string(id),
                       .type = std::string(kReverse),
                       .time = time,
                       .attributes = {{"event", event_id}}});
}

absl::StatusOr<Outcome> StoreEngine::Switch(const Program& program,
                                            std::string_view id,
                                            absl::Time time) noexcept {
  const base::MutexLock lock(mutex_);
  const std::shared_ptr<const rules::CompiledProgram> next = program.compiled();
  ASSIGN_OR_RETURN(std::optional<VoucherKey> key,
                   KeyFor(*next, options_.voucher_key));
  store::StoredProgram stored = AsStored(*next);
  stored.number = program_number_ + 1;
  const Event event{.id = id.empty() ? absl::StrCat("!switch-", stored.number)
                                     : std::string(id),
                    .type = std::string(kSwitch),
                    .time = time,
                    .attributes = {{"version", next->version}}};
  ASSIGN_OR_RETURN(const std::optional<Outcome> before, AnswerOf(event));
  if (before.has_value()) return *before;
  if (next->identity == program_->identity) {
    return absl::FailedPreconditionError(
        absl::StrCat("the file goes on with version \"", next->version,
                     "\" already: there is nothing to switch to"));
  }
  {
    ASSIGN_OR_RETURN(const auto reader, store_->Read());
    RETURN_IF_ERROR(CheckMaySwitch(*reader, programs_, *next));
  }
  if (key.has_value()) RETURN_IF_ERROR(CheckKey(*store_, *key));
  const absl::Time now = Now();
  ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
  ASSIGN_OR_RETURN(Outcome outcome,
                   ProcessSwitch(*next, stored, programs_, *transaction, event,
                                 now, workspace_));
  if (!outcome.accepted()) {
    return absl::InvalidArgumentError(
        absl::StrCat("it cannot be switched then: ", outcome.reason));
  }
  RETURN_IF_ERROR(transaction->Commit());
  program_ = next;
  program_number_ = stored.number;
  programs_.Add(std::move(stored), next);
  if (key.has_value()) voucher_key_ = std::move(key);
  return outcome;
}

// What was answered to the switch before, if it was sent before.
absl::StatusOr<std::optional<Outcome>> StoreEngine::AnswerOf(
    const Event& event) {
  ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
  if (!core::IsId(event.id)) return std::nullopt;  // and is told so later
  ASSIGN_OR_RETURN(const auto earlier, transaction->FindEvent(event.id));
  if (!earlier.has_value()) return std::nullopt;
  return ProcessOne(*program_, program_number_, programs_, *transaction, event,
                    Now(), workspace_);
}

// What would be rejected as too far ahead is not even tried: a rejection is an
// entry, too, and for ever.
absl::Status StoreEngine::RefuseAhead(absl::Time until) {
  const base::MutexLock lock(mutex_);
  if (until <= Now() + program_->max_ahead) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      absl::FormatTime(until, program_->time_zone), " lies more than ",
      absl::FormatDuration(program_->max_ahead),
      " in the future, which is what the program allows (max_ahead)"));
}

absl::StatusOr<int64_t> StoreEngine::Sweep(absl::Time until) {
  if (until == absl::InfiniteFuture() || until == absl::InfinitePast()) {
    return absl::InvalidArgumentError("sweep until a time that is finite");
  }
  RETURN_IF_ERROR(RefuseAhead(until));
  int64_t made = 0;
  int64_t taken = 0;    // ids that hosts have used, though they look like these
  std::string in_vain;  // who was due first as one came to nothing
  while (true) {
    std::string first;
    Event sweep{.type = std::string(kSweep), .time = until};
    {
      const base::MutexLock lock(mutex_);
      ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
      ASSIGN_OR_RETURN(const auto due,
                       transaction->Due(rules::Canonical(until), 1));
      if (due.empty()) return made;
      first = due.front();
      // Or it would go on for ever.
      if (first == in_vain) {
        return absl::InternalError(
            absl::StrCat("\"", first, "\" is due still, after a sweep of ",
                         absl::FormatTime(until, absl::UTCTimeZone())));
      }
      ASSIGN_OR_RETURN(const auto head, transaction->ReadHead());
      // Before all that hosts are likely to use, so that ids that grow with
      // time go on growing (store/event_ids.h).
      sweep.id = absl::StrCat("!sweep-", head.seq + 1);
      if (taken > 0) absl::StrAppend(&sweep.id, "-", taken);
    }
    ASSIGN_OR_RETURN(const Outcome outcome, Process(sweep));
    if (outcome.repeat || outcome.rejected == RejectReason::kEventIdReused) {
      ++taken;
      continue;
    }
    if (!outcome.accepted()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the sweep was rejected: ", outcome.reason));
    }
    in_vain = outcome.effects.empty() ? first : "";
    ++made;
  }
  return made;
}

// Of leaderboards that have prizes, or are leagues, the seasons that are over
// and have somebody on them.
absl::StatusOr<std::vector<StoreEngine::Over>> StoreEngine::SeasonsOver(
    absl::Time until) {
  std::vector<Over> over;
  const base::MutexLock lock(mutex_);
  const bool any = std::any_of(
      program_->leaderboards.begin(), program_->leaderboards.end(),
      [](const rules::Leaderboard& board) { return board.has_ends(); });
  if (!any) return over;
  ASSIGN_OR_RETURN(const auto reader, store_->Read());
  ASSIGN_OR_RETURN(const model::EntityState program, reader->Program());
  for (const rules::Leaderboard& board : program_->leaderboards) {
    if (!board.has_ends()) continue;
    ASSIGN_OR_RETURN(const auto seasons, reader->Seasons(board.name.text()));
    for (const int64_t season : seasons) {
      const absl::Time end =
          rules::SeasonEnd(board, season, program_->time_zone);
      if (end > until) continue;
      // Those who came too late for a cohort, or are in no group.
      if (!board.cohort.empty() &&
          rules::CohortOf(board, season, program_->time_zone).number == 0) {
        continue;
      }
      if (program.Counter(core::EndedCounter(board, season)) != 0) continue;
      ASSIGN_OR_RETURN(
          std::string name,
          FullSeasonName(*reader, programs_, *program_, board, season));
      over.push_back(
          {.board = board.id, .season = std::move(name), .end = end});
    }
  }
  std::stable_sort(over.begin(), over.end(),
                   [](const Over& a, const Over& b) { return a.end < b.end; });
  return over;
}

absl::StatusOr<int64_t> StoreEngine::EndSeasons(absl::Time until) {
  if (!rules::IsInRange(until)) {
    return absl::InvalidArgumentError(
        "end seasons until a time in the years 1 to 9999");
  }
  RETURN_IF_ERROR(RefuseAhead(until));
  ASSIGN_OR_RETURN(const std::vector<Over> over, SeasonsOver(until));
  int64_t made = 0;
  for (const Over& one : over) {
    Event ended{
        .type = std::string(kSeasonEnded),
        .time = until,
        .attributes = {{"leaderboard", one.board}, {"season", one.season}}};
    for (int taken = 0;; ++taken) {
      ended.id = absl::StrCat("!season-", one.board, "-", one.season);
      if (taken > 0) absl::StrAppend(&ended.id, "-", taken);
      ASSIGN_OR_RETURN(const Outcome outcome, Process(ended));
      if (outcome.repeat || outcome.rejected == RejectReason::kEventIdReused) {
        continue;
      }
      if (outcome.accepted()) break;
      return absl::FailedPreconditionError(
          absl::StrCat("the end of season ", one.season, " of ", one.board,
                       " was rejected: ", outcome.reason));
    }
    ++made;
  }
  return made;
}

absl::StatusOr<std::unique_ptr<Queries>> StoreEngine::Query() noexcept {
  // Between two transactions, so that the store has nothing put off.
  const base::MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(auto reader, store_->Read());
  return MakeQueries(nullptr, std::move(reader), &programs_);
}

// One that cannot be recorded ends the transaction for all that share it. So
// those before it are done again without it, and it is tried alone: what was
// only too much for one transaction may do in three.
void StoreEngine::WriteAll(std::span<Batch* const> group) {
  if (group.empty()) return;
  const size_t failed = WriteTogether(group);
  if (failed == group.size() || group.size() == 1) return;
  WriteAll(group.first(failed));
  WriteAll(group.subspan(failed, 1));
  WriteAll(group.subspan(failed + 1));
}

// Answers all in one commit and returns how many they are; or answers the one
// that failed, records nothing, and returns its place. Nobody has an answer
// before the commit is done, whatever may be thrown on the way.
size_t StoreEngine::WriteTogether(std::span<Batch* const> group) {
  const base::MutexLock lock(mutex_);
  const auto answer_all = [group](const absl::Status& status) {
    for (Batch* const batch : group) batch->answers = status;
    return group.size();
  };
  const auto transaction = store_->Begin();
  if (!transaction.ok()) return answer_all(transaction.status());
  bool wrote = false;
  std::vector<CommitQueue::Answers> answers;
  answers.reserve(group.size());
  for (Batch* const batch : group) {
    answers.push_back(AnswerEach(**transaction, batch->events, wrote));
    if (answers.back().ok()) continue;
    batch->answers = std::move(answers.back());
    return answers.size() - 1;
  }
  if (wrote) {
    // If it fails, nobody knows what is on the disk: it is not tried again.
    const absl::Status committed = (*transaction)->Commit();
    if (!committed.ok()) return answer_all(committed);
  }
  for (size_t i = 0; i < group.size(); ++i) {
    group[i]->answers = std::move(answers[i]);
  }
  return group.size();
}

// Within a transaction that has to be dropped if it returns an error. `wrote`
// becomes true if there is something to commit.
CommitQueue::Answers StoreEngine::AnswerEach(store::Transaction& transaction,
                                             std::span<const Event> events,
                                             bool& wrote) {
  std::vector<absl::StatusOr<Outcome>> outcomes;
  outcomes.reserve(events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    ExpectNext(transaction, events.subspan(i));
    outcomes.push_back(Answer(transaction, events[i]));
    const absl::StatusOr<Outcome>& outcome = outcomes.back();
    if (!outcome.ok() && !IsMalformed(outcome.status())) {
      return outcome.status();
    }
    wrote |= outcome.ok() && outcome->seq > 0 && !outcome->repeat;
    if (outcome.ok()) {
      RETURN_IF_ERROR(TellVouchers(transaction, events[i], *outcomes.back()));
    }
  }
  // What goes wrong in writing is this batch's, and not the next one's.
  RETURN_IF_ERROR(transaction.Flush());
  return outcomes;
}

absl::StatusOr<Outcome> StoreEngine::Answer(store::Transaction& transaction,
                                            const Event& event) {
  const absl::Time now = Now();
  if (!IsAboutVouchers(*program_, event)) {
    return ProcessOne(*program_, program_number_, programs_, transaction, event,
                      now, workspace_);
  }
  if (!voucher_key_.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("type: no reward of the program gives vouchers, and \"",
                     event.type, "\" is about one"));
  }
  ASSIGN_OR_RETURN(const Event sealed, voucher_key_->Sealed(*program_, event));
  return ProcessOne(*program_, program_number_, programs_, transaction, sealed,
                    now, workspace_);
}

// Of an accepted redemption, or a capture, the codes; Preview, which records
// nothing, gives none away.
absl::Status StoreEngine::TellVouchers(store::Transaction& transaction,
                                       const Event& event, Outcome& outcome) {
  if (!voucher_key_.has_value() || !outcome.accepted()) return absl::OkStatus();
  if (event.type != kRedeem && event.type != kCaptureHold) {
    return absl::OkStatus();
  }
  const std::string& id =
      event.type == kRedeem ? event.id : core::AskedText(event, "hold");
  ASSIGN_OR_RETURN(const auto redemption, transaction.FindEvent(id));
  if (!redemption.has_value()) {
    return absl::DataLossError(
        absl::StrCat("there is no redemption \"", id, "\""));
  }
  // An accepted redemption names a reward, of the program of its time.
  ASSIGN_OR_RETURN(const rules::CompiledProgram* const then,
                   programs_.At(redemption->seq));
  const rules::Reward& reward =
      *then->FindReward(core::AskedText(redemption->event, "reward"));
  const auto find = [&](int64_t seq) { return transaction.FindEvent(seq); };
  const auto counter =
      [&](const model::CounterKey& key) -> absl::StatusOr<int64_t> {
    model::EntityState program;
    RETURN_IF_ERROR(
        transaction.Load({.entity = {}, .counters = {key}}, program));
    return program.Counter(key);
  };
  ASSIGN_OR_RETURN(outcome.vouchers,
                   CodesGivenBy(outcome.seq, *voucher_key_, reward,
                                redemption->event, counter, find));
  return absl::OkStatus();
}

}  // namespace loyalty::engine
