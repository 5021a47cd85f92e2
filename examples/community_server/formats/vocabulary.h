// SPDX-License-Identifier: Apache-2.0
//
// The vocabulary of Activity Streams 2.0, as tables:
// https://www.w3.org/TR/activitystreams-vocabulary/
#ifndef COMMUNITY_FORMATS_VOCABULARY_H_
#define COMMUNITY_FORMATS_VOCABULARY_H_

#include <string>
#include <string_view>

namespace community {

inline constexpr std::string_view kActivityStreams =
    "https://www.w3.org/ns/activitystreams";

// What the value of a property may be.
enum class Range {
  kText,        // of natural language: a text, or an object by language
  kLanguages,   // texts by language
  kAny,         // an object, a link, or the IRI of one
  kIdentified,  // the same, and the IRI absolute, as it names who or what
  kPage,        // a page of a collection, or a link
  kCollection,  // a collection, or a link
  kImage,       // an image, or a link
  kUrl,         // a link or an IRI
  kIri,         // an IRI alone
  kId,          // an absolute IRI
  kType,        // a text
  kTime,
  kDuration,
  kNumber,
  kPositive,  // a number of at least 0
  kPercent,   // a number from 0 to 100
  kCount,     // a whole number of at least 0
  kUnits,
  kMediaType,
  kLanguage,
  kRelation,
  kClosed,  // a time, true or false, or an object
};

struct Property {
  Range range;
  bool is_single;  // "functional": has at most one value
};

// nullptr for what the vocabulary does not have.
const Property* FindProperty(std::string_view name);

enum class Class {
  kActivity,
  kIntransitive,
  kLink,
  kCollection,
  kPage,
  kImage,
  kOther
};

// The type without the vocabulary's own prefix, in any of its spellings.
std::string_view Shortened(std::string_view type);
// Of a shortened type; nullptr for an extension.
const Class* FindClass(std::string_view type);
bool IsOrdered(std::string_view type);

}  // namespace community

#endif  // COMMUNITY_FORMATS_VOCABULARY_H_
