// SPDX-License-Identifier: Apache-2.0
//
// Aliases: members who were found to be somebody else, and have been one with
// them since some entry of the journal.
#ifndef LOYALTY_LIB_MODEL_ALIASES_H_
#define LOYALTY_LIB_MODEL_ALIASES_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::model {

// From entry `seq` on, `member` is `into`. Neither was an alias until then.
struct Alias {
  std::string member = {};
  std::string into = {};
  int64_t seq = 0;

  friend bool operator==(const Alias&, const Alias&) = default;
};

// All aliases of one store, by names.
//
// COST: a few hundred bytes for each; a look-up for each step of a chain.
class Aliases {
 public:
  static constexpr int64_t kNow = std::numeric_limits<int64_t>::max();

  bool empty() const { return by_member_.empty(); }
  size_t size() const { return by_member_.size(); }

  // REQUIRES: no alias `alias.member` is there, and `alias.into` is none.
  void Add(Alias alias);
  // Takes back what Add did last of that member.
  void Remove(std::string_view member);
  // Somebody is called otherwise from now on, as after an erasure.
  void Rename(std::string_view from, const std::string& to);

  // Whom a name meant for the entry `seq`: themselves, or who they had become
  // by then. It stays valid until something changes here.
  std::string_view Resolve(std::string_view member, int64_t seq = kNow) const;

  // The steps by which a member became who they are now, in order.
  std::vector<Alias> PathOf(std::string_view member) const;

  // All that became this member, also by way of others, in journal order.
  std::vector<Alias> Of(std::string_view member) const;

 private:
  void AddThoseOf(std::string_view member, std::vector<Alias>& to) const;

  std::map<std::string, Alias, std::less<>> by_member_;
  std::map<std::string, std::vector<std::string>, std::less<>> by_into_;
};

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_ALIASES_H_
