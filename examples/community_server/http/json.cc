// SPDX-License-Identifier: Apache-2.0
//
// See json.h.
#include "http/json.h"

#include <absl/time/civil_time.h>

#include <algorithm>
#include <set>
#include <vector>

namespace community {
namespace {

int HttpStatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument: return 400;
    case absl::StatusCode::kPermissionDenied: return 403;
    case absl::StatusCode::kNotFound: return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition: return 409;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable: return 503;
    default: return 500;
  }
}

// No body has more, and an object that keeps the order of its keys looks
// through all of them for each.
constexpr size_t kMostKeys = 100;

// Told by the parser of all it sees, in order: notes what a value may not be,
// and has nothing kept from then on.
struct Watch {
  std::vector<std::set<std::string>> keys = {};  // of the open objects
  std::string fault = {};

  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (!fault.empty()) return false;
    const bool opens = event == Json::parse_event_t::object_start ||
                       event == Json::parse_event_t::array_start;
    if (opens && depth >= kMostDepth) {
      fault = "the body is more than " + std::to_string(kMostDepth) +
              " levels deep";
    } else if (event == Json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == Json::parse_event_t::key) {
      if (!keys.back().insert(parsed.get<std::string>()).second) {
        fault = "the key " + parsed.dump() + " is there twice";
      } else if (keys.back().size() > kMostKeys) {
        fault =
            "an object has more than " + std::to_string(kMostKeys) + " keys";
      }
    }
    return fault.empty();
  }
};

// Control characters but for new lines and tabs; and those that turn the
// direction of what follows, by which a name could look like another one.
bool HasControls(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) return true;
    const std::string_view three = text.substr(i, 3);
    if (three >= "\xE2\x80\xAA" && three <= "\xE2\x80\xAE") return true;
    if (three >= "\xE2\x81\xA6" && three <= "\xE2\x81\xA9") return true;
  }
  return false;
}

}  // namespace

Refusal RefusalOf(const absl::Status& status) {
  return Refusal(HttpStatusOf(status.code()), std::string(status.message()));
}

Json ReadObject(std::string_view text) {
  Watch watch;
  Json body;
  try {
    body = Json::parse(text, std::ref(watch));
  } catch (const Json::parse_error& error) {
    throw Refusal(400, "the body is no JSON: after byte " +
                           std::to_string(error.byte > 0 ? error.byte - 1 : 0));
  } catch (const Json::out_of_range&) {
    throw Refusal(400, "the body has a number that is too large");
  }
  if (!watch.fault.empty()) throw Refusal(400, watch.fault);
  if (!body.is_object()) throw Refusal(400, "the body has to be a JSON object");
  return body;
}

std::string TextOf(const Json& body, std::string_view name, size_t least,
                   size_t most) {
  const auto found = body.find(name);
  if (found == body.end() || !found->is_string()) {
    throw Refusal(400, "\"" + std::string(name) + "\" has to be a text");
  }
  const auto& text = found->get_ref<const std::string&>();
  if (text.size() < least || text.size() > most) {
    throw Refusal(400, "\"" + std::string(name) + "\" has to have " +
                           std::to_string(least) + " to " +
                           std::to_string(most) + " bytes");
  }
  if (HasControls(text)) {
    throw Refusal(
        400, "\"" + std::string(name) + "\" may not hold control characters");
  }
  return text;
}

std::string TextOr(const Json& body, std::string_view name, size_t most) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return "";
  return TextOf(body, name, 0, most);
}

int64_t NumberOr(const Json& body, std::string_view name, int64_t otherwise) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) return otherwise;
  // An unsigned one may be more than fits.
  if (!found->is_number_integer() ||
      (found->is_number_unsigned() &&
       found->get<uint64_t>() > uint64_t{INT64_MAX})) {
    throw Refusal(400,
                  "\"" + std::string(name) + "\" has to be a whole number");
  }
  return found->get<int64_t>();
}

void OnlyHas(const Json& body, std::initializer_list<std::string_view> names) {
  for (const auto& [name, value] : body.items()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    std::string all;
    for (const std::string_view one : names) {
      all += (all.empty() ? "" : ", ") + std::string(one);
    }
    throw Refusal(400, "the body has " + Json(name).dump() +
                           ", which means nothing here; it may have: " + all);
  }
}

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Digit by digit for a whole second of our times, as nearly all are; a format
// is read anew each time.
std::string Rfc3339(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  time = absl::FromUnixMicros(micros);
  const absl::CivilSecond civil =
      absl::ToCivilSecond(time, absl::UTCTimeZone());
  if (micros % 1'000'000 != 0 || civil.year() < 1000 || civil.year() > 9999) {
    return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*SZ", time,
                            absl::UTCTimeZone());
  }
  std::string text = "0000-00-00T00:00:00Z";
  const auto put = [&text](size_t last, int64_t number) {
    for (; number > 0; number /= 10)
      text[last--] += static_cast<char>(number % 10);
  };
  put(3, civil.year());
  put(6, civil.month());
  put(9, civil.day());
  put(12, civil.hour());
  put(15, civil.minute());
  put(18, civil.second());
  return text;
}

}  // namespace community
