// SPDX-License-Identifier: Apache-2.0
//
// See aliases.h.
#include "model/aliases.h"

#include <algorithm>
#include <utility>

namespace loyalty::model {

void Aliases::Add(Alias alias) {
  by_into_[alias.into].push_back(alias.member);
  std::string member = alias.member;
  by_member_.emplace(std::move(member), std::move(alias));
}

void Aliases::Remove(std::string_view member) {
  const auto found = by_member_.find(member);
  if (found == by_member_.end()) return;
  const auto others = by_into_.find(found->second.into);
  std::erase(others->second, found->first);
  if (others->second.empty()) by_into_.erase(others);
  by_member_.erase(found);
}

void Aliases::Rename(std::string_view from, const std::string& to) {
  if (const auto found = by_member_.find(from); found != by_member_.end()) {
    Alias alias = found->second;
    std::vector<std::string>& others = by_into_.find(alias.into)->second;
    std::replace(others.begin(), others.end(), alias.member, to);
    alias.member = to;
    by_member_.erase(found);
    by_member_.emplace(to, std::move(alias));
  }
  if (auto node = by_into_.extract(std::string(from)); !node.empty()) {
    for (const std::string& member : node.mapped()) {
      by_member_.find(member)->second.into = to;
    }
    node.key() = to;
    by_into_.insert(std::move(node));
  }
}

std::string_view Aliases::Resolve(std::string_view member, int64_t seq) const {
  if (by_member_.empty()) return member;
  auto found = by_member_.find(member);
  while (found != by_member_.end() && found->second.seq < seq) {
    member = found->second.into;
    found = by_member_.find(member);
  }
  return member;
}

std::vector<Alias> Aliases::PathOf(std::string_view member) const {
  std::vector<Alias> path;
  for (auto found = by_member_.find(member); found != by_member_.end();
       found = by_member_.find(path.back().into)) {
    path.push_back(found->second);
  }
  return path;
}

void Aliases::AddThoseOf(std::string_view member,
                         std::vector<Alias>& to) const {
  const auto found = by_into_.find(member);
  if (found == by_into_.end()) return;
  for (const std::string& other : found->second) {
    to.push_back(by_member_.find(other)->second);
  }
}

std::vector<Alias> Aliases::Of(std::string_view member) const {
  std::vector<Alias> all;
  AddThoseOf(member, all);
  for (size_t next = 0; next < all.size(); ++next) {
    const std::string other = all[next].member;
    AddThoseOf(other, all);
  }
  std::sort(all.begin(), all.end(),
            [](const Alias& a, const Alias& b) { return a.seq < b.seq; });
  return all;
}

}  // namespace loyalty::model
