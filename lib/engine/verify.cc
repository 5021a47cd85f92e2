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
#include "engine/workspace.h"
#include "store/memory_store.h"

namespace loyalty::engine {
namespace {

const std::string& MemberOf(const Effect& effect) {
  return std::visit(
      [](const auto& e) -> const std::string& { return e.member; }, effect);
}

constexpr int kVerifyPage = 1000;
constexpr size_t kMostFaultsListed = 20;

// All members and objects of a reader, one after another.
class States {
 public:
  explicit States(store::Reader& reader) : reader_(reader) {
    after_.kind = model::Entity::Kind::kMember;
  }

  // nullptr behind the last.
  absl::StatusOr<const model::EntityState*> Peek() {
    if (next_ == page_.size()) {
      ASSIGN_OR_RETURN(page_, reader_.States(after_, kVerifyPage));
      next_ = 0;
      if (page_.empty()) return nullptr;
      after_ = page_.back().entity;
    }
    return &page_[next_];
  }
  void Take() { ++next_; }

 private:
  store::Reader& reader_;
  model::Entity after_;
  std::vector<model::EntityState> page_;
  size_t next_ = 0;
};

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
      const auto read = reader_.Events(after, kVerifyPage);
      if (absl::IsDataLoss(read.status())) {
        Fault(absl::StrCat("what follows entry ", after,
                           " cannot be read: ", read.status().message()));
        return absl::OkStatus();
      }
      RETURN_IF_ERROR(read.status());
      const auto& page = *read;
      if (page.empty()) return absl::OkStatus();
      ASSIGN_OR_RETURN(const auto transaction, replay_->Begin());
      for (const model::RecordedEvent& recorded : page) {
        CheckOrder(recorded);
        const absl::Status status = ReplayOne(*transaction, recorded);
        // Of the machine, not of the file.
        if (absl::IsResourceExhausted(status) || absl::IsUnavailable(status)) {
          return status;
        }
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

  // Programs change with a switch, and with nothing else.
  void CheckProgram(const model::RecordedEvent& recorded) {
    if (recorded.program != programs_.NumberAt(recorded.seq)) {
      return Fault(recorded,
                   absl::StrCat("program ", recorded.program,
                                " decided it, whose turn it was not"));
    }
    const auto program = programs_.all().find(recorded.program);
    const bool begins = program != programs_.all().end() &&
                        recorded.program > 1 &&
                        program->second.since == recorded.seq;
    const bool switches =
        recorded.event.type == kSwitch && recorded.outcome.accepted();
    if (begins == switches) return;
    Fault(recorded, begins ? "another program begins with it, and it is no "
                             "switch"
                           : "it is a switch, and no program begins with it");
  }

  absl::Status ReplayOne(store::Transaction& transaction,
                         const model::RecordedEvent& recorded) {
    CheckProgram(recorded);
    ASSIGN_OR_RETURN(const auto program, programs_.Get(recorded.program));
    ASSIGN_OR_RETURN(Event canonical,
                     core::Canonicalized(*program, recorded.event));
    if (!(canonical == recorded.event)) {
      Fault(recorded, "the event is not in canonical form");
    }
    workspace_.Begin(recorded.seq, recorded.recorded_at, recorded.program,
                     canonical);
    ASSIGN_OR_RETURN(const auto movements,
                     reader_.MovementsOfEvent(recorded.seq));
    if (canonical.type == kSweep || canonical.type == kMerge) {
      auto& told = workspace_.told_before;
      for (const Effect& effect : recorded.outcome.effects) {
        const std::string& member = MemberOf(effect);
        if (told.empty() || told.back() != member) told.push_back(member);
      }
    }
    if (!program->goals.empty()) workspace_.replayed = movements;
    Legs legs(*program, programs_, transaction, workspace_);
    RETURN_IF_ERROR(legs.Run());
    const store::Delta& delta = workspace_.delta;
    if (!(delta.recorded.outcome == recorded.outcome)) {
      Fault(recorded, "its outcome is not what replaying it gives");
    }
    if (delta.movements != movements) {
      Fault(recorded, "its movements are not what replaying it gives");
    }
    ASSIGN_OR_RETURN(const auto reversed,
                     reader_.EventsReversedBy(recorded.seq));
    // A rule takes back what it is told to, in any order.
    std::vector<int64_t> replayed = delta.reversed_events;
    std::sort(replayed.begin(), replayed.end());
    if (replayed != reversed) {
      Fault(recorded, "the events it reversed are not what replaying it gives");
    }
    report_.movements += static_cast<int64_t>(delta.movements.size());
    return transaction.Write(delta);
  }

  // Both in the order of their entities, so that one that is missing on either
  // side is told apart from those that differ.
  absl::Status CompareStates() {
    ASSIGN_OR_RETURN(const auto replayed, replay_->Read());
    States stored(reader_);
    States twins(*replayed);
    while (true) {
      ASSIGN_OR_RETURN(const model::EntityState* const a, stored.Peek());
      ASSIGN_OR_RETURN(const model::EntityState* const b, twins.Peek());
      if (a == nullptr && b == nullptr) return CompareProgram(*replayed);
      if (b == nullptr || (a != nullptr && a->entity < b->entity)) {
        Fault(absl::StrCat("\"", a->entity.id,
                           "\" is stored, and no entry names it"));
        stored.Take();
      } else if (a == nullptr || b->entity < a->entity) {
        Fault(absl::StrCat("\"", b->entity.id,
                           "\" is not stored, and an entry names it"));
        twins.Take();
      } else {
        if (a->exists) ++report_.members;
        if (!(*a == *b)) {
          Fault(absl::StrCat("the state of \"", a->entity.id,
                             "\" is not what replaying the journal gives"));
        }
        stored.Take();
        twins.Take();
      }
    }
  }

  // What budgets count is the program's own.
  absl::Status CompareProgram(store::Reader& replayed) {
    ASSIGN_OR_RETURN(const auto stored, reader_.Find(model::Entity{}));
    ASSIGN_OR_RETURN(const auto twin, replayed.Find(model::Entity{}));
    const bool is_same = stored.has_value() == twin.has_value() &&
                         (!twin.has_value() || *stored == *twin);
    if (!is_same) {
      Fault("what budgets have spent is not what replaying the journal gives");
    }
    return absl::OkStatus();
  }

  store::Reader& reader_;
  StoredPrograms& programs_;
  std::unique_ptr<store::Store> replay_;
  Workspace workspace_;
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
