// SPDX-License-Identifier: Apache-2.0
//
// See activity_streams.h. Sections are of
// https://www.w3.org/TR/activitystreams-core/.
#include "formats/activity_streams.h"

#include <absl/strings/ascii.h>
#include <absl/time/time.h>

#include <algorithm>
#include <regex>
#include <set>
#include <vector>

#include "formats/vocabulary.h"

namespace community {
namespace {

constexpr size_t kLongestPattern = 256;

[[noreturn]] void Refuse(const std::string& path, const std::string& what) {
  throw Refusal(400, "\"" + path + "\" " + what, {{"field", path}});
}

// The alias of JSON-LD for a name of the vocabulary.
std::string_view Plain(std::string_view name) {
  if (name == "@id") return "id";
  if (name == "@type") return "type";
  return name;
}

const Json* Find(const Json& object, std::string_view name) {
  for (const auto& [key, value] : object.items()) {
    if (Plain(key) == name && !value.is_null()) return &value;
  }
  return nullptr;
}

// One value, or each of a list.
template <typename Function>
void ForEach(const Json& value, const Function& function) {
  if (!value.is_array()) return function(value);
  for (const Json& one : value) function(one);
}

// Texts of clients may be long, and the library's regular expressions recurse.
bool Matches(const std::string& text, const std::regex& pattern) {
  return text.size() <= kLongestPattern && std::regex_match(text, pattern);
}

// RFC 3987, as far as it says which characters may be where.
bool IsReference(const std::string& text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F ||
           std::string_view("<>\"{}|\\^`").find(c) != std::string_view::npos;
  });
}

bool IsAbsolute(const std::string& text) {
  const size_t colon = text.find(':');
  if (!IsReference(text) || colon == text.npos || colon + 1 == text.size()) {
    return false;
  }
  // "_:b0" names a node within the document.
  if (text.starts_with("_:")) return true;
  const std::string_view scheme(text.data(), colon);
  return !scheme.empty() && absl::ascii_isalpha(scheme[0]) &&
         std::all_of(scheme.begin(), scheme.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '+' || c == '-' || c == '.';
         });
}

// RFC 3339, but that seconds may be missing (section 2.3).
std::optional<absl::Time> ParsedTime(const std::string& text) {
  static const std::regex kPattern(
      "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d)(:\\d\\d(\\.\\d+)?)?"
      "(Z|[+-]\\d\\d:\\d\\d)");
  std::smatch parts;
  if (text.size() > kLongestPattern ||
      !std::regex_match(text, parts, kPattern)) {
    return std::nullopt;
  }
  const std::string seconds = parts[2].matched ? parts[2].str() : ":00";
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full,
                       parts[1].str() + seconds + parts[4].str(), &time,
                       nullptr)) {
    return std::nullopt;
  }
  return time;
}

bool IsLanguage(const std::string& text) {
  static const std::regex kPattern("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*");
  return Matches(text, kPattern);
}

bool IsDuration(const std::string& text) {
  static const std::regex kPattern(
      "-?P(?=.)(\\d+Y)?(\\d+M)?(\\d+D)?"
      "(T(?=.)(\\d+H)?(\\d+M)?(\\d+(\\.\\d+)?S)?)?");
  return Matches(text, kPattern);
}

bool IsMediaType(const std::string& text) {
  static const std::regex kPattern(
      "[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+"
      "( *; *[A-Za-z0-9!#$&^_.+-]+=([A-Za-z0-9!#$%&'*^_`|~.+:/-]+|"
      "\"[^\"]*\"))*");
  return Matches(text, kPattern);
}

bool IsRelation(const std::string& text) {
  return !text.empty() && text.find_first_of(" \t\n\f\r,") == text.npos;
}

bool IsUnits(const std::string& text) {
  static const std::set<std::string_view> kUnits = {"cm", "feet", "inches",
                                                    "km", "m",    "miles"};
  return kUnits.contains(text) || IsAbsolute(text);
}

bool IsText(const Json& value, bool (*holds)(const std::string&)) {
  return value.is_string() && holds(value.get_ref<const std::string&>());
}

// The types of an object, shortened.
std::vector<std::string> TypesOf(const Json& object) {
  std::vector<std::string> types;
  if (const Json* const type = Find(object, "type")) {
    ForEach(*type, [&](const Json& one) {
      if (one.is_string()) {
        types.emplace_back(Shortened(one.get_ref<const std::string&>()));
      }
    });
  }
  return types;
}

// Whether one of the types is of one of the classes.
bool Is(const std::vector<std::string>& types, const std::set<Class>& classes) {
  return std::any_of(types.begin(), types.end(), [&](const std::string& type) {
    const Class* const found = FindClass(type);
    return found != nullptr && classes.contains(*found);
  });
}

// What is of no class that the vocabulary knows may be of any.
bool MayBe(const Json& object, const std::set<Class>& classes) {
  const std::vector<std::string> types = TypesOf(object);
  return Is(types, classes) ||
         std::all_of(types.begin(), types.end(), [](const std::string& type) {
           return FindClass(type) == nullptr;
         });
}

