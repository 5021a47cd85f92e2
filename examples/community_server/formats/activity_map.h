// SPDX-License-Identifier: Apache-2.0
//
// ActivityMap: which activities are which events of the program, from a file
// (activities.json):
//
//   {"members": "https://example.org/users/",
//    "events": [{"activity": "Like", "event": "kudos_given",
//                "attributes": {"owner": "object.attributedTo"}}, ..]}
//
// The first that fits holds. `object`, if it is there, is the type that the
// activity's object has. An attribute is what stands at a path of the document;
// `target` is a path as well, and "object" unless said otherwise. What begins
// with `members` is the rest of it: so the IRI of a member is their id. An
// activity that no line is for is the event of its own name.
#ifndef COMMUNITY_FORMATS_ACTIVITY_MAP_H_
#define COMMUNITY_FORMATS_ACTIVITY_MAP_H_

#include <string>
#include <utility>
#include <vector>

#include "formats/activity_streams.h"

namespace community {

class ActivityMap {
 public:
  // Without lines.
  ActivityMap() = default;
  // THROWS: std::invalid_argument, naming what is wrong in the text.
  explicit ActivityMap(const std::string& text);

  // In the form that POST /api/events takes, without a time if the activity has
  // none. One without an id has one made of what `document` says.
  Json EventOf(const Activity& activity, const Json& document) const;

 private:
  struct Line {
    std::string activity = {};
    std::string object = {};  // "": any
    std::string event = {};
    std::string target = "object";
    std::vector<std::pair<std::string, std::string>> attributes = {};
  };

  static Line LineOf(const Json& json);
  Json WithoutPrefix(Json value) const;

  std::string members_ = {};
  std::vector<Line> lines_ = {};
};

}  // namespace community

#endif  // COMMUNITY_FORMATS_ACTIVITY_MAP_H_
