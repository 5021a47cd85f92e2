// SPDX-License-Identifier: Apache-2.0
//
// Activity Streams 2.0: whether a document is one, and which activity it is.
//
// What the core and the vocabulary say of a property holds wherever it stands;
// properties and types that they do not know are extensions, and pass. null is
// the same as absent, and a list of one the same as that one.
#ifndef COMMUNITY_FORMATS_ACTIVITY_STREAMS_H_
#define COMMUNITY_FORMATS_ACTIVITY_STREAMS_H_

#include <optional>
#include <string>
#include <string_view>

#include "http/json.h"

namespace community {

// Ids are absolute IRIs; what has none, or is not there, is nullopt. Of several
// it is the first.
struct Activity {
  std::string type = {};         // "Like"; of several, the first activity's
  std::string object_type = {};  // "Note", or ""
  std::optional<std::string> id = {};
  std::optional<std::string> time = {};  // `published`, as written
  std::optional<std::string> actor = {};
  std::optional<std::string> object = {};
  std::optional<std::string> target = {};
};

// nullopt if the document is something else than an activity.
//
// THROWS: 400 if it is no Activity Streams 2.0; "field" and the detail say
//         where.
std::optional<Activity> ReadActivity(const Json& document);

// What stands at a path as "object.attributedTo" of a document that was read:
// the id of an object, the target of a Link, or the value; null if nothing
// does.
Json FollowPath(const Json& document, std::string_view path);

// The time of a document that was read, in which seconds may be missing.
absl::Time TimeOf(const std::string& written);

}  // namespace community

#endif  // COMMUNITY_FORMATS_ACTIVITY_STREAMS_H_
