// SPDX-License-Identifier: Apache-2.0
//
// See movements.h.
#include "wire/movements.h"

#include <absl/strings/str_cat.h>
#include <simdjson.h>

#include "wire/number_lists.h"

namespace loyalty::wire {
namespace {

void AppendReverses(const std::vector<model::Position>& reverses,
                    std::string& text) {
  absl::StrAppend(&text, ",[");
  for (const model::Position& at : reverses) {
    absl::StrAppend(&text, text.back() == '[' ? "[" : ",[", at.seq, ",", at.n,
                    "]");
  }
  absl::StrAppend(&text, "]");
}

void AppendOptional(const std::optional<int64_t>& number, NumberWriter& out,
                    std::string& text) {
  if (number.has_value()) {
    out << *number;
  } else {
    text += ",null";
  }
}

void AppendMovement(const MovementNumbers& m, std::string& text) {
  NumberWriter out(text);
  out << m.kind << m.member << m.currency << m.rule << m.award << m.units
      << m.balance << m.earned_beyond << m.back << m.jump;
  const bool has_end = m.vests || m.expires || m.of;
  const bool has_lots = has_end || m.settled_at;
  const bool undoes = has_lots || !m.reverses.empty();
  const bool is_capped = undoes || m.cap_window.has_value() || m.cap_used != 0;
  const bool is_cut =
      is_capped || m.asked != m.units || m.limited != m.units || m.cut != 0;
  if (is_cut) out << m.asked << m.limited << m.cut;
  if (is_capped) {
    AppendOptional(m.cap_window, out, text);
    out << m.cap_used;
  }
  if (undoes) AppendReverses(m.reverses, text);
  if (has_lots) AppendOptional(m.settled_at, out, text);
  if (has_end) {
    AppendOptional(m.vests, out, text);
    AppendOptional(m.expires, out, text);
    AppendReverses(
        m.of.has_value() ? std::vector{*m.of} : std::vector<model::Position>(),
        text);
  }
  text += ']';
}

// The integers of a JSON list, which may end in one of pairs.
class ListReader {
 public:
  explicit ListReader(simdjson::dom::array list) : list_(list) {}

  bool Take(int64_t& number) {
    return Next() && value_.get_int64().get(number) == simdjson::SUCCESS;
  }
  bool Take(std::optional<int64_t>& number) {
    if (!Next()) return false;
    if (value_.is_null()) return true;
    number.emplace();
    return value_.get_int64().get(*number) == simdjson::SUCCESS;
  }
  bool Take(std::vector<model::Position>& positions) {
    simdjson::dom::array pairs;
    if (!Next() || value_.get_array().get(pairs) != simdjson::SUCCESS) {
      return false;
    }
    for (const simdjson::dom::element pair : pairs) {
      simdjson::dom::array two;
      if (pair.get_array().get(two) != simdjson::SUCCESS) return false;
      ListReader reader(two);
      int64_t seq = 0;
      int64_t n = 0;
      if (!reader.Take(seq) || !reader.Take(n) || !reader.AtEnd()) return false;
      positions.push_back({seq, static_cast<int32_t>(n)});
    }
    return true;
  }
  bool AtEnd() const { return taken_ == list_.size(); }

 private:
  bool Next() {
    if (AtEnd()) return false;
    if (taken_ == 0) {
      at_ = list_.begin();
    } else {
      ++at_;
    }
    ++taken_;
    value_ = *at_;
    return true;
  }

  simdjson::dom::array list_;
  simdjson::dom::array::iterator at_;
  simdjson::dom::element value_;
  size_t taken_ = 0;
};

bool TakeMovement(simdjson::dom::element from, MovementNumbers& m) {
  simdjson::dom::array list;
  if (from.get_array().get(list) != simdjson::SUCCESS) return false;
  ListReader in(list);
  if (!(in.Take(m.kind) && in.Take(m.member) && in.Take(m.currency) &&
        in.Take(m.rule) && in.Take(m.award) && in.Take(m.units) &&
        in.Take(m.balance) && in.Take(m.earned_beyond) && in.Take(m.back) &&
        in.Take(m.jump))) {
    return false;
  }
  m.asked = m.limited = m.units;
  if (in.AtEnd()) return true;
  if (!(in.Take(m.asked) && in.Take(m.limited) && in.Take(m.cut))) return false;
  if (!in.AtEnd() && !(in.Take(m.cap_window) && in.Take(m.cap_used))) {
    return false;
  }
  if (!in.AtEnd() && !in.Take(m.reverses)) return false;
  if (!in.AtEnd() && !in.Take(m.settled_at)) return false;
  if (in.AtEnd()) return true;
  std::vector<model::Position> of;
  if (!(in.Take(m.vests) && in.Take(m.expires) && in.Take(of)) ||
      of.size() > 1) {
    return false;
  }
  if (!of.empty()) m.of = of.front();
  return in.AtEnd();
}

}  // namespace

int64_t MovementNumbers::earned() const {
  return static_cast<int64_t>(static_cast<uint64_t>(balance) +
                              static_cast<uint64_t>(earned_beyond));
}

void AppendMovements(const std::vector<MovementNumbers>& movements,
                     std::string& text) {
  text += '[';
  for (const MovementNumbers& movement : movements) {
    if (&movement != movements.data()) text += ',';
    AppendMovement(movement, text);
  }
  text += ']';
}

bool TakeMovements(std::string_view text,
                   std::vector<MovementNumbers>& movements) {
  if (text == "[]") return true;
  simdjson::dom::array list;
  if (!ParseList(text, list)) return false;
  for (const simdjson::dom::element one : list) {
    if (!TakeMovement(one, movements.emplace_back())) return false;
  }
  return true;
}

}  // namespace loyalty::wire
