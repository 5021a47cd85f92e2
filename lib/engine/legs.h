// SPDX-License-Identifier: Apache-2.0
//
// Legs: runs one event from its entry to its last leg, within a transaction,
// and gathers what it came to.
#ifndef LOYALTY_LIB_ENGINE_LEGS_H_
#define LOYALTY_LIB_ENGINE_LEGS_H_

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/apply.h"
#include "core/goals.h"
#include "core/message.h"
#include "engine/award_limits.h"
#include "engine/in_order.h"
#include "engine/stored_program.h"
#include "engine/workspace.h"
#include "model/aliases.h"
#include "model/journal.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

class Legs {
 public:
  // `workspace` has begun the event, which `program` decides; `programs` has
  // those that decided before. All of them must outlive this.
  Legs(const rules::CompiledProgram& program, StoredPrograms& programs,
       store::Transaction& transaction, Workspace& workspace);

  // Runs everything, once. What is to be written is then the workspace's delta.
  //
  // ERRORS: kInternal if an invariant broke; the store's own.
  absl::Status Run();

 private:
  const Event& Address();
  absl::StatusOr<const rules::CompiledProgram*> ProgramAt(int64_t seq);
  absl::Status AddRecalledTo(const rules::CompiledProgram& program, int64_t seq,
                             Event& event);
  absl::StatusOr<Event> Then(const model::RecordedEvent& recorded);
  // The same of that entry's; null if there is none. It stays where it is.
  absl::StatusOr<const Event*> EventOf(int64_t seq);
  std::string Now(const std::string& member) const;
  void Reject(RejectReason reason, std::string sentence);
  absl::Status RunAll();
  absl::Status RunQueue() { return RunQueue(cause_); }
  absl::Status RunQueue(const core::Cause& cause);
  absl::Status RunOne(const core::Cause& cause, const core::Message& message);
  absl::Status AskDue(const model::Entity& member);
  absl::Status Load(const core::Cause& cause, const core::Message& message);
  absl::Status LoadWanted(bool remembers);
  absl::Status LoadReferrer(model::EntityState& member);
  absl::Status LoadHolds(const core::Message& message);
  absl::Status LoadBroughtCode(const core::Message& message);
  absl::Status LoadHistory(const core::Message& message);
  absl::Status LoadTerms();
  void TakeBackAll();
  absl::Status LoadLimits(core::State& state);
  absl::StatusOr<bool> GoesAlone(const core::Undo& undo);
  absl::StatusOr<bool> WasCounted(const model::Entity& entity, int64_t seq);
  absl::Status AddLimits(const model::Movement& award, core::State& state);
  absl::Status AskJournal(absl::FunctionRef<absl::Status(const Journal&)> ask);
  absl::StatusOr<std::vector<model::Movement>> MovementsAt(int64_t seq);
  // By currency, from where on it is wanted.
  using Starts = std::map<model::Symbol, model::Position>;
  absl::Status LoadHistories(const std::string& member, const Starts& starts);
  absl::StatusOr<std::vector<model::GivenAward>> HistoryFrom(
      const std::string& member, model::Position from);
  absl::StatusOr<model::Position> StartOfHistory(const std::string& member,
                                                 model::Symbol currency,
                                                 model::Position from);
  absl::StatusOr<model::Position> StartToUndo(const std::string& member,
                                              model::Symbol currency,
                                              model::Position from);
  std::vector<model::Alias> BecameOf(const std::string& member) const;
  absl::Status AddBrought(const std::string& member, model::Position from,
                          std::vector<model::GivenAward>& history);
  void Keep(size_t first_movement);
  void Finish();
  void FinishWhoIsWho();

  // Reversal (undo.cc).
  absl::Status RunCommand();
  absl::Status Undo(const core::UndoEvent& undo);
  absl::Status Undo(const core::UndoObject& undo);
  absl::Status RunUndos(InOrder<core::Undo> undos);
  absl::Status UndoRecorded(const std::string& rule,
                            const model::RecordedEvent& recorded);
  // Notes when an award was earned, where tiers ask.
  absl::Status AddTime(const model::Movement& award, core::Undo& undo);
  absl::Status KeepPart(const model::RecordedEvent& recorded,
                        const core::Share& keep);
  absl::StatusOr<int64_t> UndoAwards(
      const std::vector<store::GivenAward>& awards, InOrder<core::Undo> undos,
      int64_t seq);
  absl::Status AskBudgetsAgain();
  void Note(const std::string& rule, std::string text);

  // One event may bring about so much, whatever leads to what.
  static constexpr size_t kMostEffects = 10'000;
  bool IsTooMuch() const { return decision_.effects.size() > kMostEffects; }

