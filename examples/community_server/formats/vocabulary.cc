// SPDX-License-Identifier: Apache-2.0
//
// See vocabulary.h.
#include "formats/vocabulary.h"

#include <map>

namespace community {

const Property* FindProperty(std::string_view name) {
  static const std::map<std::string_view, Property> kProperties = {
      {"id", {Range::kId, true}},
      {"type", {Range::kType, false}},
      // Texts.
      {"name", {Range::kText, false}},
      {"summary", {Range::kText, false}},
      {"content", {Range::kText, false}},
      {"nameMap", {Range::kLanguages, true}},
      {"summaryMap", {Range::kLanguages, true}},
      {"contentMap", {Range::kLanguages, true}},
      // Objects.
      {"actor", {Range::kIdentified, false}},
      {"object", {Range::kIdentified, false}},
      {"target", {Range::kIdentified, false}},
      {"result", {Range::kAny, false}},
      {"origin", {Range::kAny, false}},
      {"instrument", {Range::kAny, false}},
      {"attachment", {Range::kAny, false}},
      {"attributedTo", {Range::kAny, false}},
      {"audience", {Range::kAny, false}},
      {"bcc", {Range::kAny, false}},
      {"bto", {Range::kAny, false}},
      {"cc", {Range::kAny, false}},
      {"to", {Range::kAny, false}},
      {"context", {Range::kAny, false}},
      {"generator", {Range::kAny, false}},
      {"icon", {Range::kImage, false}},
      {"image", {Range::kImage, false}},
      {"inReplyTo", {Range::kAny, false}},
      {"location", {Range::kAny, false}},
      {"preview", {Range::kAny, false}},
      {"tag", {Range::kAny, false}},
      {"oneOf", {Range::kAny, false}},
      {"anyOf", {Range::kAny, false}},
      {"closed", {Range::kClosed, false}},
      {"subject", {Range::kAny, true}},
      {"relationship", {Range::kAny, false}},
      {"describes", {Range::kAny, true}},
      {"url", {Range::kUrl, false}},
      // Of a type that is no object but the name of a class.
      {"formerType", {Range::kType, false}},
      // Collections.
      {"items", {Range::kAny, false}},
      {"orderedItems", {Range::kAny, false}},
      {"replies", {Range::kCollection, true}},
      {"partOf", {Range::kCollection, true}},
      {"current", {Range::kPage, true}},
      {"first", {Range::kPage, true}},
      {"last", {Range::kPage, true}},
      {"next", {Range::kPage, true}},
      {"prev", {Range::kPage, true}},
      {"totalItems", {Range::kCount, true}},
      {"startIndex", {Range::kCount, true}},
      // Times and measures.
      {"published", {Range::kTime, true}},
      {"updated", {Range::kTime, true}},
      {"startTime", {Range::kTime, true}},
      {"endTime", {Range::kTime, true}},
      {"deleted", {Range::kTime, true}},
      {"duration", {Range::kDuration, true}},
      {"latitude", {Range::kNumber, true}},
      {"longitude", {Range::kNumber, true}},
      {"altitude", {Range::kNumber, true}},
      {"radius", {Range::kPositive, true}},
      {"accuracy", {Range::kPercent, true}},
      {"units", {Range::kUnits, true}},
      // Links.
      {"href", {Range::kIri, true}},
      {"hreflang", {Range::kLanguage, true}},
      {"rel", {Range::kRelation, false}},
      {"mediaType", {Range::kMediaType, true}},
      {"height", {Range::kCount, true}},
      {"width", {Range::kCount, true}},
  };
  const auto found = kProperties.find(name);
  return found != kProperties.end() ? &found->second : nullptr;
}

std::string_view Shortened(std::string_view type) {
  for (const std::string_view prefix :
       {"as:", "https://www.w3.org/ns/activitystreams#",
        "http://www.w3.org/ns/activitystreams#"}) {
    if (type.starts_with(prefix)) return type.substr(prefix.size());
  }
  return type;
}

const Class* FindClass(std::string_view type) {
  static const std::map<std::string_view, Class> kClasses = [] {
    std::map<std::string_view, Class> classes;
    for (const char* name : {"Accept",
                             "Activity",
                             "Add",
                             "Announce",
                             "Block",
                             "Create",
                             "Delete",
                             "Dislike",
                             "Flag",
                             "Follow",
                             "Ignore",
                             "Invite",
                             "Join",
                             "Leave",
                             "Like",
                             "Listen",
                             "Move",
                             "Offer",
                             "Read",
                             "Reject",
                             "Remove",
                             "TentativeAccept",
                             "TentativeReject",
                             "Undo",
                             "Update",
                             "View"}) {
      classes[name] = Class::kActivity;
    }
    for (const char* name :
         {"IntransitiveActivity", "Arrive", "Travel", "Question"}) {
      classes[name] = Class::kIntransitive;
    }
    for (const char* name : {"Link", "Mention"}) classes[name] = Class::kLink;
    for (const char* name : {"Collection", "OrderedCollection"}) {
      classes[name] = Class::kCollection;
    }
    for (const char* name : {"CollectionPage", "OrderedCollectionPage"}) {
      classes[name] = Class::kPage;
    }
    classes["Image"] = Class::kImage;
    for (const char* name :
         {"Object", "Application", "Article", "Audio", "Document", "Event",
          "Group", "Note", "Organization", "Page", "Person", "Place", "Profile",
          "Relationship", "Service", "Tombstone", "Video"}) {
      classes[name] = Class::kOther;
    }
    return classes;
  }();
  const auto found = kClasses.find(type);
  return found != kClasses.end() ? &found->second : nullptr;
}

bool IsOrdered(std::string_view type) {
  return type == "OrderedCollection" || type == "OrderedCollectionPage";
}

}  // namespace community
