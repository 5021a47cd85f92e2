// SPDX-License-Identifier: Apache-2.0
//
// See caught_up.h. An event says it so:
//
//   "counters": [{"counter": "metric:answers", "more": 14}, ..]
//   "budgets":  [{"counter": "budget:program", "more": 140}, ..]
//   "awards":   [{"rule": "answering", "award": 0, "currency": "points",
//                 "units": 140, "of": [3, 8, ..], "each": [10, 10, ..]}, ..]
//   "grants":   [{"badge": "helper", "of": 8, "awards": [..]}, ..]
//   "members":  ["bob", ..], who counters are kept apart by, as places
//
// "limited" beside "each" says what limits count, where a rule has any.
#include "core/caught_up.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "base/views.h"
#include "core/counters.h"
#include "core/validate.h"

namespace loyalty::core {
namespace {

using base::av;
using rules::CompiledProgram;

constexpr char kCounters[] = "counters";
constexpr char kBudgets[] = "budgets";
constexpr char kAwards[] = "awards";
constexpr char kGrants[] = "grants";
constexpr char kMembers[] = "members";

absl::Status NoSense(std::string_view where, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("attributes.", av(where), ": ", av(what)));
}

// An object of a list, whose parts have to be of their types.
class Piece {
 public:
  // ERRORS: kInvalidArgument if `value` is no object.
  static absl::StatusOr<Piece> Of(std::string_view where, const Value& value) {
    const auto* map = std::get_if<Value::Map>(&value.get());
    if (map == nullptr) return NoSense(where, "its items are objects");
    return Piece(where, *map);
  }

  bool Has(std::string_view name) const { return map_->contains(name); }

  absl::StatusOr<std::string> Text(std::string_view name) const {
    const auto found = map_->find(name);
    const auto* text = found == map_->end()
                           ? nullptr
                           : std::get_if<std::string>(&found->second.get());
    if (text == nullptr) return Lacks(name, "a text");
    return *text;
  }

  // From `least` to `most`.
  absl::StatusOr<int64_t> Int(std::string_view name, int64_t least,
                              int64_t most) const {
    const auto found = map_->find(name);
    const auto* number = found == map_->end()
                             ? nullptr
                             : std::get_if<int64_t>(&found->second.get());
    if (number == nullptr || *number < least || *number > most) {
      return Lacks(name, absl::StrCat("a number from ", least, " to ", most));
    }
    return *number;
  }

  absl::StatusOr<std::vector<int64_t>> Ints(std::string_view name) const {
    const auto found = map_->find(name);
    const auto* list = found == map_->end()
                           ? nullptr
                           : std::get_if<Value::List>(&found->second.get());
    if (list == nullptr) return Lacks(name, "a list of numbers");
    std::vector<int64_t> numbers;
    for (const Value& item : *list) {
      const auto* number = std::get_if<int64_t>(&item.get());
      if (number == nullptr) return Lacks(name, "a list of numbers");
      numbers.push_back(*number);
    }
    return numbers;
  }

  const Value* Find(std::string_view name) const {
    const auto found = map_->find(name);
    return found == map_->end() ? nullptr : &found->second;
  }

  absl::Status Lacks(std::string_view name, std::string_view what) const {
    return NoSense(where_, absl::StrCat(av(name), " is not ", av(what)));
  }

 private:
  Piece(std::string_view where, const Value::Map& map)
      : where_(where), map_(&map) {}

  std::string_view where_;
  const Value::Map* map_;
};

// Calls `see` for each object of the attribute, a list, if it is there.
template <typename See>
absl::Status ForEachPiece(std::string_view where, const Value* value,
                          const See& see) {
  if (value == nullptr) return absl::OkStatus();
  const auto* list = std::get_if<Value::List>(&value->get());
  if (list == nullptr) return NoSense(where, "it is a list");
  for (const Value& item : *list) {
    ASSIGN_OR_RETURN(const Piece part, Piece::Of(where, item));
    RETURN_IF_ERROR(see(part));
  }
  return absl::OkStatus();
}

const Value* Find(const Event& event, std::string_view name) {
  const auto found = event.attributes.find(name);
  return found == event.attributes.end() ? nullptr : &found->second;
}

class Reading {
 public:
  Reading(const CompiledProgram& program, const Event& event)
      : program_(program), event_(event) {
    const auto add = [this](model::Symbol name) { counters_.insert(name); };
    for (const rules::MetricTerms& metric : program.metrics) {
      const bool is_streak = metric.kind == rules::MetricKind::kStreak;
      if (metric.is_told() || is_streak) ForEachCounterOf(metric, add);
    }
    for (const rules::Quest& quest : program.quests) {
      if (!quest.is_together()) ForEachCounterOf(quest, add);
    }
    for (const std::string& rule : program.rule_ids) {
      ForEachCounterOfRule(program, rule, add);
    }
  }