  // Badges (badges.cc).
  absl::Status RunReviews(const core::Cause& cause);
  absl::Status LoseAll();  // that legs have noted
  absl::Status Lose(const core::LostBadge& lost);
  absl::Status LoseGrant(int badge, const model::Movement& grant,
                         bool keeps_awards);
  absl::Status UndoWhatMergesLeft(int badge, const std::string& member);
  absl::Status UndoWhatCameWith(int badge, const model::Movement& grant);
  absl::Status MayGiveAgain(const rules::Badge& badge,
                            const model::Movement& grant);
  absl::Status LoseWithEvent(const std::vector<store::GivenAward>& movements);
  absl::StatusOr<std::string> WinnerOf(const core::LostBadge& lost);
  absl::StatusOr<std::vector<model::Movement>> GrantsOf(
      const std::string& member, const rules::Badge& badge);
  absl::StatusOr<std::vector<store::GivenAward>> MovementsOf(int64_t seq);
  bool IsOfKeptBadge(const model::Movement& award) const;

  // Rules on what happened to members (happenings.cc).
  absl::Status RunHappenings();
  struct Happened {
    Event event = {};
    std::optional<model::Position> grant = {};
  };
  std::vector<Happened> HappenedSince(size_t first_effect) const;
  std::optional<model::Position> GrantTold(size_t effect) const;
  // What many do together (goals.cc).
  absl::Status ShareGoals();
  absl::Status Share(const core::GoalMoved& moved);
  absl::Status KeepWhoIsConcerned(const core::Goal& goal, int64_t met,
                                  std::vector<std::string>& members);
  absl::Status LeaveShares(const core::Goal& goal, size_t members);
  absl::Status SetLeft(const core::Goal& goal, int64_t seq);
  absl::Status RunShareGoal();

  // Leaderboards (boards.cc).
  absl::StatusOr<core::Enter> Entering();
  absl::StatusOr<int64_t> NumberOf(int grouping, const std::string& group);
  absl::StatusOr<int64_t> KnownGroup(int grouping, std::string_view group);
  absl::Status RunSeasonEnded();
  absl::Status LoadSeasons(const core::Message& message);

  // What is brought of the past (catching_up.cc).
  absl::Status RunCatchUp();
  absl::Status BeginCatchUp();
  void SendCounts(const model::Entity& entity, core::CaughtUp counts,
                  bool takes_back = false);
  absl::StatusOr<bool> WasCaughtUp(int64_t seq);
  absl::StatusOr<bool> AnyCaughtUp();
  absl::Status AddCounted(int64_t seq, const core::Counted& counted,
                          InOrder<core::Undo>& undos);
  absl::Status AddMetrics(const model::RecordedEvent& recorded,
                          InOrder<core::Undo>& undos);
  absl::Status UndoBrought(const model::RecordedEvent& recorded);
  absl::Status UndoBroughtBy(int64_t by, const model::RecordedEvent& recorded,
                             std::vector<store::GivenAward>& grants,
                             InOrder<core::Undo>& uses);
  absl::StatusOr<Used> UsedBy(const model::Movement& award,
                              std::optional<int64_t> of = std::nullopt);
  absl::Status UndoCatchUp(const model::RecordedEvent& recorded);
  absl::StatusOr<std::optional<model::RecordedEvent>> GivenBy(
      const model::Movement& grant);
  absl::Status UndoAllOf(const std::string& rule,
                         const model::RecordedEvent& begun);

  // Other commands (commands.cc).
  absl::Status RunMemberCommand();
  absl::StatusOr<bool> IsNamedByProgram();
  absl::Status CountOnceElsewhere();
  absl::Status RunSweep();
  void RunSwitch();
  absl::Status RunUseVoucher();
  absl::StatusOr<bool> FindRedemption(std::string_view attribute,
                                      RejectReason unknown,
                                      core::Command& command);
  absl::Status AddRedemption(const model::RecordedEvent& redemption,
                             bool holds_only, core::Command& command);

  const rules::CompiledProgram& program_;
  StoredPrograms& programs_;
  store::Transaction& transaction_;
  Workspace& workspace_;
  store::Delta& delta_;       // the workspace's, as is the next
  core::Decision& decision_;  // its messages are the legs to come
  const model::Aliases& aliases_;
  absl::Status recalled_;  // how it went to find what earlier entries said
  // The delta's, with the names of who members are now, and what was recalled.
  const Event& event_;
  core::Cause cause_;
  std::set<model::Position> undone_;  // by this event
  std::map<int64_t, Event> past_;     // that EventOf was asked for
  std::set<std::string> asked_due_;   // members
  // Entries for which what was brought has been taken back by this event.
  std::set<int64_t> brought_undone_;
  // While a badge is taken back, what it awarded goes as well.
  bool badge_goes_ = false;
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_LEGS_H_
