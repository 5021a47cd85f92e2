// SPDX-License-Identifier: Apache-2.0
//
// Erasing a member: the file forgets who a number is. Entries, and what follows
// from them, stay as they are. See entities.h.
#include <algorithm>
#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "model/member_name.h"
#include "store/entities.h"

namespace loyalty::store {

absl::Status Entities::EraseMember(std::string_view id) {
  ASSIGN_OR_RETURN(Kept* const kept, Touch(model::Entity::Kind::kMember, id));
  ASSIGN_OR_RETURN(const int64_t number, MemberNumber(id));
  const std::string name = model::ErasedName(number);
  RETURN_IF_ERROR(db_.Run("DELETE FROM personal WHERE member = ?", number));
  RETURN_IF_ERROR(db_.Run("DELETE FROM member WHERE member = ?", number));
  // If it is there: a new name is not, until the next merge.
  RETURN_IF_ERROR(db_.Run("UPDATE member_by_id SET id = ? WHERE id = ?",
                          std::string_view(name), id));
  names_before_.push_back({kept, kept->id});
  RenameAliases(kept->id, name);
  Rename(*kept, name);
  has_erased_ = true;
  return absl::OkStatus();
}

// The map is by the entity's own copy of the id.
void Entities::Rename(Kept& kept, std::string id) {
  auto& members = kept_[static_cast<size_t>(model::Entity::Kind::kMember)];
  const auto found = members.find(kept.id);
  std::unique_ptr<Kept> owned = std::move(found->second);
  members.erase(found);
  owned->id = std::move(id);
  members.emplace(owned->id, std::move(owned));
}

// Whoever came with the same id since, within the transaction, has not come.
void Entities::TakeNamesBack() {
  auto& members = kept_[static_cast<size_t>(model::Entity::Kind::kMember)];
  for (auto it = names_before_.rbegin(); it != names_before_.rend(); ++it) {
    if (const auto other = members.find(it->id); other != members.end()) {
      bytes_ -= std::min(bytes_, other->second->bytes());
      members.erase(other);
      recent_ = {};
    }
    Rename(*it->kept, std::move(it->id));
  }
}

}  // namespace loyalty::store
