// SPDX-License-Identifier: Apache-2.0
//
// Metrics of real events against references computed apart from us: what became
// of proposals, and what customers' repeat purchases come to.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

std::map<std::string, int64_t> MetricIn(const std::string& db,
                                        const std::string& metric) {
  const Ended ended =
      RunLoyalty({"metrics", "--db", db, "--metric", metric, "--json"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  std::map<std::string, int64_t> values;
  for (const Json& line : JsonLines(ended.out)) {
    EXPECT_EQ(line.at("metric"), metric);
    const char* const whose = line.contains("member") ? "member" : "object";
    values[line.at(whose)] = line.at("value");
  }
  return values;
}

int64_t Of(const std::map<std::string, int64_t>& values,
           const std::string& whose) {
  const auto found = values.find(whose);
  return found == values.end() ? 0 : found->second;
}

TEST(DaoGovernance, ProposalsPassAsTheReferenceSays) {
  const std::string folder = "data/dao-governance";
  const std::string events = SharedFile(folder + "/events.jsonl.gz");
  if (events.empty()) {
    GTEST_SKIP() << "no real data here: LOYALTY_SHARED does not name a folder "
                    "with "
                 << folder;
  }
  const store::TemporaryFolder temporary;
  const std::string db = temporary.File("dao.db");
  const Ended run = RunLoyalty({"run", "--program",
                                ExampleProgram("dao_governance.textproto"),
                                "--db", db, "--json", events});
  ASSERT_EQ(run.exit, 0) << run.err;
  EXPECT_EQ(Json::parse(run.out).at("recorded"), 11778);
  const auto yes = MetricIn(db, "yes");
  const auto no = MetricIn(db, "no");
  const auto threshold = MetricIn(db, "threshold");
  int64_t decided = 0;
  int64_t as_reference = 0;
  int64_t as_status = 0;
  for (const Json& line :
       JsonLines(ReadGzip(SharedFile(folder + "/oracle.jsonl.gz")))) {
    const std::string kind = line.at("kind");
    if (kind != "grant" && kind != "poi" && kind != "catalyst" &&
        kind != "ban_name") {
      continue;
    }
    const std::string proposal = line.at("proposal");
    ++decided;
    for (const auto& [choice, power] : line.at("reference_vp").items()) {
      if (choice != "yes" && choice != "no") continue;
      const double reference = std::stod(power.get<std::string>()) * 100'000.0;
      // Each vote is rounded by at most one half.
      const double most = line.at("reference_votes").get<double>() / 2 + 1;
      EXPECT_NEAR(static_cast<double>(Of(choice == "yes" ? yes : no, proposal)),
                  reference, most)
          << proposal << " " << choice;
    }
    const bool passed = Of(yes, proposal) > Of(no, proposal) &&
                        Of(yes, proposal) >= Of(threshold, proposal);
    as_reference += passed == line.at("reference_passed").get<bool>() ? 1 : 0;
    const std::string status = line.at("status");
    const bool official = status == "enacted" || status == "passed";
    as_status += passed == official ? 1 : 0;
  }
  EXPECT_EQ(decided, 271);
  EXPECT_EQ(as_reference, 271);
  EXPECT_EQ(as_status, 269);
  // The rules said one or the other of each that ended.
  int64_t by_rules = 0;
  for (const std::string currency : {"passed", "rejected"}) {
    for (const auto& [member, count] : BalancesIn(db, currency)) {
      by_rules += count;
    }
  }
  int64_t ended = 0;
  for (const Json& line : JsonLines(ReadGzip(events))) {
    ended += line.at("type") == "proposal_ended" ? 1 : 0;
  }
  EXPECT_EQ(by_rules, ended);
  EXPECT_EQ(RunLoyalty({"verify", "--db", db}).exit, 0);
}

// Of a number with two decimals, as text, how many hundredths there are.
int64_t Hundredths(const Json& text) {
  return std::llround(std::stod(text.get<std::string>()) * 100);
}

int64_t Rounded(double hundredths) { return std::llround(hundredths); }

TEST(Cdnow, RepeatPurchasesAreThoseOfTheReferenceForEveryCustomer) {
  const std::string folder = "data/cdnow";
  const std::string events = SharedFile(folder + "/events.jsonl.gz");
  if (events.empty()) {
    GTEST_SKIP() << "no real data here: LOYALTY_SHARED does not name a folder "
                    "with "
                 << folder;
  }
  const store::TemporaryFolder temporary;
  const std::string db = temporary.File("cdnow.db");
  // The reference knows no later day.
  const std::string until = temporary.File("until.jsonl");
  {
    std::ofstream file(until);
    for (const Json& line : JsonLines(ReadGzip(events))) {
      if (line.at("time").get<std::string>() < "1997-10-01") {
        file << line.dump() << "\n";
      }
    }
  }
  const Ended run = RunLoyalty({"run", "--program",
                                ExampleProgram("repeat_purchases.textproto"),
                                "--db", db, "--json", until});
  ASSERT_EQ(run.exit, 0) << run.err;
  const auto days = MetricIn(db, "days");
  const auto first = MetricIn(db, "first_day");
  const auto last = MetricIn(db, "last_day");
  const auto cents = MetricIn(db, "cents");
  const auto first_cents = BalancesIn(db, "first_day");
  constexpr int64_t kEnd = 10'134;  // 1997-09-30
  int64_t customers = 0;
  int64_t different = 0;
  for (const Json& line :
       JsonLines(ReadGzip(SharedFile(folder + "/oracle.jsonl.gz")))) {
    const std::string customer = line.at("customer");
    ++customers;
    const int64_t repeats = Of(days, customer) - 1;
    const int64_t began = -Of(first, customer);
    const auto recency = static_cast<double>(Of(last, customer) - began);
    const auto age = static_cast<double>(kEnd - began);
    const auto repeat_cents =
        static_cast<double>(Of(cents, customer) - Of(first_cents, customer));
    const int64_t mean =
        repeats == 0 ? 0 : Rounded(repeat_cents / static_cast<double>(repeats));
    const bool is_same =
        repeats == line.at("repeat_days") &&
        Rounded(recency * 100 / 7) == Hundredths(line.at("recency_weeks")) &&
        Rounded(age * 100 / 7) == Hundredths(line.at("age_weeks")) &&
        mean == Hundredths(line.at("mean_repeat_amount"));
    if (is_same || ++different > 10) continue;
    ADD_FAILURE() << line << ": " << repeats << " days, " << recency
                  << " days from first to last, " << age << " to the end, "
                  << mean;
  }
  EXPECT_EQ(customers, 1179);
  EXPECT_EQ(different, 0);
  EXPECT_EQ(RunLoyalty({"verify", "--db", db}).exit, 0);
}

}  // namespace
}  // namespace loyalty::command
