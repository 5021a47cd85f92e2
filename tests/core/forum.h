// SPDX-License-Identifier: Apache-2.0
//
// A program put together by hand, since reading text is another room's work:
// likes earn their post's owner 10 rep, capped at 25 a day, and the actor a
// point, twice a day.
#ifndef LOYALTY_TESTS_CORE_FORUM_H_
#define LOYALTY_TESTS_CORE_FORUM_H_

#include <gtest/gtest.h>

#include <memory>

#include "rules/compile.h"

namespace loyalty::core {

inline model::Text T(std::string text) { return {std::move(text), {}}; }

inline model::LimitSpec TwiceADay() {
  model::LimitSpec twice;
  twice.per = base::Period::kDay;
  twice.times = 2;
  return twice;
}

// `limits` are of what the actor is awarded.
inline std::shared_ptr<const rules::CompiledProgram> Forum(
    const std::vector<model::LimitSpec>& limits = {TwiceADay()},
    const std::string& time_zone = "") {
  model::ProgramSpec spec;
  spec.time_zone = T(time_zone);
  spec.name = T("forum");
  spec.version = T("1");
  model::CurrencySpec rep;
  rep.id = T("rep");
  rep.opening = rep.floor = 1;
  rep.daily_cap = model::DailyCapSpec{.units = 25};
  model::CurrencySpec points;
  points.id = T("points");
  spec.currencies = {rep, points};
  model::AttributeSpec owner;
  owner.name = T("owner");
  owner.type = model::Type::kMember;
  spec.event_types = {{T("like"), {owner}}};
  model::MetricSpec likes;
  likes.id = T("likes");
  likes.on = {T("like")};
  likes.per = T("target");
  spec.metrics = {likes};
  model::AwardSpec to_owner;
  to_owner.to = T("event.owner");
  to_owner.currency = T("rep");
  to_owner.units = T("10");
  model::AwardSpec to_actor;
  to_actor.currency = T("points");
  to_actor.units = T("1");
  to_actor.limits = limits;
  model::RuleSpec rule;
  rule.id = T("liked");
  rule.on = {T("like")};
  rule.awards = {to_owner, to_actor};
  spec.rules = {rule};
  rules::Compilation compilation = rules::Compile(spec);
  for (const model::Finding& finding : compilation.findings) {
    if (finding.error) ADD_FAILURE() << finding.message;
  }
  return compilation.program;
}

inline Event Like(const std::string& id) {
  return {.id = id,
          .type = "like",
          .time = absl::FromUnixSeconds(1'767'268'800),
          .actor = "ada",
          .target = "post",
          .attributes = {{"owner", "grace"}}};
}

}  // namespace loyalty::core

#endif  // LOYALTY_TESTS_CORE_FORUM_H_
