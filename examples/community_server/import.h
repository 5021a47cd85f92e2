// SPDX-License-Identifier: Apache-2.0
//
// Import: a community out of a log of events, for a demo: the posts, kudos and
// votes that the events are about, with made-up titles and texts, and the
// events themselves in the engine.
#ifndef COMMUNITY_IMPORT_H_
#define COMMUNITY_IMPORT_H_

#include <cstdint>
#include <string>

namespace community {

struct Imported {
  int64_t events = 0;
  int64_t malformed = 0;
  int64_t rejected = 0;
};

// Fills `folder`, in which there may be no community yet, from the JSON Lines
// in `log`. Times are moved by whole days, so that the newest is of today.
//
// THROWS: std::exception. A folder that was half filled is of no use then.
Imported Import(const std::string& folder, const std::string& program_file,
                const std::string& log);

}  // namespace community

#endif  // COMMUNITY_IMPORT_H_