void CheckObject(const Json& object, const std::string& path);

void CheckLanguages(const Json& value, const std::string& path) {
  if (!value.is_object()) Refuse(path, "has to be an object of texts");
  for (const auto& [language, text] : value.items()) {
    if (language != "@none" && !IsLanguage(language)) {
      Refuse(path + "." + language, "has to be named by a language, as \"en\"");
    }
    if (!text.is_string()) Refuse(path + "." + language, "has to be a text");
  }
}

void CheckNaturalText(const Json& value, const std::string& path) {
  if (value.is_string()) return;
  if (!value.is_object()) {
    Refuse(path, "has to be a text, or texts by language");
  }
  if (!value.contains("@value")) return CheckLanguages(value, path);
  for (const auto& [name, text] : value.items()) {
    if (!text.is_string()) Refuse(path + "." + name, "has to be a text");
  }
}

// An object of one of the classes, or an IRI that `is_iri` takes.
void CheckReference(const Json& value, const std::string& path,
                    const std::set<Class>& classes, const char* what,
                    bool (*is_iri)(const std::string&)) {
  if (IsText(value, is_iri)) return;
  if (!value.is_object() || (!classes.empty() && !MayBe(value, classes))) {
    Refuse(path, std::string("has to be ") + what);
  }
  CheckObject(value, path);
}

void CheckNumber(const Json& value, const std::string& path, double least,
                 double most, const char* what) {
  if (!value.is_number() || value.get<double>() < least ||
      value.get<double>() > most) {
    Refuse(path, std::string("has to be ") + what);
  }
}

void CheckValue(const Json& value, const std::string& path, Range range) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto demand = [&](bool holds, const char* what) {
    if (!holds) Refuse(path, std::string("has to be ") + what);
  };
  switch (range) {
    case Range::kText: return CheckNaturalText(value, path);
    case Range::kLanguages: return CheckLanguages(value, path);
    case Range::kAny:
      return CheckReference(value, path, {}, "an object, a Link or an IRI",
                            IsReference);
    case Range::kIdentified:
      return CheckReference(value, path, {},
                            "an object, a Link or an absolute IRI", IsAbsolute);
    case Range::kPage:
      return CheckReference(value, path, {Class::kPage, Class::kLink},
                            "a page of a collection, a Link or an IRI",
                            IsReference);
    case Range::kCollection:
      return CheckReference(value, path,
                            {Class::kCollection, Class::kPage, Class::kLink},
                            "a collection, a Link or an IRI", IsReference);
    case Range::kImage:
      return CheckReference(value, path, {Class::kImage, Class::kLink},
                            "an Image, a Link or an IRI", IsReference);
    case Range::kUrl:
      return CheckReference(value, path, {Class::kLink}, "a Link or an IRI",
                            IsReference);
    case Range::kIri: return demand(IsText(value, IsReference), "an IRI");
    case Range::kId:
      return demand(IsText(value, IsAbsolute), "an absolute IRI");
    case Range::kType:
      return demand(value.is_string() && !value.empty() &&
                        !value.get_ref<const std::string&>().empty(),
                    "the name or the IRI of a type");
    case Range::kTime:
      return demand(
          value.is_string() && ParsedTime(value.get<std::string>()).has_value(),
          "a time with its zone, as 2026-03-01T12:00:00Z");
    case Range::kDuration:
      return demand(IsText(value, IsDuration), "a duration, as PT2H");
    case Range::kNumber:
      return CheckNumber(value, path, -kInfinity, kInfinity, "a number");
    case Range::kPositive:
      return CheckNumber(value, path, 0, kInfinity, "a number of at least 0");
    case Range::kPercent:
      return CheckNumber(value, path, 0, 100, "a number from 0 to 100");
    case Range::kCount:
      return demand(value.is_number_unsigned() || (value.is_number_integer() &&
                                                   value.get<int64_t>() >= 0),
                    "a whole number of at least 0");
    case Range::kUnits:
      return demand(IsText(value, IsUnits),
                    "cm, feet, inches, km, m, miles or an IRI");
    case Range::kMediaType:
      return demand(IsText(value, IsMediaType), "a media type, as text/html");
    case Range::kLanguage:
      return demand(IsText(value, IsLanguage), "a language, as \"en\"");
    case Range::kRelation:
      return demand(IsText(value, IsRelation),
                    "the name of a relation, without blanks and commas");
    case Range::kClosed:
      if (value.is_boolean() ||
          (value.is_string() &&
           ParsedTime(value.get<std::string>()).has_value())) {
        return;
      }
      return CheckReference(value, path, {},
                            "a time, true or false, an object or an IRI",
                            IsAbsolute);
  }
}

void CheckProperty(const Json& value, const std::string& path,
                   const Property& property) {
  if (property.is_single && value.is_array() && value.size() > 1) {
    Refuse(path, "has one value at most");
  }
  ForEach(value, [&](const Json& one) {
    if (!one.is_null()) CheckValue(one, path, property.range);
  });
}

