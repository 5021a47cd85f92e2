// SPDX-License-Identifier: Apache-2.0
//
// Verify: the journal is replayed through the programs that decided it, into
// memory, and everything it should have led to is compared with what is stored
// (I7); what the store can check about itself is added (I1, I2, I4).
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "core/validate.h"
#include "engine/file_queries.h"
#include "engine/legs.h"
#include "store/memory_store.h"

namespace loyalty::engine {
namespace {

constexpr int kVerifyPage = 1000;
constexpr size_t kMostFaultsListed = 20;

class Verification {
 public:
  Verification(store::Reader& reader, StoredPrograms& programs)
      : reader_(reader),
        programs_(programs),
        replay_(store::NewMemoryStore()) {}

  absl::StatusOr<VerifyReport> Run(absl::FunctionRef<void(double)> progress) {
    ASSIGN_OR_RETURN(const std::vector<std::string> faults, reader_.Faults());
    for (const std::string& fault : faults) Fault(fault);
    RETURN_IF_ERROR(ReplayAll(progress));
    RETURN_IF_ERROR(CompareStates());
    progress(1.0);
    return std::move(report_);
  }

 private:
  void Fault(std::string fault) {
    ++report_.fault_count;
    if (report_.faults.size() < kMostFaultsListed) {
      report_.faults.push_back(std::move(fault));
    }
  }

  void Fault(const model::RecordedEvent& recorded, std::string_view what) {
    Fault(absl::StrCat("entry ", recorded.seq, ", event \"", recorded.event.id,
                       "\": ", std::string(what)));
  }

  absl::Status ReplayAll(absl::FunctionRef<void(double)> progress) {
    ASSIGN_OR_RETURN(const int64_t last, reader_.LastSeq());
    int64_t after = 0;
    while (true) {
      progress(static_cast<double>(after) /
               static_cast<double>(std::max<int64_t>(last, 1)));
      ASSIGN_OR_RETURN(const auto page, reader_.Events(after, kVerifyPage));
      if (page.empty()) return absl::OkStatus();
      ASSIGN_OR_RETURN(const auto transaction, replay_->Begin());
      for (const model::RecordedEvent& recorded : page) {
        CheckOrder(recorded);
        const absl::Status status = ReplayOne(*transaction, recorded);
        if (!status.ok()) {
          // What follows builds on what cannot be replayed: stop here.
          Fault(recorded,
                absl::StrCat("cannot be replayed: ", status.message()));
          return absl::OkStatus();
        }
        after = recorded.seq;
        ++report_.events;
      }
      RETURN_IF_ERROR(transaction->Commit());
    }
  }

  void CheckOrder(const model::RecordedEvent& recorded) {
    if (recorded.seq != last_seq_ + 1) {
      Fault(recorded, absl::StrCat("follows entry ", last_seq_));
    }
    if (recorded.recorded_at <= last_recorded_) {
      Fault(recorded, "was not recorded after the entry before it");
    }
    last_seq_ = recorded.seq;
    last_recorded_ = recorded.recorded_at;
  }

  absl::Status ReplayOne(store::Transaction& transaction,
                         const model::RecordedEvent& recorded) {
    ASSIGN_OR_RETURN(const auto program, programs_.Get(recorded.program));
    const absl::StatusOr<Event> canonical =
        core::Canonicalized(*program, recorded.event);
    if (!canonical.ok() || !(*canonical == recorded.event)) {
      Fault(recorded, "the event is not in canonical form");
    }
    model::RecordedEvent header = recorded;
    header.outcome = {};
    Legs legs(*program, transaction, std::move(header));
    ASSIGN_OR_RETURN(const store::Delta delta, legs.Run());
    if (!(delta.recorded.outcome == recorded.outcome)) {
      Fault(recorded, "its outcome is not what replaying it gives");
    }
    ASSIGN_OR_RETURN(const auto movements,
                     reader_.MovementsOfEvent(recorded.seq));
    if (delta.movements != movements) {
      Fault(recorded, "its movements are not what replaying it gives");
    }
    ASSIGN_OR_RETURN(const auto postings,
                     reader_.PostingsOfEvent(recorded.seq));
    if (delta.postings != postings) {
      Fault(recorded, "its postings are not what replaying it gives");
    }
    report_.movements += static_cast<int64_t>(delta.movements.size());
    return transaction.Write(delta);
  }

  absl::Status CompareStates() {
    ASSIGN_OR_RETURN(const auto replayed, replay_->Read());
    model::Entity after;
    after.kind = model::Entity::Kind::kMember;
    while (true) {
      ASSIGN_OR_RETURN(const auto stored, reader_.States(after, kVerifyPage));
      ASSIGN_OR_RETURN(const auto twins, replayed->States(after, kVerifyPage));
      ComparePage(stored, twins);
      if (stored.empty()) return absl::OkStatus();
      after = stored.back().entity;
    }
  }

  void ComparePage(const std::vector<model::EntityState>& stored,
                   const std::vector<model::EntityState>& twins) {
    if (stored.size() != twins.size()) {
      Fault("the file holds other members or objects than its journal gives");
    }
    for (size_t i = 0; i < std::min(stored.size(), twins.size()); ++i) {
      if (stored[i].exists) ++report_.members;
      if (stored[i] == twins[i]) continue;
      Fault(absl::StrCat("the state of \"", stored[i].entity.id,
                         "\" is not what replaying the journal gives"));
    }
  }

  store::Reader& reader_;
  StoredPrograms& programs_;
  std::unique_ptr<store::Store> replay_;
  VerifyReport report_;
  int64_t last_seq_ = 0;
  absl::Time last_recorded_ = absl::InfinitePast();
};

}  // namespace

absl::StatusOr<VerifyReport> VerifyAll(
    store::Reader& reader, StoredPrograms& programs,
    absl::FunctionRef<void(double)> progress) {
  return Verification(reader, programs).Run(progress);
}

}  // namespace loyalty::engine
