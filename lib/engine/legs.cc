// SPDX-License-Identifier: Apache-2.0
//
// See legs.h.
#include "engine/legs.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>

#include "base/status_macros.h"
#include "core/asked.h"
#include "core/counters.h"
#include "core/due.h"
#include "core/offer.h"
#include "core/plan.h"
#include "core/referral.h"
#include "core/relimit.h"
#include "core/validate.h"
#include "core/vouchers.h"
#include "engine/addressing.h"
#include "engine/award_limits.h"
#include "engine/recall.h"

namespace loyalty::engine {
namespace {

// Whether a leg is decided by what is more than the entity as it is.
bool LooksBack(const core::Message& message) {
  return message.If<core::Undo>() != nullptr ||
         message.If<core::Command>() != nullptr ||
         std::holds_alternative<core::GiveCode>(message.what);
}

void ForgetPast(core::State& state) {
  state.history.clear();
  state.terms.clear();
  state.relimits = false;
  state.limits.clear();
  state.goes_alone = false;
  state.grants.clear();
  state.held.clear();
  state.times.clear();
  state.brought = {};
  state.aliases.clear();
}

}  // namespace

Legs::Legs(const rules::CompiledProgram& program, StoredPrograms& programs,
           store::Transaction& transaction, Workspace& workspace)
    : program_(program),
      programs_(programs),
      transaction_(transaction),
      workspace_(workspace),
      delta_(workspace.delta),
      decision_(workspace.decision),
      aliases_(transaction.Aliases()),
      event_(Address()),
      cause_(program, event_, delta_.recorded.seq) {
  Outcome& outcome = delta_.recorded.outcome;
  outcome.event_id = delta_.recorded.event.id;
  outcome.seq = delta_.recorded.seq;
  outcome.recorded_at = delta_.recorded.recorded_at;
}

// Where nobody became another there is nothing to do.
const Event& Legs::Address() {
  const Event& event = delta_.recorded.event;
  const int64_t seq = delta_.recorded.seq;
  const bool names_alias =
      !aliases_.empty() && NamesAlias(program_, event, aliases_, seq);
  if (!names_alias && !program_.has_recalls) return event;
  workspace_.addressed =
      names_alias ? Addressed(program_, event, aliases_, seq) : event;
  recalled_ = AddRecalledTo(program_, seq, workspace_.addressed);
  return workspace_.addressed;
}

// Adds what earlier entries said.
absl::Status Legs::AddRecalledTo(const rules::CompiledProgram& program,
                                 int64_t seq, Event& event) {
  const auto load = [&](const model::ReadSet& wanted,
                        model::EntityState& state) {
    return transaction_.Load(wanted, state);
  };
  const auto find = [&](int64_t entry) {
    return transaction_.FindEvent(entry);
  };
  return AddRecalled(program, programs_, aliases_, {.load = load, .find = find},
                     seq, event);
}

// The program that decided an entry.
absl::StatusOr<const rules::CompiledProgram*> Legs::ProgramAt(int64_t seq) {
  if (seq == delta_.recorded.seq) return &program_;
  return programs_.At(seq);
}

// A past event as it was addressed then.
absl::StatusOr<Event> Legs::Then(const model::RecordedEvent& recorded) {
  ASSIGN_OR_RETURN(const rules::CompiledProgram* const program,
                   ProgramAt(recorded.seq));
  if (aliases_.empty() && !program->has_recalls) return recorded.event;
  Event event = Addressed(*program, recorded.event, aliases_, recorded.seq);
  RETURN_IF_ERROR(AddRecalledTo(*program, recorded.seq, event));
  return event;
}

std::string Legs::Now(const std::string& member) const {
  std::string now(aliases_.Resolve(member));
  const bool becomes_another = event_.type == kMerge && now == event_.actor;
  return becomes_another ? core::AskedText(event_, "into") : now;
}

absl::Status Legs::Run() {
  RETURN_IF_ERROR(recalled_);
  const Event& event = event_;
  if (event.time > delta_.recorded.recorded_at + program_.max_ahead) {
    Reject(RejectReason::kAhead,
           absl::StrCat("it lies more than ",
                        absl::FormatDuration(program_.max_ahead),
                        " in the future"));
  } else {
    RETURN_IF_ERROR(RunAll());
    RETURN_IF_ERROR(ShareGoals());
    RETURN_IF_ERROR(RunReviews(cause_));
    RETURN_IF_ERROR(RunHappenings());
    if (decision_.rejected != RejectReason::kNone) TakeBackAll();
  }
  Finish();
  return absl::OkStatus();
}

// From what was decided to what is to be written. The host keeps the outcome,
// so that its lists are made as long as they need be.
void Legs::Finish() {
  if (core::IsReserved(event_.type)) {
    delta_.member_attributes = MemberAttributesOf(program_, event_.type);
    if (event_.type == kSuspend) delta_.personal_attributes = {"reason"};
  } else if (cause_.type != nullptr) {
    delta_.member_attributes = cause_.type->member_attributes;
    delta_.personal_attributes = cause_.type->personal_attributes;
  }
  if (delta_.recorded.outcome.accepted()) FinishWhoIsWho();
  delta_.movements.swap(decision_.movements);
  workspace_.touched.TakeTo(delta_.states);
  Outcome& outcome = delta_.recorded.outcome;
  outcome.effects.assign(std::make_move_iterator(decision_.effects.begin()),
                         std::make_move_iterator(decision_.effects.end()));
  outcome.notes.assign(std::make_move_iterator(decision_.notes.begin()),
                       std::make_move_iterator(decision_.notes.end()));
}

// Whose names go, and who is another from here on.
void Legs::FinishWhoIsWho() {
  if (event_.type == kErase) {
    delta_.erased_members = {*event_.actor};
    for (const model::Alias& alias : aliases_.Of(*event_.actor)) {
      delta_.erased_members.push_back(alias.member);
    }
  } else if (event_.type == kMerge) {
    delta_.alias = {.member = *event_.actor,
                    .into = core::AskedText(event_, "into"),
                    .seq = delta_.recorded.seq};
  }
}

// The answer is no: nothing else came of it, unless the last leg says that what
// it counted stays.
void Legs::TakeBackAll() {
  Reject(decision_.rejected, std::move(decision_.reason));
  delta_.reversed_events.clear();
  workspace_.touched.Clear();
  if (decision_.counted_all_the_same) {
    workspace_.touched.Keep(decision_.after);
  }
  decision_.Clear();
}

absl::Status Legs::RunAll() {
  if (core::IsReserved(delta_.recorded.event.type)) return RunCommand();
  if (cause_.type == nullptr) {
    return absl::InternalError("an event of unknown type reached its legs");
  }
  core::Enter enter;
  if (!cause_.type->groups.empty()) {
    ASSIGN_OR_RETURN(enter, Entering());
  }
  decision_.messages.push_back(core::EnterMessage(cause_));
  decision_.messages.back().what = std::move(enter);
  RETURN_IF_ERROR(RunQueue());
  // What an event takes back comes after what it gives.
  const auto undo = std::move(decision_.undo);
  for (const auto& one : undo) {
    RETURN_IF_ERROR(
        std::visit([this](const auto& what) { return Undo(what); }, one));
  }
  return absl::OkStatus();
}

void Legs::Reject(RejectReason reason, std::string sentence) {
  delta_.recorded.outcome.rejected = reason;
  delta_.recorded.outcome.reason = std::move(sentence);
}

// Breadth first, in the order in which the messages were made.
absl::Status Legs::RunQueue(const core::Cause& cause) {
  std::vector<core::Message>& queue = decision_.messages;
  for (size_t next = 0; next < queue.size(); ++next) {
    // Out of the queue, which a leg makes longer.
    core::Message message = std::move(queue[next]);
    // A name that a formula made may be anybody's.
    if (!aliases_.empty()) {
      message.entity = engine::Now(std::move(message.entity), aliases_);
    }
    RETURN_IF_ERROR(RunOne(cause, message));
    if (decision_.rejected != RejectReason::kNone) break;
  }
  queue.clear();
  return absl::OkStatus();
}

absl::Status Legs::RunOne(const core::Cause& cause,
                          const core::Message& message) {
  if (program_.badges_pass) RETURN_IF_ERROR(AskDue(message.entity));
  RETURN_IF_ERROR(Load(cause, message));
  const size_t first_movement = decision_.movements.size();
  RETURN_IF_ERROR(core::Apply(cause, workspace_.state, message, decision_));
  Keep(first_movement);
  return absl::OkStatus();
}

// Before anything else reaches a member: the badges that time has brought, each
// in a leg as of when it was due. A sweep leaves them alone.
absl::Status Legs::AskDue(const model::Entity& member) {
  if (member.kind != model::Entity::Kind::kMember || event_.type == kSweep ||
      event_.type == kErase || !asked_due_.insert(member.id).second) {
    return absl::OkStatus();
  }
  core::State& state = workspace_.state;
  workspace_.wanted = {.entity = member};
  core::ListDue(program_, workspace_.wanted.counters);
  RETURN_IF_ERROR(LoadWanted(false));
  if (!state.entity.exists || core::AskedUntil(state.entity) >= event_.time) {
    return absl::OkStatus();
  }
  std::vector<core::Due> all =
      core::DueUntil(program_, state.entity, event_.time);
  all.push_back({.time = event_.time});  // which ends it
  for (core::Due& due : all) {
    const Event event = core::DueEvent(member, due.time);
    const core::Cause cause(program_, event, delta_.recorded.seq);
    const core::Message message =
        core::DueMessage(member, std::move(due.badges));
    RETURN_IF_ERROR(Load(cause, message));
    const size_t first_movement = decision_.movements.size();
    RETURN_IF_ERROR(core::Apply(cause, state, message, decision_));
    Keep(first_movement);
  }
  return absl::OkStatus();
}

// Sets the workspace's state to what the leg of `message` reads.
absl::Status Legs::Load(const core::Cause& cause,
                        const core::Message& message) {
  core::State& state = workspace_.state;
  core::Plan(cause, message, workspace_.wanted);
  const bool asks_quests = !program_.quests.empty() &&
                           std::holds_alternative<core::Review>(message.what);
  RETURN_IF_ERROR(LoadWanted(asks_quests));
  if (program_.has_referrals) RETURN_IF_ERROR(LoadReferrer(state.entity));
  // Most legs, and most of those before them, look at the entity alone.
  if (state.has_past) ForgetPast(state);
  state.has_past = LooksBack(message);
  if (!state.has_past) return absl::OkStatus();
  RETURN_IF_ERROR(LoadHolds(message));
  RETURN_IF_ERROR(LoadBroughtCode(message));
  RETURN_IF_ERROR(LoadHistory(message));
  RETURN_IF_ERROR(LoadSeasons(message));
  return LoadTerms();
}

// What is wanted of an entity, as this event has made it by now; with
// `remembers`, as it found it, too.
absl::Status Legs::LoadWanted(bool remembers) {
  core::State& state = workspace_.state;
  RETURN_IF_ERROR(transaction_.Load(workspace_.wanted, state.entity));
  state.found.reset();
  if (remembers) state.found = state.entity;
  if (const model::EntityState* const now =
          workspace_.touched.Find(workspace_.wanted.entity)) {
    state.entity.exists = now->exists;
    state.entity.since = now->since;
    state.entity.holdings = now->holdings;
    state.entity.lots = now->lots;
    state.entity.counters.Assign(now->counters);
  }
  return absl::OkStatus();
}

// A history has several movements of one entry, and is asked more than once.
absl::StatusOr<const Event*> Legs::EventOf(int64_t seq) {
  const auto known = past_.find(seq);
  if (known != past_.end()) return &known->second;
  ASSIGN_OR_RETURN(const auto recorded, transaction_.FindEvent(seq));
  if (!recorded.has_value()) return nullptr;
  ASSIGN_OR_RETURN(Event then, Then(*recorded));
  return &past_.emplace(seq, std::move(then)).first->second;
}

// What a member holds of rewards counts for their limits.
absl::Status Legs::LoadHolds(const core::Message& message) {
  core::State& state = workspace_.state;
  if (delta_.recorded.event.type != kRedeem ||
      message.If<core::Command>() == nullptr) {
    return absl::OkStatus();
  }
  const rules::Reward* const reward =
      program_.FindReward(core::AskedText(delta_.recorded.event, "reward"));
  if (reward == nullptr || reward->limits.empty()) return absl::OkStatus();
  for (const int64_t seq : core::EntriesOfHolds(state.entity)) {
    ASSIGN_OR_RETURN(const auto redemption, transaction_.FindEvent(seq));
    if (redemption.has_value()) {
      core::AddHeld(state.entity, *redemption, state.held);
    }
  }
  return absl::OkStatus();
}

absl::Status Legs::LoadBroughtCode(const core::Message& message) {
  core::State& state = workspace_.state;
  const auto* give = std::get_if<core::GiveCode>(&message.what);
  if (give == nullptr) return absl::OkStatus();
  const int64_t seq =
      state.entity.Counter(core::PoolCounter(give->pool, give->number));
  ASSIGN_OR_RETURN(const auto brought, transaction_.FindEvent(seq));
  if (!brought.has_value() || brought->event.type != kImportVoucher) {
    return absl::DataLossError(absl::StrCat("code ", give->number, " of \"",
                                            give->pool.text(),
                                            "\" is not in the journal"));
  }
  state.brought = {.seq = seq, .code = core::AskedText(brought->event, "code")};
  return absl::OkStatus();
}

absl::Status Legs::LoadReferrer(model::EntityState& member) {
  const int64_t seq = member.Counter(core::ReferrerCounter());
  // What this event says counts from the next one on.
  if (seq == 0 || seq == delta_.recorded.seq) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto said, transaction_.FindEvent(seq));
  if (said.has_value()) {
    ASSIGN_OR_RETURN(const rules::CompiledProgram* const program,
                     ProgramAt(seq));
    member.referrer = Now(core::ReferrerIn(*program, said->event));
    // They are one by now, and nobody refers themselves.
    if (member.referrer == member.entity.id) member.referrer.clear();
  }
  return absl::OkStatus();
}

