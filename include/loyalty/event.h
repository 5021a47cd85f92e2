// SPDX-License-Identifier: Apache-2.0
//
// Event: something that happened in a community, and the only input of the
// engine. A plain struct that a host fills with designated initializers:
//
//   loyalty::Event{.id = "like-17", .type = "like", .time = absl::Now(),
//                  .actor = "ada", .target = "post-9",
//                  .attributes = {{"owner", "grace"}}}
#ifndef LOYALTY_EVENT_H_
#define LOYALTY_EVENT_H_

#include <absl/time/time.h>

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace loyalty {

// The value of one attribute. Copyable; compares by kind and content, so the
// int 5 and the double 5.0 are different values.
class Value {
 public:
  using List = std::vector<Value>;
  using Map = std::map<std::string, Value, std::less<>>;
  using Variant = std::variant<bool, int64_t, double, std::string, absl::Time,
                               absl::Duration, List, Map>;

  Value(std::same_as<bool> auto v) : v_(v) {}
  // Not of uint64_t, which may not fit.
  Value(std::integral auto v) requires(!std::same_as<decltype(v), bool> &&
                                       (std::signed_integral<decltype(v)> ||
                                        sizeof(v) < sizeof(int64_t)))
      : v_(static_cast<int64_t>(v)) {}
  Value(double v) : v_(v) {}
  Value(const char* v) : v_(std::string(v)) {}
  Value(std::string_view v) : v_(std::string(v)) {}
  Value(std::string v) : v_(std::move(v)) {}
  Value(absl::Time v) : v_(v) {}
  Value(absl::Duration v) : v_(v) {}
  Value(List v) : v_(std::move(v)) {}
  Value(Map v) : v_(std::move(v)) {}

  const Variant& get() const { return v_; }

  friend bool operator==(const Value&, const Value&) = default;

 private:
  Variant v_;
};

// Attributes by name, in the order of their names.
using Attributes = Value::Map;

// What a host tells the engine. Texts are opaque UTF-8 without NUL, compared
// byte for byte; ids are 1 to 256 bytes long, other texts at most 4 KiB.
struct Event {
  std::string id = {};    // unique in its store, for ever; sent again, it is
                          // answered as the first time
  std::string type = {};  // one of the program's event types, or a reserved one
  absl::Time time = absl::UnixEpoch();      // when it happened, by the host's
                                            // account; kept to the microsecond
  std::optional<std::string> actor = {};    // the member who did it
  std::optional<std::string> target = {};   // the object it was done to
  std::optional<std::string> channel = {};  // where: "web", "forum", "store-12"
  Attributes attributes = {};

  friend bool operator==(const Event&, const Event&) = default;
};

// Reserved types: what a host asks for is an event as well, of the member who
// is its actor. In braces the attributes; those with a ? may be left out.
//
// All that an event gave is taken back; with `keep` and `of`, all but that
// share: of three things that were bought one is left with keep 1 of 3. What
// goes is rounded down, and a smaller share may follow. Members end where they
// would stand had so much less been asked, so that it makes room under caps,
// limits and budgets; what metrics counted stays.
inline constexpr std::string_view kReverse =
    "loyalty.reverse";  // {event, keep?, of?}
inline constexpr std::string_view kReverseObject =
    "loyalty.reverse_object";  // {object}

// The actor exchanges units for a reward. Its id is the redemption's, or the
// hold's where the reward is held first.
inline constexpr std::string_view kRedeem =
    "loyalty.redeem";  // {reward, quantity?}
// The hold is spent, or `units` of it; the rest is free again. It is this that
// gives codes, if the reward gives any.
inline constexpr std::string_view kCaptureHold =
    "loyalty.capture";                                         // {hold, units?}
inline constexpr std::string_view kVoidHold = "loyalty.void";  // {hold}
// The redemption, or `units` of it, is given back.
inline constexpr std::string_view kCancelRedemption =
    "loyalty.cancel";  // {redemption, units?}
// What was redeemed has been handed over, by a person maybe: it is not given
// back any more, unless the reward says otherwise.
inline constexpr std::string_view kFulfil =
    "loyalty.fulfil";  // {redemption, by?}
// Somebody, `by`, presents the code that proves a redemption: it is handed over
// to whoever brings it, once. It has no actor. Neither this nor an imported
// code is recorded as it is, but by a hash under EngineOptions::voucher_key.
inline constexpr std::string_view kUseVoucher =
    "loyalty.use_voucher";  // {code, by}
// A code that others made joins the reward's pool.
inline constexpr std::string_view kImportVoucher =
    "loyalty.import_voucher";  // {reward, code}
// From the actor to another member.
inline constexpr std::string_view kTransferUnits =
    "loyalty.transfer";  // {to, currency, units}
// A person corrects what the actor has; `units` may be below 0.
inline constexpr std::string_view kAdjust =
    "loyalty.adjust";  // {currency, units, by, reason}
// The actor is enrolled: a program may require that before they earn.
inline constexpr std::string_view kEnroll = "loyalty.enroll";
// The actor earns and spends nothing until they are resumed; what they have
// stays. `reason` is forgotten with the member.
inline constexpr std::string_view kSuspend = "loyalty.suspend";  // {reason?}
inline constexpr std::string_view kResume = "loyalty.resume";
// The actor is found to be the member `into`: from this entry on both ids mean
// that one, who has all that either had. See Engine::Merge.
inline constexpr std::string_view kMerge = "loyalty.merge";  // {into}
// The actor's id, its key, and what was kept apart as personal are deleted.
// What they had and did stays, as that of "#17": entries name members by
// number. Those of all members who were merged into one go together. Who comes
// with the same id later is somebody new. Ids of events and objects, and texts
// that the program does not call MEMBER or personal, are the host's own
// business. Backups made before still have it all.
inline constexpr std::string_view kErase = "loyalty.erase";
// From this entry on the program of that version decides, this entry included.
// Only Engine::Switch makes such events, as the program comes with them.
inline constexpr std::string_view kSwitch = "loyalty.switch";  // {version}
// What is new in the program that decides, of that version, is applied to what
// came before: this entry, which has no actor, says what, by name. What comes
// of it are entries of this type, "ID/1", "ID/2", .., each `of` it: of the
// member who is its actor, of the object that is its target, or of the program.
// They say, with the entries that it is for, what is given and counted, in
// attributes of their own (lib/core/caught_up.cc). Only Engine::CatchUp makes
// them; sent again from a log, they are taken for what they say.
inline constexpr std::string_view kCatchUp =
    "loyalty.catch_up";  // {version, rules?, badges?, metrics?, ..}
// A person gives the actor a badge, or takes it back, whatever its condition
// says. A badge that the program gives for each object has that as the event's
// target. One that its condition gives is given again when that is asked next.
inline constexpr std::string_view kGrantBadge =
    "loyalty.grant_badge";  // {badge, by, reason?}
inline constexpr std::string_view kRevokeBadge =
    "loyalty.revoke_badge";  // {badge, by, reason?}
// The actor's streak is not broken by nothing being done in the window of the
// event's time and those after it: `windows` of them in all, or those that
// begin before `until`, or as many as the streak says.
inline constexpr std::string_view kFreezeStreak =
    "loyalty.freeze_streak";  // {streak, by, windows?, until?, reason?}
// The actor joins a quest, or leaves it again; who comes back starts afresh.
// One that members join by themselves they join again only by this.
inline constexpr std::string_view kJoinQuest = "loyalty.join_quest";  // {quest}
inline constexpr std::string_view kLeaveQuest =
    "loyalty.leave_quest";  // {quest}
// A person puts the actor on a tier, whatever they have earned: as a "floor",
// the default, below which they do not fall, or as a "lock", which nothing
// moves; until then, or until it is taken away. What was said before of the
// ladder no longer counts.
inline constexpr std::string_view kAssignTier =
    "loyalty.assign_tier";  // {ladder, tier, by, reason?, as?, until?}
inline constexpr std::string_view kUnassignTier =
    "loyalty.unassign_tier";  // {ladder, by, reason?}
// The actor is on no leaderboard until they are shown again: others move up,
// and what they have goes on counting. They are told what their rank would be.
inline constexpr std::string_view kHide = "loyalty.hide";
inline constexpr std::string_view kShow = "loyalty.show";
// A season of a leaderboard ("2026-W12"), or in it a cohort of a league
// ("2026-W12/bronze/1") or a group ("2026-W12/Bern"), is over, and its prizes
// are given, as it stands: once, and they stay so whatever comes late.
// It has no actor. See Engine::EndSeasons.
inline constexpr std::string_view kSeasonEnded =
    "loyalty.season_ended";  // {leaderboard, season}
// Those of the members who did enough of a quest that is done together, in the
// window of its period at `at`, are given what they are due of it, and have not
// got yet; of a team's, the target says whose. `last`: of them all, since that
// entry. It has no actor. See Engine::ShareGoals.
inline constexpr std::string_view kShareGoal =
    "loyalty.share_goal";  // {quest, at, members, last?}
// The engine's own: what fell due up to its time is posted. See Engine::Sweep.
inline constexpr std::string_view kSweep = "loyalty.sweep";

}  // namespace loyalty

#endif  // LOYALTY_EVENT_H_
