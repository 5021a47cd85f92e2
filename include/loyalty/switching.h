// SPDX-License-Identifier: Apache-2.0
//
// Switching: what changes where a file goes on with a changed program.
#ifndef LOYALTY_SWITCHING_H_
#define LOYALTY_SWITCHING_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty {

// Something that one program declares, and another does not, or otherwise.
struct ProgramDifference {
  enum class Kind { kAdded, kRemoved, kChanged };
  Kind kind = Kind::kChanged;
  std::string what = {};  // "rule", "event type": as the program language calls
                          // it
  std::string id = {};    // "" for what has none, as "time zone"

  // rule "like" was changed
  std::string ToString() const;

  friend bool operator==(const ProgramDifference&,
                         const ProgramDifference&) = default;
};

// "added", "removed" or "changed".
std::string_view Name(ProgramDifference::Kind kind);

// What a switch would come to. A level follows from what was earned, so that
// members stand where the new ladder has them from the switch on; no entry
// says so for each of them.
struct SwitchPreview {
  std::string from = {};  // the version that decides now
  std::string to = {};
  std::vector<ProgramDifference> differences = {};
  // Why the file cannot go on with it, all reasons, each with what to do; none:
  // it can.
  std::vector<std::string> reasons_against = {};

  // Of a ladder that both have: how many members stand at another level then.
  struct Ladder {
    std::string id = {};
    int64_t members = 0;

    friend bool operator==(const Ladder&, const Ladder&) = default;
  };
  std::vector<Ladder> ladders = {};  // in the order of the new program
};

}  // namespace loyalty

#endif  // LOYALTY_SWITCHING_H_