// What undoes, or gives back, is told what moved the units since.
absl::Status Legs::LoadHistory(const core::Message& message) {
  core::State& state = workspace_.state;
  Starts starts;
  if (const auto* command = message.If<core::Command>()) {
    const bool reworks = delta_.recorded.event.type == kCancelRedemption;
    if (reworks && state.entity.Counter(core::CameBackCounter()) != 0) {
      return LoadLimits(state);
    }
    for (const model::Movement& of : command->of) {
      starts.emplace(of.currency, reworks ? model::Position{} : of.at);
    }
  } else if (const auto* undo = message.If<core::Undo>()) {
    if (core::Relimits(state.entity, *undo)) {
      ASSIGN_OR_RETURN(state.goes_alone, GoesAlone(*undo));
      return state.goes_alone ? absl::OkStatus() : LoadLimits(state);
    }
    for (const model::Movement& award : undo->awards) {
      if (starts.contains(award.currency)) continue;
      ASSIGN_OR_RETURN(
          starts[award.currency],
          StartToUndo(message.entity.id, award.currency, award.at));
    }
  }
  return LoadHistories(message.entity.id, starts);
}

// Whether what goes need not be asked of all that the member ever got. A
// currency may have had other terms since.
absl::StatusOr<bool> Legs::GoesAlone(const core::Undo& undo) {
  const model::EntityState& member = workspace_.state.entity;
  if (!core::GoesAlone(member, undo) || !BecameOf(member.entity.id).empty()) {
    return false;
  }
  for (const model::Movement& award : undo.awards) {
    ASSIGN_OR_RETURN(const rules::CompiledProgram* const by,
                     ProgramAt(award.at.seq));
    // What budgets left of it may have changed since.
    if (!core::BudgetsOf(*by, award, event_.time).empty()) return false;
    for (const auto& [number, program] : programs_.all()) {
      if (number < programs_.NumberAt(award.at.seq)) continue;
      ASSIGN_OR_RETURN(const rules::CompiledProgram* const terms,
                       programs_.At(std::max(program.since, award.at.seq)));
      const rules::Currency* const currency =
          terms->FindCurrency(award.currency);
      if (currency != nullptr &&
          (currency->has_lots || currency->daily_cap.has_value() ||
           currency->floor > 0)) {
        return false;
      }
    }
  }
  // A loss that a floor swallowed would be another without it.
  ASSIGN_OR_RETURN(const auto since,
                   HistoryFrom(member.entity.id, undo.awards.front().at));
  return std::none_of(since.begin(), since.end(), [](const auto& past) {
    return model::MayBeUndone(past.movement.kind) && past.movement.asked < 0;
  });
}

