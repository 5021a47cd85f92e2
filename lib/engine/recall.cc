// SPDX-License-Identifier: Apache-2.0
//
// See recall.h.
#include "engine/recall.h"

#include <absl/strings/str_cat.h>

#include <string>
#include <utility>

#include "base/status_macros.h"
#include "core/counters.h"
#include "engine/addressing.h"

namespace loyalty::engine {
namespace {

// The object that the recall asks of; nullopt if the event names none.
std::optional<std::string> ObjectOf(const rules::EventType& type,
                                    const rules::Recall& recall,
                                    const Event& event) {
  if (recall.of == rules::kTheTarget) return event.target;
  const auto found = event.attributes.find(type.attributes[recall.of].name);
  if (found == event.attributes.end()) return std::nullopt;
  return std::get<std::string>(found->second.get());
}

// The entry it is told of; 0 if there is none.
int64_t EntryOf(const rules::Recall& recall, const model::Counters& said,
                int64_t seq) {
  int64_t entry = 0;
  for (const auto& [counter, value] : said) {
    if (counter.name != recall.said || counter.window >= seq) continue;
    // What was reversed later was said until then.
    if (value <= 0 && -value <= seq) continue;
    entry = counter.window;
    if (recall.first) break;
  }
  return entry;
}

// nullopt if the earlier event does not say it.
std::optional<Value> ValueOf(const rules::Recall& recall,
                             const rules::EventType& type, int64_t entry,
                             const Event& earlier) {
  using What = rules::Recall::What;
  switch (recall.what) {
    case What::kActor:
      if (!earlier.actor.has_value()) return std::nullopt;
      return Value(*earlier.actor);
    case What::kTarget:
      if (!earlier.target.has_value()) return std::nullopt;
      return Value(*earlier.target);
    case What::kTime: return Value(earlier.time);
    case What::kEntry: return Value(entry);
    case What::kAttribute: break;
  }
  const auto found = earlier.attributes.find(recall.name);
  if (found != earlier.attributes.end()) return found->second;
  for (const rules::Attribute& attribute : type.attributes) {
    if (attribute.name == recall.name) return attribute.default_value;
  }
  return std::nullopt;
}

}  // namespace

absl::Status AddRecalled(const rules::CompiledProgram& program,
                         StoredPrograms& programs,
                         const model::Aliases& aliases, const Memory& memory,
                         int64_t seq, Event& event) {
  const rules::EventType* const type = program.FindEventType(event.type);
  if (type == nullptr) return absl::OkStatus();
  for (const rules::Recall& recall : type->recalls) {
    const std::string& name = type->attributes[recall.attribute].name;
    if (event.attributes.contains(name)) continue;
    const std::optional<std::string> object = ObjectOf(*type, recall, event);
    if (!object.has_value() || object->empty()) continue;
    model::EntityState about;
    RETURN_IF_ERROR(memory.load(
        {.entity = core::ObjectEntity(*object),
         .ranges = {{.name = recall.said, .from = 1, .to = seq - 1}}},
        about));
    const int64_t entry = EntryOf(recall, about.counters, seq);
    if (entry == 0) continue;
    ASSIGN_OR_RETURN(const auto recorded, memory.find(entry));
    if (!recorded.has_value()) {
      return absl::DataLossError(absl::StrCat("entry ", entry, ", which \"",
                                              *object,
                                              "\" is said to be of, is not "
                                              "in the journal"));
    }
    ASSIGN_OR_RETURN(const rules::CompiledProgram* const then,
                     programs.At(entry));
    const Event earlier = Addressed(*then, recorded->event, aliases, seq);
    const rules::EventType* const said = then->FindEventType(earlier.type);
    if (said == nullptr) continue;
    if (auto value = ValueOf(recall, *said, entry, earlier)) {
      event.attributes.insert_or_assign(name, *std::move(value));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Event> AsDecided(store::Reader& reader, StoredPrograms& programs,
                                const model::RecordedEvent& recorded) {
  ASSIGN_OR_RETURN(const rules::CompiledProgram* const program,
                   programs.At(recorded.seq));
  ASSIGN_OR_RETURN(const model::Aliases* const aliases, reader.Aliases());
  Event event = Addressed(*program, recorded.event, *aliases, recorded.seq);
  const auto load = [&](const model::ReadSet& wanted,
                        model::EntityState& state) -> absl::Status {
    ASSIGN_OR_RETURN(auto found, reader.Find(wanted.entity));
    if (found.has_value()) state = *std::move(found);
    return absl::OkStatus();
  };
  const auto find =
      [&](int64_t seq) -> absl::StatusOr<std::optional<model::RecordedEvent>> {
    ASSIGN_OR_RETURN(auto events, reader.Events(seq - 1, 1));
    if (events.empty()) return std::nullopt;
    return std::move(events.front());
  };
  RETURN_IF_ERROR(AddRecalled(*program, programs, *aliases,
                              {.load = load, .find = find}, recorded.seq,
                              event));
  return event;
}

}  // namespace loyalty::engine