  absl::StatusOr<CaughtUp> Read() {
    const auto read = [this](const char* where, const auto& what) {
      return ForEachPiece(where, Find(event_, where), what);
    };
    RETURN_IF_ERROR(read(kCounters, [this](const Piece& part) {
      return ReadCount(part, said_.counts);
    }));
    RETURN_IF_ERROR(read(kBudgets, [this](const Piece& part) {
      return ReadCount(part, said_.budgets);
    }));
    RETURN_IF_ERROR(
        read(kAwards, [this](const Piece& part) { return ReadAward(part); }));
    RETURN_IF_ERROR(
        read(kGrants, [this](const Piece& part) { return ReadGrant(part); }));
    const bool of_member = event_.actor.has_value();
    if (!of_member && !(said_.awards.empty() && said_.grants.empty())) {
      return absl::InvalidArgumentError(
          "actor: is missing: the member who is given something");
    }
    return std::move(said_);
  }

 private:
  absl::Status ReadCount(const Piece& part,
                         std::vector<CaughtUp::Count>& counts) {
    CaughtUp::Count count;
    ASSIGN_OR_RETURN(const std::string name, part.Text("counter"));
    const auto known = std::find_if(
        counters_.begin(), counters_.end(),
        [&](const model::Symbol& one) { return one.text() == name; });
    if (known == counters_.end()) {
      return part.Lacks("counter", "one of the program's");
    }
    count.counter.name = *known;
    constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
    ASSIGN_OR_RETURN(count.more, part.Int("more", -kMost, kMost));
    if (part.Has("window")) {
      ASSIGN_OR_RETURN(count.counter.window, part.Int("window", -kMost, kMost));
    }
    ASSIGN_OR_RETURN(count.counter.key, KeyIn(part));
    counts.push_back(std::move(count));
    return absl::OkStatus();
  }

  absl::StatusOr<model::CounterKeyPart> KeyIn(const Piece& part) {
    if (part.Has("member")) {
      const Value* const value = Find(event_, kMembers);
      const auto* members =
          value == nullptr ? nullptr : std::get_if<Value::List>(&value->get());
      const int64_t most = members == nullptr ? -1 : std::ssize(*members) - 1;
      ASSIGN_OR_RETURN(const int64_t place, part.Int("member", 0, most));
      const auto* id = std::get_if<std::string>(
          &(*members)[static_cast<size_t>(place)].get());
      if (id == nullptr) return part.Lacks("member", "one of members");
      return MemberEntity(*id);
    }
    if (!part.Has("key")) return model::CounterKeyPart();
    ASSIGN_OR_RETURN(const std::string id, part.Text("key"));
    if (!IsId(id)) return part.Lacks("key", "an id");
    return ObjectEntity(id);
  }

  absl::StatusOr<CaughtUp::Award> AwardIn(const Piece& part,
                                          const std::string& rule) {
    const int number = program_.RuleNumber(rule);
    if (number < 0) return part.Lacks("rule", "one of the program's");
    const int64_t awards = std::ssize(program_.limits[number]);
    CaughtUp::Award award{.rule = model::Symbol(program_.rule_ids[number])};
    ASSIGN_OR_RETURN(const int64_t which, part.Int("award", 0, awards - 1));
    award.award = static_cast<int32_t>(which);
    ASSIGN_OR_RETURN(const std::string currency, part.Text("currency"));
    award.currency = program_.CurrencyIndex(currency);
    if (award.currency < 0) {
      return part.Lacks("currency", "one of the program's");
    }
    ASSIGN_OR_RETURN(award.units, part.Int("units", 1, base::kMaxAmount));
    return award;
  }