// What was asked under an earlier program is re-added by its terms.
absl::Status Legs::LoadTerms() {
  core::State& state = workspace_.state;
  if (programs_.all().size() < 2) return absl::OkStatus();
  for (const auto& [currency, history] : state.history) {
    if (history.empty()) continue;
    ASSIGN_OR_RETURN(
        ledger::TermsInTime terms,
        programs_.TermsOf(currency, history.front().movement.at.seq,
                          delta_.recorded.seq));
    state.terms.emplace(currency, std::move(terms));
  }
  return absl::OkStatus();
}

// All awards of a member whom limits have cut, and what those limits count in.
// They depend on each other across currencies, and on those that were cut and
// came back, so that nothing less will do.
absl::Status Legs::LoadLimits(core::State& state) {
  state.relimits = true;
  const std::string& member = state.entity.entity.id;
  Starts starts;
  for (const rules::Currency& currency : program_.currencies) {
    if (!currency.is_badge) starts[currency.symbol] = {};
  }
  RETURN_IF_ERROR(LoadHistories(member, starts));
  std::erase_if(state.history,
                [](const auto& of) { return of.second.empty(); });
  for (const auto& [currency, history] : state.history) {
    for (const model::GivenAward& past : history) {
      if (past.reversed) continue;
      RETURN_IF_ERROR(AddLimits(past.movement, state));
    }
  }
  AddAliases(aliases_, BecameOf(member), state);
  return absl::OkStatus();
}

