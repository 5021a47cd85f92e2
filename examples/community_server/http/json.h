// SPDX-License-Identifier: Apache-2.0
//
// JSON as it comes in and goes out, and refusals. A refusal is thrown by
// whoever finds out that the answer is no, and is told to the client in one
// place, router.cc, as problem details (RFC 9457).
#ifndef COMMUNITY_HTTP_JSON_H_
#define COMMUNITY_HTTP_JSON_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace community {

using Json = nlohmann::ordered_json;

inline constexpr size_t kMostBodyBytes = size_t{1} << 20;
inline constexpr int kMostDepth = 32;
inline constexpr size_t kMostEvents = 10'000;

// The answer is no. `more` is told beside status and detail.
class Refusal : public std::runtime_error {
 public:
  Refusal(int status, const std::string& detail, Json more = Json::object())
      : std::runtime_error(detail), status_(status), more_(std::move(more)) {}
  int status() const { return status_; }
  const Json& more() const { return more_; }

 private:
  int status_;
  Json more_;
};

// What the library could not do, or was not asked rightly.
Refusal RefusalOf(const absl::Status& status);

// The value, or throws that refusal.
template <typename T>
T OrRefuse(absl::StatusOr<T> value) {
  if (!value.ok()) throw RefusalOf(value.status());
  return *std::move(value);
}
inline void OrRefuse(const absl::Status& status) {
  if (!status.ok()) throw RefusalOf(status);
}

// Reads one object.
//
// THROWS: 400 for what is no JSON object, names a key twice, or is deeper than
//         kMostDepth; the detail says where.
Json ReadObject(std::string_view text);

// A member of a body that has to be there, of that type and that many bytes,
// without characters that change how what stands beside it is shown.
//
// THROWS: 400, naming it.
std::string TextOf(const Json& body, std::string_view name, size_t least,
                   size_t most);
// "" where it is not there.
std::string TextOr(const Json& body, std::string_view name, size_t most);
int64_t NumberOr(const Json& body, std::string_view name, int64_t otherwise);
// THROWS: 400, naming a member of the body that is none of these.
void OnlyHas(const Json& body, std::initializer_list<std::string_view> names);

// One line. Texts of clients are UTF-8, as reading checked; whatever is not is
// replaced.
std::string Text(const Json& json);

// RFC 3339 in UTC, to the microsecond where it has any.
std::string Rfc3339(absl::Time time);

}  // namespace community

#endif  // COMMUNITY_HTTP_JSON_H_