  absl::Status ReadAward(const Piece& part) {
    ASSIGN_OR_RETURN(const std::string rule, part.Text("rule"));
    ASSIGN_OR_RETURN(CaughtUp::Award award, AwardIn(part, rule));
    ASSIGN_OR_RETURN(const std::vector<int64_t> of, part.Ints("of"));
    ASSIGN_OR_RETURN(const std::vector<int64_t> each, part.Ints("each"));
    std::vector<int64_t> limited = each;
    if (part.Has("limited")) {
      ASSIGN_OR_RETURN(limited, part.Ints("limited"));
    }
    if (each.size() != of.size() || limited.size() != of.size()) {
      return part.Lacks("each", "as long as of");
    }
    for (size_t i = 0; i < of.size(); ++i) {
      award.of.push_back(
          {.seq = of[i], .limited = limited[i], .units = each[i]});
    }
    said_.awards.push_back(std::move(award));
    return absl::OkStatus();
  }

  absl::Status ReadGrant(const Piece& part) {
    ASSIGN_OR_RETURN(const std::string id, part.Text("badge"));
    const rules::Badge* const badge = program_.FindBadge(id);
    if (badge == nullptr ||
        (badge->quest >= 0 && program_.quests[badge->quest].is_together())) {
      return part.Lacks("badge", "one of the program's");
    }
    CaughtUp::Grant grant{.badge =
                              static_cast<int>(badge - program_.badges.data())};
    ASSIGN_OR_RETURN(grant.seq,
                     part.Int("of", 1, std::numeric_limits<int64_t>::max()));
    if (badge->per_target) {
      ASSIGN_OR_RETURN(grant.object, part.Text("object"));
      if (!IsId(*grant.object)) return part.Lacks("object", "an id");
    }
    RETURN_IF_ERROR(
        ForEachPiece(kGrants, part.Find("awards"), [&](const Piece& of_it) {
          absl::StatusOr<CaughtUp::Award> award =
              AwardIn(of_it, badge->counter.text());
          if (!award.ok()) return award.status();
          grant.awards.push_back(*std::move(award));
          return absl::OkStatus();
        }));
    said_.grants.push_back(std::move(grant));
    return absl::OkStatus();
  }

  const CompiledProgram& program_;
  const Event& event_;
  std::set<model::Symbol> counters_;
  CaughtUp said_;
};

Value::Map AwardAsMap(const CaughtUp::Award& award,
                      const CompiledProgram& program) {
  return {{"award", int64_t{award.award}},
          {"currency", program.currencies[award.currency].id},
          {"units", award.units}};
}

}  // namespace

absl::StatusOr<CaughtUp> CaughtUpIn(const CompiledProgram& program,
                                    const Event& event) {
  return Reading(program, event).Read();
}

void AddTo(Attributes& attributes, const CaughtUp& caught_up,
           const CompiledProgram& program) {
  Value::List counters, budgets, awards, grants, members;
  const auto add_count = [&](const CaughtUp::Count& count, Value::List& to) {
    Value::Map one = {{"counter", count.counter.name.text()},
                      {"more", count.more}};
    if (count.counter.window != 0) one.emplace("window", count.counter.window);
    if (count.counter.key.kind() == model::Entity::Kind::kMember) {
      one.emplace("member", std::ssize(members));
      members.emplace_back(count.counter.key.id());
    } else if (!count.counter.key.empty()) {
      one.emplace("key", count.counter.key.id());
    }
    to.emplace_back(std::move(one));
  };
  for (const CaughtUp::Count& count : caught_up.counts) {
    add_count(count, counters);
  }
  for (const CaughtUp::Count& count : caught_up.budgets) {
    add_count(count, budgets);
  }
  for (const CaughtUp::Award& award : caught_up.awards) {
    Value::Map one = AwardAsMap(award, program);
    one.emplace("rule", award.rule.text());
    Value::List of, each, limited;
    bool differs = false;
    for (const CaughtUp::Source& source : award.of) {
      of.emplace_back(source.seq);
      each.emplace_back(source.units);
      limited.emplace_back(source.limited);
      differs |= source.limited != source.units;
    }
    one.emplace("of", std::move(of));
    one.emplace("each", std::move(each));
    if (differs) one.emplace("limited", std::move(limited));
    awards.emplace_back(std::move(one));
  }
  for (const CaughtUp::Grant& grant : caught_up.grants) {
    Value::Map one = {{"badge", program.badges[grant.badge].id},
                      {"of", grant.seq}};
    if (grant.object.has_value()) one.emplace("object", *grant.object);
    Value::List of_it;
    for (const CaughtUp::Award& award : grant.awards) {
      of_it.emplace_back(AwardAsMap(award, program));
    }
    if (!of_it.empty()) one.emplace("awards", std::move(of_it));
    grants.emplace_back(std::move(one));
  }
  const auto add = [&](const char* name, Value::List& list) {
    if (!list.empty()) attributes.insert_or_assign(name, std::move(list));
  };
  add(kCounters, counters);
  add(kBudgets, budgets);
  add(kAwards, awards);
  add(kGrants, grants);
  add(kMembers, members);
}

