// SPDX-License-Identifier: Apache-2.0
#include "faults/witness.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <set>
#include <span>

#include "faults/workload.h"

namespace loyalty::faults {

bool SameButForClock(const Outcome& a, const Outcome& b) {
  Outcome timed = a;
  timed.recorded_at = b.recorded_at;
  return timed == b;
}

Witness::Witness()
    : twin_(InMemoryTwin([] { return absl::FromUnixSeconds(1'800'000'000); })) {
}

std::vector<const Outcome*> Witness::NewlyRecorded() const {
  std::vector<const Outcome*> recorded;
  for (const absl::StatusOr<Outcome>& answer : expected_) {
    if (answer.ok() && !answer->repeat && answer->seq != 0) {
      recorded.push_back(&*answer);
    }
  }
  return recorded;
}

absl::Status Witness::Send(Engine& engine, const std::vector<Event>& batch) {
  if (!InFlight()) {
    in_flight_ = batch;
    expected_ = *twin_->Process(std::span<const Event>(batch));
    landed_.clear();
  }
  const absl::StatusOr<Answers> answers =
      engine.Process(std::span<const Event>(in_flight_));
  if (!answers.ok()) return answers.status();
  Acknowledge(*answers);
  return absl::OkStatus();
}

void Witness::Acknowledge(const Answers& answers) {
  if (answers.size() != expected_.size()) {
    Violate("not an answer for each event");
    return;
  }
  size_t repeats = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    const std::string& id = in_flight_[i].id;
    if (answers[i].ok() != expected_[i].ok()) {
      Violate(absl::StrCat(id, ": answered ", answers[i].status().ToString(),
                           ", not ", expected_[i].status().ToString()));
      continue;
    }
    if (!answers[i].ok()) continue;
    if (!SameButForClock(*answers[i], *expected_[i])) {
      Violate(absl::StrCat("answer differs: ", id, ", entry ", answers[i]->seq,
                           " instead of ", expected_[i]->seq));
    }
    if (answers[i]->vouchers != expected_[i]->vouchers) {
      Violate("told other codes: " + id);
    }
    if (expected_[i]->repeat || expected_[i]->seq == 0) continue;
    if (answers[i]->repeat) ++repeats;
    if (!acknowledged_.empty() &&
        answers[i]->recorded_at <= acknowledged_.back().recorded_at) {
      Violate("recorded_at does not increase: " + id);
    }
    acknowledged_.push_back(*answers[i]);
  }
  // What was recorded before must be answered as it is recorded; a repeat of
  // what the file did not have cannot be.
  const size_t before = acknowledged_.size() - NewlyRecorded().size();
  for (size_t i = 0; i < landed_.size(); ++i) {
    if (!(acknowledged_[before + i] == landed_[i])) {
      Violate(absl::StrCat("sent again, it is answered otherwise: ",
                           landed_[i].event_id));
    }
  }
  if (!landed_.empty() && repeats != landed_.size()) {
    Violate("what was recorded is not answered as a repeat");
  }
  in_flight_.clear();
  landed_.clear();
}

void Witness::CompareInFlight(const std::vector<Outcome>& feed) {
  const std::vector<const Outcome*> wanted = NewlyRecorded();
  const size_t extra = feed.size() - acknowledged_.size();
  if (extra == 0) {
    if (!landed_.empty()) Violate("lost: a batch that had been recorded");
    return;
  }
  if (!InFlight()) {
    Violate(absl::StrCat(extra, " events that nobody sent"));
    return;
  }
  if (extra != wanted.size()) {
    Violate(absl::StrCat("half: ", extra, " of a batch of ", wanted.size()));
    return;
  }
  landed_.clear();
  for (size_t i = 0; i < extra; ++i) {
    const Outcome& recorded = feed[acknowledged_.size() + i];
    landed_.push_back(recorded);
    if (!SameButForClock(recorded, *wanted[i])) {
      Violate(absl::StrCat("recorded otherwise: ", recorded.event_id));
    }
  }
}

absl::Status Witness::Compare(Queries& queries) {
  const auto feed = queries.Feed(0, 1'000'000);
  if (!feed.ok()) return feed.status();
  // A file that no program was stored in holds nothing to verify.
  if (!feed->empty() || acknowledged() > 0) {
    const auto report = queries.Verify();
    if (!report.ok()) return report.status();
    for (const std::string& fault : report->faults) {
      Violate("verify: " + fault);
    }
  }
  std::set<std::string> ids;
  absl::Time last = absl::InfinitePast();
  for (size_t i = 0; i < feed->size(); ++i) {
    const Outcome& recorded = (*feed)[i];
    if (recorded.seq != static_cast<int64_t>(i) + 1) {
      Violate(absl::StrCat("gap: entry ", i + 1, " is ", recorded.seq));
      return absl::OkStatus();
    }
    if (!ids.insert(recorded.event_id).second) {
      Violate("doubled: " + recorded.event_id);
    }
    if (recorded.recorded_at <= last) {
      Violate(absl::StrCat("recorded_at does not increase: entry ", i + 1));
    }
    last = recorded.recorded_at;
  }
  if (feed->size() < acknowledged_.size()) {
    Violate(absl::StrCat("lost: ", acknowledged_.size() - feed->size(),
                         " acknowledged events"));
    return absl::OkStatus();
  }
  for (size_t i = 0; i < acknowledged_.size(); ++i) {
    if (!((*feed)[i] == acknowledged_[i])) {
      Violate(absl::StrCat("not as acknowledged: entry ", i + 1));
      return absl::OkStatus();
    }
  }
  CompareInFlight(*feed);
  return absl::OkStatus();
}

}  // namespace loyalty::faults