absl::Status Legs::AddLimits(const model::Movement& award, core::State& state) {
  return AskJournal([&](const Journal& journal) {
    return engine::AddLimits(award, journal, state);
  });
}

// With this entry as the last one.
absl::Status Legs::AskJournal(
    absl::FunctionRef<absl::Status(const Journal&)> ask) {
  const auto program_at = [&](int64_t seq) { return ProgramAt(seq); };
  const auto event = [&](int64_t seq) -> absl::StatusOr<const Event*> {
    return seq == delta_.recorded.seq ? &event_ : EventOf(seq);
  };
  const auto movements = [&](int64_t seq) { return MovementsAt(seq); };
  const auto is_reversed = [&](int64_t seq) -> absl::StatusOr<bool> {
    if (brought_undone_.contains(seq)) return true;
    return transaction_.IsReversed(seq);
  };
  return ask({.aliases = aliases_,
              .program_at = program_at,
              .event = event,
              .movements = movements,
              .is_reversed = is_reversed});
}

absl::StatusOr<std::vector<model::Movement>> Legs::MovementsAt(int64_t seq) {
  if (seq == delta_.recorded.seq) return decision_.movements;
  ASSIGN_OR_RETURN(auto given, transaction_.MovementsOfEvent(seq));
  std::vector<model::Movement> movements;
  movements.reserve(given.size());
  for (store::GivenAward& one : given) {
    movements.push_back(std::move(one.movement));
  }
  return movements;
}