void ForEachCounterOf(const rules::MetricTerms& metric,
                      absl::FunctionRef<void(model::Symbol)> see) {
  // Of what is told apart, how many there are, or the largest, follows.
  see(metric.is_tallied() ? metric.tally : metric.counter);
}

void ForEachCounterOf(const rules::Quest& quest,
                      absl::FunctionRef<void(model::Symbol)> see) {
  see(quest.joined_counter);
  see(quest.done_counter);
  see(quest.before_counter);
  for (const rules::QuestStep& step : quest.steps) see(step.counter);
}

void ForEachCounterOfRule(const CompiledProgram& program, std::string_view rule,
                          absl::FunctionRef<void(model::Symbol)> see) {
  const int number = program.RuleNumber(rule);
  if (number < 0) return;
  for (const auto& limits : program.limits[number]) {
    for (const rules::Limit& limit : limits) see(limit.counter.name);
  }
  for (const auto& budgets : program.budgets[number]) {
    for (const rules::Budget& budget : budgets) see(budget.counter.name);
  }
}

const rules::MetricTerms* TalliedIn(const CompiledProgram& program,
                                    model::Symbol name) {
  const auto found = std::find_if(
      program.metrics.begin(), program.metrics.end(), [&](const auto& metric) {
        return metric.is_told() && metric.is_tallied() && metric.tally == name;
      });
  return found == program.metrics.end() ? nullptr : &*found;
}

Counted TallyOf(const CompiledProgram& program,
                const rules::MetricTerms& metric, model::CounterKey tally) {
  using rules::MetricKind;
  Counted counted{.kind = metric.kind, .tally = std::move(tally)};
  if (metric.kind == MetricKind::kMax) {
    counted.amount = rules::IntOfKey(counted.tally.key);
  }
  if (metric.is_rolling()) return counted;
  const bool of_days = metric.kind == MetricKind::kDays;
  counted.counter = {
      .name = metric.counter,
      .window = of_days
                    ? rules::MetricWindow(
                          metric, absl::FromUnixSeconds(counted.tally.window),
                          program.time_zone)
                    : counted.tally.window,
      .key = of_days ? counted.tally.key : model::CounterKeyPart()};
  return counted;
}

std::string NamedFor(rules::MetricKind kind, std::string_view metric) {
  const std::string id(metric);
  if (kind == rules::MetricKind::kStreak) return "streak:" + id;
  if (kind == rules::MetricKind::kStep) {
    return "quest:" + id.substr(0, id.find('/'));  // "ID/STEP"
  }
  return id;
}

model::CounterKey CatchUpsCounter() {
  static const model::Symbol name("catch_up");
  return {.name = name};
}

model::CounterKey MetricCaughtUp(std::string_view metric) {
  return {.name = model::Symbol(
              absl::StrCat("catch_up:metric:", base::av(metric)))};
}

model::CounterKey BroughtFor(int64_t seq, int64_t by) {
  static const model::Symbol name("catch_up:of");
  return {.name = name, .window = seq, .key = rules::KeyOfInt(by)};
}

model::CounterRange AllBroughtFor(int64_t seq) {
  return {.name = BroughtFor(seq, 0).name,
          .from = seq,
          .to = seq,
          .key = {},
          .any_key = true};
}

}  // namespace loyalty::core
