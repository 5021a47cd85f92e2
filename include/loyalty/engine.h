// SPDX-License-Identifier: Apache-2.0
//
// Engine: runs one program for any number of members. Start here.
//
//   auto program = loyalty::Program::FromFile("community.textproto");
//   auto engine = loyalty::Engine::Open("community.db", *program);
//   auto outcome = (*engine)->Process({.id = "like-17", .type = "like",
//                                      .time = absl::Now(), .actor = "ada",
//                                      .target = "post-9",
//                                      .attributes = {{"owner", "grace"}}});
#ifndef LOYALTY_ENGINE_H_
#define LOYALTY_ENGINE_H_

#include <absl/functional/any_invocable.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/event.h"
#include "loyalty/outcome.h"
#include "loyalty/program.h"
#include "loyalty/queries.h"

namespace loyalty {

struct EngineOptions {
  // The clock that `recorded_at` is read from. One that steps back does no
  // harm: recorded_at strictly increases all the same. Default: absl::Now.
  absl::AnyInvocable<absl::Time() const> clock = {};
};

// Every event gets exactly one outcome. Sending the same event again returns
// the outcome it got the first time and changes nothing, so a host that is
// unsure whether an event arrived simply sends it again.
//
// Points are kept by double entry: a posting moves whole units from one account
// to another, so nothing is ever out of balance; Verify() proves it.
//
// Thread-safe. Events are applied one at a time, in the order they arrive;
// queries never wait for them.
class Engine {
 public:
  // Opens or makes the file at `path`, as its only writer.
  //
  // ERRORS: kFailedPrecondition  the file is no loyalty database, is of a newer
  //                              version, or was made with another program.
  //         kUnavailable         another process writes to it, or it cannot be
  //                              opened or made.
  //         kDataLoss            the file is damaged.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(const std::string& path,
                                                      const Program& program,
                                                      EngineOptions options);
  static absl::StatusOr<std::unique_ptr<Engine>> Open(const std::string& path,
                                                      const Program& program);

  // An engine that keeps all in memory and forgets it when destroyed: for
  // tests, and for trying programs out.
  static absl::StatusOr<std::unique_ptr<Engine>> InMemory(
      const Program& program, EngineOptions options);
  static absl::StatusOr<std::unique_ptr<Engine>> InMemory(
      const Program& program);

  virtual ~Engine() = default;

  // Decides `event` and records it, its effects and its postings, all or none.
  // When it returns, the outcome is on disk.
  //
  // A rejected event is not an error: the outcome says why, and is as permanent
  // as an accepted one. Only kEventIdReused is not recorded.
  //
  // ERRORS: kInvalidArgument    `event` is malformed; nothing was recorded and
  //                             its id stays free.
  //         kResourceExhausted  the disk was full before the commit; nothing
  //         was
  //                             recorded.
  //         kUnavailable        the commit failed, also for a full disk, and
  //         the
  //                             outcome is unknown: open the file again and
  //                             send the event again.
  //         kInternal           an invariant broke; nothing was recorded.
  virtual absl::StatusOr<Outcome> Process(const Event& event) = 0;

  // As Process for each, in order, in one commit. A malformed event has its
  // error in its place and does not hinder the others.
  //
  // ERRORS: as Process, but for kInvalidArgument; none of the events was
  //         recorded.
  virtual absl::StatusOr<std::vector<absl::StatusOr<Outcome>>> Process(
      std::span<const Event> events) = 0;

  // What Process(event) would return now; records nothing.
  virtual absl::StatusOr<Outcome> Preview(const Event& event) = 0;

  // Undoes what the event `event_id` did: its awards, what they used of limits,
  // and what it counted for metrics. `id` and `time` are the reversal's own, as
  // it is an event of type "loyalty.reverse".
  //
  // Members end where they would stand had those awards never been asked. Only
  // the first reversal of an event does something.
  //
  // REJECTS: kUnknownEvent, kNotReversible.
  virtual absl::StatusOr<Outcome> Reverse(std::string_view id, absl::Time time,
                                          std::string_view event_id) = 0;

  // Turns what falls due before `until` into entries, and returns how many it
  // made. Nothing that a program of this version can say ever falls due, so the
  // answer is 0 yet; hosts that call it now need no change when lots expire.
  //
  // ERRORS: kInvalidArgument  `until` is infinite.
  virtual absl::StatusOr<int64_t> Sweep(absl::Time until) = 0;

  // Reads what has been committed, beside any writer. See queries.h.
  virtual absl::StatusOr<std::unique_ptr<Queries>> Query() = 0;
};

}  // namespace loyalty

#endif  // LOYALTY_ENGINE_H_