// Where the member's history has to be re-added from, to undo the award at
// `from`. What was recorded before it still stands, unless a later reversal
// undid an award from before: then from there, and so on.
absl::StatusOr<model::Position> Legs::StartOfHistory(const std::string& member,
                                                     model::Symbol currency,
                                                     model::Position from) {
  // What others brought goes back to their beginnings.
  if (!BecameOf(member).empty()) return model::Position{};
  // What this event reversed before is not in the store yet.
  for (const model::Movement& movement : decision_.movements) {
    if (movement.member != member || movement.currency != currency) continue;
    for (const model::Position& at : movement.reverses) {
      from = std::min(from, at);
    }
    // Or of which it took back a part.
    if (movement.kind == model::Movement::Kind::kReversal &&
        movement.of.has_value()) {
      from = std::min(from, *movement.of);
    }
  }
  while (true) {
    ASSIGN_OR_RETURN(
        const std::optional<model::Position> first,
        transaction_.FirstReversedSince(member, currency.text(), from));
    if (!first.has_value() || *first >= from) return from;
    from = *first;
  }
}

// Where the history has to begin that the award at `from` is undone in.
absl::StatusOr<model::Position> Legs::StartToUndo(const std::string& member,
                                                  model::Symbol currency,
                                                  model::Position from) {
  const rules::Currency* const terms = program_.FindCurrency(currency);
  // Lots follow from all of it.
  if (terms != nullptr && terms->has_lots) return model::Position{};
  return StartOfHistory(member, currency, from);
}

