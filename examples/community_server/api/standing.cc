// SPDX-License-Identifier: Apache-2.0
//
// How members stand: profile, statement, badges, next steps, vouchers; and why
// an event gave what it gave.
#include <absl/cleanup/cleanup.h>
#include <absl/strings/numbers.h>

#include <semaphore>

#include "api/api.h"
#include "rewards/as_json.h"

namespace community {
namespace {

void ShowProfile(Community& community, const Call& call) {
  const std::string member = MemberNamed(call, false);
  const loyalty::MemberProfile profile =
      OrRefuse(community.rewards.Look()->Member(member));
  const bool sees_all = call.caller.Has(kRead) || call.caller.member == member;
  call.AnswerText(
      ProfileText(profile, community.content.NameOf(member), sees_all));
}

// "SEQ.N" of the last line seen; for "", from the newest on.
std::pair<int64_t, int32_t> PlaceOf(const std::string& before) {
  if (before.empty()) return {loyalty::Queries::kNewest, 0};
  const size_t dot = before.find('.');
  int64_t seq = 0;
  int32_t n = 0;
  if (dot == std::string::npos ||
      !absl::SimpleAtoi(before.substr(0, dot), &seq) ||
      !absl::SimpleAtoi(before.substr(dot + 1), &n) || seq < 0 || n < 0) {
    throw Refusal(400,
                  "\"before\" has to be the \"before\" of a page that was "
                  "answered");
  }
  return {seq, n};
}

void ShowStatement(Community& community, const Call& call) {
  const std::string member = MemberNamed(call, true);
  const auto limit = call.AskedNumber("limit", 1, 50, 500);
  const auto [seq, n] = PlaceOf(call.Asked("before"));
  // One more than asked for says whether there is more.
  auto lines = OrRefuse(community.rewards.Look()->StatementBefore(
      member, call.Asked("currency"), seq, n, static_cast<int>(limit) + 1));
  std::optional<std::string> before;
  if (static_cast<int64_t>(lines.size()) > limit) {
    lines.pop_back();
    before =
        std::to_string(lines.back().seq) + "." + std::to_string(lines.back().n);
  }
  call.AnswerText(StatementText(member, lines, before));
}

void ShowBadges(Community& community, const Call& call) {
  const std::string member = MemberNamed(call, false);
  Json body = {{"member", member}, {"badges", Json::array()}};
  for (const loyalty::HeldBadge& badge :
       OrRefuse(community.rewards.Look()->Badges(member))) {
    body["badges"].push_back(AsJson(badge));
  }
  call.Answer(body);
}

// Some hundred events are decided for each goal, so few may ask at once.
std::counting_semaphore<4> nexts(4);

void ShowNext(Community& community, const Call& call) {
  const std::string member = MemberNamed(call, true);
  const auto limit = call.AskedNumber("limit", 1, 5, 20);
  if (!nexts.try_acquire_for(std::chrono::seconds(2))) {
    throw Refusal(503, "too many ask what to do next", {{"retry_after", 2}});
  }
  const absl::Cleanup release = [] { nexts.release(); };
  Json body = {{"member", member}, {"goals", Json::array()}};
  for (const loyalty::NextGoal& goal :
       OrRefuse(community.rewards.Look()->NextSteps(
           member, absl::Now(), {.how_many = static_cast<int>(limit)}))) {
    body["goals"].push_back(AsJson(goal));
  }
  call.Answer(body);
}

void ShowVouchers(Community& community, const Call& call) {
  const std::string member = MemberNamed(call, true);
  Json body = {{"member", member}, {"vouchers", Json::array()}};
  // Codes are for who has them alone.
  const bool is_own = call.caller.member == member;
  for (const loyalty::MemberVoucher& voucher :
       OrRefuse(community.rewards.Look()->Vouchers(
           member, absl::Now(), is_own ? community.voucher_key : ""))) {
    body["vouchers"].push_back(AsJson(voucher));
  }
  call.Answer(body);
}

// For a member, what it was to them, without a word about others; for who may
// look at everything, all of it.
void Explain(Community& community, const Call& call) {
  const std::string& event = call.names[0];
  const Rewards::View view = community.rewards.Look();
  if (call.caller.Has(kRead)) {
    return call.Answer(AsJson(OrRefuse(view->Explain(event))));
  }
  const loyalty::Explanation explanation = OrRefuse(view->Explain(event));
  const std::string& member = call.caller.member;
  Json body = AsJsonFor(explanation.outcome, member, explanation.event.type);
  body["time"] = Rfc3339(explanation.event.time);
  body["rules"] = Json::array();
  for (const loyalty::RuleForMember& rule :
       OrRefuse(view->ExplainRules(event, member, ""))) {
    body["rules"].push_back(AsJson(rule));
  }
  // Nobody else's doings.
  if (explanation.event.actor != member && body["effects"].empty()) {
    throw Refusal(404, "there is no such event of yours");
  }
  call.Answer(body);
}

}  // namespace

std::string MemberNamed(const Call& call, bool is_private) {
  const std::string& name = call.names[0];
  const std::string& member = call.caller.member;
  if (name == "me") {
    if (member.empty()) throw Refusal(404, "only who signed in is \"me\"");
    return member;
  }
  if (is_private && name != member && !call.caller.Has(kRead)) {
    throw Refusal(403, "that is for " + name + " alone");
  }
  return name;
}

std::vector<Route> StandingRoutes(Community& community) {
  const auto shows = [&community](void (*show)(Community&, const Call&)) {
    return [&community, show](const Call& call) { show(community, call); };
  };
  return {
      {"GET", "/api/members/{member}", kLooks, {}, shows(ShowProfile)},
      {"GET",
       "/api/members/{member}/statement",
       kLooks,
       {},
       shows(ShowStatement)},
      {"GET", "/api/members/{member}/badges", kLooks, {}, shows(ShowBadges)},
      {"GET", "/api/members/{member}/next", kLooks, {}, shows(ShowNext)},
      {"GET",
       "/api/members/{member}/vouchers",
       kLooks,
       {},
       shows(ShowVouchers)},
      {"GET", "/api/explain/{event}", kLooks, {}, shows(Explain)},
  };
}

}  // namespace community