// What holds for an object as a whole.
void CheckWhole(const Json& object, const std::string& path) {
  const std::vector<std::string> types = TypesOf(object);
  const auto at = [&](std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
  };
  const auto has = [&](std::string_view name) {
    return Find(object, name) != nullptr;
  };
  if (Is(types, {Class::kLink}) && !has("href")) {
    Refuse(at("href"), "is missing, and a Link has to have one");
  }
  if (Is(types, {Class::kIntransitive}) && !Is(types, {Class::kActivity}) &&
      has("object")) {
    Refuse(at("object"), "may not be there: the activity is intransitive");
  }
  if (has("oneOf") && has("anyOf")) {
    Refuse(at("anyOf"), "may not be there beside \"oneOf\"");
  }
  if (!Is(types, {Class::kCollection, Class::kPage})) return;
  const bool is_ordered = std::any_of(types.begin(), types.end(), IsOrdered);
  const char* const other = is_ordered ? "items" : "orderedItems";
  if (has(other)) {
    Refuse(at(other), is_ordered
                          ? "may not be there: the collection is ordered, and "
                            "has \"orderedItems\""
                          : "may not be there: the collection is not ordered, "
                            "and has \"items\"");
  }
}

void CheckObject(const Json& object, const std::string& path) {
  for (const auto& [key, value] : object.items()) {
    const std::string_view name = Plain(key);
    const Property* const property = FindProperty(name);
    if (property == nullptr || value.is_null()) continue;
    CheckProperty(value, path.empty() ? key : path + "." + key, *property);
  }
  CheckWhole(object, path);
}

bool IsOurContext(std::string_view context) {
  std::string_view rest = context;
  for (const std::string_view scheme : {"https:", "http:"}) {
    if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  }
  if (rest.size() == context.size()) return false;
  if (rest.ends_with('#')) rest.remove_suffix(1);
  return rest == kActivityStreams.substr(std::string_view("https:").size());
}

// Section 2.1: without a context, ours is meant. One that names others, and
// not ours, is of a document of another kind.
void CheckContext(const Json& document) {
  constexpr char kName[] = "@context";
  const auto context = document.find(kName);
  if (context == document.end()) return;
  bool names_ours = false;
  bool names_others = false;
  const auto see = [&](const Json& named) {
    (IsOurContext(named.get_ref<const std::string&>()) ? names_ours
                                                       : names_others) = true;
  };
  ForEach(*context, [&](const Json& one) {
    if (one.is_string()) {
      see(one);
    } else if (one.is_object()) {
      const auto vocabulary = one.find("@vocab");
      if (vocabulary != one.end() && vocabulary->is_string()) see(*vocabulary);
    } else if (!one.is_null()) {
      Refuse(kName, "has to be an IRI, an object, or a list of them");
    }
  });
  if (names_others && !names_ours) {
    Refuse(kName, "has to name " + std::string(kActivityStreams));
  }
}

// The id of what was referred to, or where a Link leads.
Json Referred(const Json& value) {
  if (value.is_array()) return value.empty() ? Json() : Referred(value[0]);
  if (!value.is_object()) return value;
  if (const Json* const id = Find(value, "id")) return *id;
  if (const Json* const href = Find(value, "href")) return *href;
  return {};
}

std::optional<std::string> TextAt(const Json& document, std::string_view path) {
  const Json found = FollowPath(document, path);
  if (!found.is_string()) return std::nullopt;
  return found.get<std::string>();
}

}  // namespace

std::optional<Activity> ReadActivity(const Json& document) {
  CheckContext(document);
  CheckObject(document, "");
  const std::vector<std::string> types = TypesOf(document);
  const auto type =
      std::find_if(types.begin(), types.end(), [](const std::string& one) {
        return Is({one}, {Class::kActivity, Class::kIntransitive});
      });
  if (type == types.end()) return std::nullopt;
  Activity activity{.type = *type,
                    .id = TextAt(document, "id"),
                    .time = TextAt(document, "published"),
                    .actor = TextAt(document, "actor"),
                    .object = TextAt(document, "object"),
                    .target = TextAt(document, "target")};
  if (const Json* object = Find(document, "object")) {
    if (object->is_array() && !object->empty()) object = &(*object)[0];
    const std::vector<std::string> of_object =
        object->is_object() ? TypesOf(*object) : std::vector<std::string>();
    if (!of_object.empty()) activity.object_type = of_object[0];
  }
  return activity;
}

Json FollowPath(const Json& document, std::string_view path) {
  const Json* at = &document;
  while (true) {
    const size_t dot = std::min(path.find('.'), path.size());
    if (at->is_array() && !at->empty()) at = &(*at)[0];
    if (!at->is_object()) return {};
    at = Find(*at, path.substr(0, dot));
    if (at == nullptr) return {};
    if (dot == path.size()) return Referred(*at);
    path.remove_prefix(dot + 1);
  }
}

absl::Time TimeOf(const std::string& written) {
  return ParsedTime(written).value_or(absl::InfinitePast());
}

}  // namespace community