// Into the state, all of them in one go.
absl::Status Legs::LoadHistories(const std::string& member,
                                 const Starts& starts) {
  if (starts.empty()) return absl::OkStatus();
  model::Position first = starts.begin()->second;
  for (const auto& [currency, start] : starts) first = std::min(first, start);
  ASSIGN_OR_RETURN(std::vector<model::GivenAward> all,
                   HistoryFrom(member, first));
  auto& histories = workspace_.state.history;
  for (const auto& [currency, start] : starts) histories[currency.text()];
  for (model::GivenAward& past : all) {
    core::NoteGrant(past.movement, workspace_.state);
    const auto start = starts.find(past.movement.currency);
    if (start == starts.end() || past.movement.at < start->second) continue;
    histories[past.movement.currency.text()].push_back(std::move(past));
  }
  return absl::OkStatus();
}

// Who became that member, also by the merge that this entry is.
std::vector<model::Alias> Legs::BecameOf(const std::string& member) const {
  std::vector<model::Alias> became = aliases_.Of(member);
  if (event_.type != kMerge || core::AskedText(event_, "into") != member) {
    return became;
  }
  became.push_back(
      {.member = *event_.actor, .into = member, .seq = delta_.recorded.seq});
  for (model::Alias& alias : aliases_.Of(*event_.actor)) {
    became.push_back(std::move(alias));
  }
  return became;
}

// The movements of those who became that member, each in its place.
absl::Status Legs::AddBrought(const std::string& member, model::Position from,
                              std::vector<model::GivenAward>& history) {
  const std::vector<model::Alias> became = BecameOf(member);
  if (became.empty()) return absl::OkStatus();
  for (const model::Alias& alias : became) {
    ASSIGN_OR_RETURN(const std::vector<model::GivenAward> brought,
                     transaction_.History(alias.member, from));
    history.insert(history.end(), brought.begin(), brought.end());
  }
  std::sort(history.begin(), history.end(),
            [](const model::GivenAward& a, const model::GivenAward& b) {
              return a.movement.at < b.movement.at;
            });
  return absl::OkStatus();
}

// All movements of a member from there on, those of this entry last.
absl::StatusOr<std::vector<model::GivenAward>> Legs::HistoryFrom(
    const std::string& member, model::Position from) {
  ASSIGN_OR_RETURN(std::vector<model::GivenAward> history,
                   transaction_.History(member, from));
  RETURN_IF_ERROR(AddBrought(member, from, history));
  for (model::GivenAward& past : history) {
    past.reversed |= undone_.contains(past.movement.at);
  }
  // Of a merge, also that the other left.
  const bool merges =
      event_.type == kMerge && core::AskedText(event_, "into") == member;
  for (const model::Movement& movement : decision_.movements) {
    if (movement.member == member ||
        (merges && model::IsMerge(movement.kind))) {
      history.push_back({.movement = movement, .reversed = false});
    }
  }
  return history;
}

// What the last leg decided, from its first movement on.
void Legs::Keep(size_t first_movement) {
  for (size_t n = first_movement; n < decision_.movements.size(); ++n) {
    model::Movement& movement = decision_.movements[n];
    movement.at = {.seq = delta_.recorded.seq, .n = static_cast<int32_t>(n)};
    undone_.insert(movement.reverses.begin(), movement.reverses.end());
    // Who asks what an object gave, asks for the entries about it: also of what
    // came as time passed, or of what happened in the midst of it.
    if (movement.kind == model::Movement::Kind::kAward &&
        movement.subject != delta_.recorded.event.target) {
      movement.subject = delta_.recorded.event.target;
    }
  }
  if (decision_.changed) workspace_.touched.Keep(decision_.after);
}

}  // namespace loyalty::engine
